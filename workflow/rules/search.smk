"""Search: Hyperband search for the best settings of a model.

Each fold has a separate search on its training events, so no event is scored by a model
whose settings it helped to choose.
"""

OF_SEARCH = "results/search/{dataset}/{model}/fold_{fold}"
OF_RUNG = f"{OF_SEARCH}/bracket_{{bracket}}/rung_{{rung}}"


wildcard_constraints:
    bracket=r"\d+",
    rung=r"\d+",
    trial=r"\d+",


rule choose_trials:
    """Choose the trials of a rung: random ones, or the best of the previous rung."""
    input:
        previous=previous_results,
    output:
        json=f"{OF_RUNG}.json",
    log:
        "results/logs/choose_trials/{dataset}/{model}/fold_{fold}_{bracket}_{rung}.log",
    wildcard_constraints:
        model="|".join(PLANS) or "none",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
        gpu=0,
    params:
        settings=settings("choose_trials.py", seed="seed", search="search/{model}"),
    script:
        "../../scripts/choose_trials.py"


rule train_trial:
    """Train a candidate for the epochs of its rung, and evaluate it."""
    input:
        train=rules.ingest.output.train,
        rung=rules.choose_trials.output.json,
    output:
        json=f"{OF_RUNG}/trial_{{trial}}.json",
    log:
        "results/logs/train_trial/{dataset}/{model}/fold_{fold}_{bracket}_{rung}_{trial}.log",
    wildcard_constraints:
        model="|".join(PLANS) or "none",
    cache: CACHE
    conda:
        "../../envs/gpu.yaml"
    threads: N_DEVICES
    resources:
        mem_mb=training_memory(N_DEVICES),
        runtime=training_minutes(),
        gpu=GPU * N_DEVICES,
    params:
        settings=settings(
            "train_trial.py",
            model_modules,
            seed="seed",
            n_folds="folds/n_folds",
            model="models/{model}",
            negative_weights="datasets/{dataset}/negative_weights",
            spectrum=decorrelated_spectrum,
            validation_fraction="search/{model}/validation_fraction",
            training="training",
        ),
    script:
        "../../scripts/train_trial.py"


rule pick_best:
    """Select the best trial; tuned models use its settings as an overlay."""
    input:
        results=all_results,
    output:
        csv=f"{OF_SEARCH}/trials.csv",
        best=f"{OF_SEARCH}/best.yaml",
    log:
        "results/logs/pick_best/{dataset}/{model}/fold_{fold}.log",
    wildcard_constraints:
        model="|".join(PLANS) or "none",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
        gpu=0,
    params:
        settings=settings("pick_best.py", search="search/{model}"),
    script:
        "../../scripts/pick_best.py"


use rule draw as plot_search with:
    """Plot the trials of a search, and the importance of the varied settings."""
    input:
        trials=expand(rules.pick_best.output.csv, fold=FOLDS, allow_missing=True),
        train=rules.ingest.output.train,
    output:
        figure("results/figures/{dataset}/{model}/search", "Training", "search"),
        figure(
            "results/figures/{dataset}/{model}/search_importance",
            "Training",
            "importance of settings",
            importance_pdf=".pdf",
            importance_png=".png",
            importance_csv=".csv",
        ),
    log:
        "results/logs/plot_search/{dataset}/{model}.log",
    wildcard_constraints:
        model="|".join(PLANS) or "none",
    params:
        settings=figure_settings(
            "plot_search",
            space="search/{model}/space",
            merit="search/{model}/merit",
        ),


TUNED = {config["models"][model]["tuned"] for model in TRAINED} - {None}
# Search results to publish if the run has tuned models.
SEARCHES = [
    *expand(
        [*rules.pick_best.output],
        dataset=DATASETS,
        model=sorted(TUNED),
        fold=FOLDS,
    ),
    *expand(rules.plot_search.output, dataset=DATASETS, model=sorted(TUNED)),
]
