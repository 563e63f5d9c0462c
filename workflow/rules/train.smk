"""Training: one job per fold gives the out-of-fold scores of its events."""


rule train_fold:
    """Train an ensemble on every fold but one; score that one and the test events."""
    input:
        train=rules.ingest.output.train,
        test=rules.ingest.output.test,
    output:
        model="results/models/{dataset}/{model}/fold_{fold}.safetensors",
        history="results/models/{dataset}/{model}/fold_{fold}_history.csv",
        scores="results/scores/{dataset}/{model}/fold_{fold}.parquet",
    log:
        "results/logs/train_fold/{dataset}/{model}/fold_{fold}.log",
    conda:
        "../../envs/gpu.yaml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=1,
    params:
        settings=settings(
            "train_fold.py",
            seed="seed",
            n_folds="folds/n_folds",
            model="models/{model}",
            device="training/device",
        ),
    script:
        "../../scripts/train_fold.py"
