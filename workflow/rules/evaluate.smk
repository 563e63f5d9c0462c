"""Evaluation: from the scores of all folds to figures of merit."""


rule evaluate:
    """Merge the scores of all folds and find the figures of merit of a model."""
    input:
        scores=expand(rules.train_fold.output.scores, fold=FOLDS, allow_missing=True),
        train=rules.ingest.output.train,
        test=rules.ingest.output.test,
    output:
        scores="results/scores/{dataset}/{model}/merged.parquet",
        metrics="results/metrics/{dataset}/{model}.json",
    log:
        "results/logs/evaluate/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings(
            "evaluate.py", ams="ams", evaluation="evaluation", seed="seed"
        ),
    script:
        "../../scripts/evaluate.py"
