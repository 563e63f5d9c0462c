"""Blends: models of the run in one, without training."""


rule blend_fold:
    """Blend the models of one fold, with weights fitted on the other folds."""
    input:
        models=of_parts(rules.train_fold.output.model),
        scores=of_parts(rules.train_fold.output.scores, FOLDS),
        costs=of_parts(rules.train_fold.output.cost),
        train=rules.ingest.output.train,
    output:
        model=rules.train_fold.output.model,
        scores=rules.train_fold.output.scores,
        weights="results/models/{dataset}/{model}/fold_{fold}_weights.json",
        cost=rules.train_fold.output.cost,
    log:
        "results/logs/blend_fold/{dataset}/{model}/fold_{fold}.log",
    wildcard_constraints:
        model="|".join(BLENDS) or "none",
    conda:
        "../../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings(
            "blend_fold.py",
            model="models/{model}",
            parts=part_settings,
            negative_weights="datasets/{dataset}/negative_weights",
            training="training",
        ),
    script:
        "../../scripts/blend_fold.py"


rule tabulate_blends:
    """Write the table of the weights of all blends of a run."""
    input:
        weights=expand(
            rules.blend_fold.output.weights,
            dataset=DATASETS,
            model=[model for model in ALL_MODELS if model in BLENDS],
            fold=FOLDS,
        ),
    output:
        csv="results/tables/blends.csv",
        markdown="results/tables/blends.md",
        page=in_report(
            "results/tables/blends.html", "Training", "weights of blends", "blends"
        ),
    log:
        "results/logs/tabulate_blends.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("tabulate_blends.py"),
    script:
        "../../scripts/tabulate_blends.py"


# Published if the run has a blend.
OF_BLENDS = rules.tabulate_blends.output if rules.tabulate_blends.input else []
