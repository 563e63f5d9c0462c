"""Evaluation: figures of merit from the scores of all folds."""


rule evaluate:
    """Merge the scores of all folds and compute the figures of merit of a model."""
    input:
        scores=expand(rules.train_fold.output.scores, fold=FOLDS, allow_missing=True),
        train=rules.ingest.output.train,
        test=rules.ingest.output.test,
    output:
        scores="results/scores/{dataset}/{model}/merged.parquet",
        replicas="results/scores/{dataset}/{model}/replicas.parquet",
        metrics="results/metrics/{dataset}/{model}.json",
    log:
        "results/logs/evaluate/{dataset}/{model}.log",
    cache: CACHE
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings(
            "evaluate.py",
            title="datasets/{dataset}/title",
            normalization="datasets/{dataset}/normalization",
            b_reg="datasets/{dataset}/b_reg",
            evaluation="evaluation",
            seed="seed",
        ),
    script:
        "../../scripts/evaluate.py"


rule compare_models:
    """Compare all models with each other and with published results, and their costs."""
    input:
        metrics=expand(
            rules.evaluate.output.metrics, dataset=DATASETS, model=ALL_MODELS
        ),
        costs=expand(
            rules.train_fold.output.cost,
            dataset=DATASETS,
            model=ALL_MODELS,
            fold=FOLDS,
        ),
    output:
        metrics="results/metrics.csv",
        summary="results/tables/summary.md",
        comparison=multiext("results/tables/comparison", ".csv", ".md", ".tex"),
        uncertainties=multiext("results/tables/uncertainties", ".csv", ".md"),
        costs=multiext("results/tables/costs", ".csv", ".md"),
        comparison_page=in_report(
            "results/tables/comparison.html",
            "Performance",
            "comparison of models",
            "comparison",
        ),
        uncertainties_page=in_report(
            "results/tables/uncertainties.html",
            "Performance",
            "parts of uncertainties",
            "uncertainties",
        ),
        costs_page=in_report(
            "results/tables/costs.html", "Training", "time and memory", "costs"
        ),
    log:
        "results/logs/compare_models.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(500, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("compare_models.py"),
    script:
        "../../scripts/compare_models.py"


rule compare_pairs:
    """Compare models in pairs on shared replicas: differences and p-values."""
    input:
        metrics=expand(
            rules.evaluate.output.metrics, dataset=DATASETS, model=ALL_MODELS
        ),
        replicas=expand(
            rules.evaluate.output.replicas, dataset=DATASETS, model=ALL_MODELS
        ),
        scores=expand(rules.evaluate.output.scores, dataset=DATASETS, model=ALL_MODELS),
    output:
        csv="results/tables/pairs.csv",
        markdown="results/tables/pairs.md",
        page=in_report(
            "results/tables/pairs.html", "Performance", "models in pairs", "pairs"
        ),
    log:
        "results/logs/compare_pairs.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("compare_pairs.py"),
    script:
        "../../scripts/compare_pairs.py"


rule examine_claim:
    """Compute the AMS as in the Higgs ML challenge, and with unscaled weights."""
    input:
        scores=expand(rules.evaluate.output.scores, dataset="higgsml", model=ALL_MODELS),
        metrics=expand(
            rules.evaluate.output.metrics, dataset="higgsml", model=ALL_MODELS
        ),
    output:
        csv="results/tables/claim.csv",
        markdown="results/tables/claim.md",
        page=in_report(
            "results/tables/claim.html",
            "Performance",
            "the claim of SuperTML",
            "claim",
        ),
    log:
        "results/logs/examine_claim.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("examine_claim.py"),
    script:
        "../../scripts/examine_claim.py"
