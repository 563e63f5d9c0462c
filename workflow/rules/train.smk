"""Training: one job per fold, which scores the events of that fold."""


rule train_fold:
    """Train an ensemble on all folds but one; score that fold and the test events."""
    input:
        train=rules.ingest.output.train,
        test=rules.ingest.output.test,
        best=best_settings,
        start=starting_files,
    output:
        model="results/models/{dataset}/{model}/fold_{fold}.safetensors",
        history="results/models/{dataset}/{model}/fold_{fold}_history.csv",
        scores="results/scores/{dataset}/{model}/fold_{fold}.parquet",
        cost="results/models/{dataset}/{model}/fold_{fold}_cost.json",
    log:
        "results/logs/train_fold/{dataset}/{model}/fold_{fold}.log",
    wildcard_constraints:
        model=TRAINABLE,
    cache: CACHE
    conda:
        "../../envs/gpu.yaml"
    threads: training_threads
    resources:
        mem_mb=training_memory(N_DEVICES),
        runtime=training_minutes(),
        gpu=GPU * N_DEVICES,
    params:
        settings=settings(
            "train_fold.py",
            model_modules,
            seed="seed",
            n_folds="folds/n_folds",
            model="models/{model}",
            negative_weights="datasets/{dataset}/negative_weights",
            spectrum=decorrelated_spectrum,
            training="training",
        ),
    script:
        "../../scripts/train_fold.py"


# Scores of each fold, which make those of further events comparable; none if they stay raw.
COMPARED_SCORES = (
    expand(rules.train_fold.output.scores, fold=FOLDS, allow_missing=True)
    if config["evaluation"]["fold_scores"] == "rank"
    else []
)


rule test_learning_rates:
    """Learning-rate range test: record the loss while the learning rate grows."""
    input:
        train=rules.ingest.output.train,
        start=starting_files,
    output:
        csv="results/figures/{dataset}/{model}/learning_rates.csv",
    log:
        "results/logs/test_learning_rates/{dataset}/{model}.log",
    wildcard_constraints:
        model=TRAINABLE,
    cache: CACHE
    conda:
        "../../envs/gpu.yaml"
    threads: 2
    resources:
        mem_mb=training_memory(),
        runtime=range_test_minutes(),
        gpu=GPU,
    params:
        settings=settings(
            "test_learning_rates.py",
            model_modules,
            seed="seed",
            n_folds="folds/n_folds",
            model="models/{model}",
            negative_weights="datasets/{dataset}/negative_weights",
            spectrum=decorrelated_spectrum,
            training="training",
            range_test="range_test",
        ),
    script:
        "../../scripts/test_learning_rates.py"
