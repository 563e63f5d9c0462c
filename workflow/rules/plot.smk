"""Figures: each as PDF and PNG, with the numbers it shows as CSV."""


rule plot_roc:
    """Plot background rejection against signal efficiency."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure("results/figures/{dataset}/{model}/roc", "Performance", "ROC curve"),
    log:
        "results/logs/plot_roc/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
        gpu=0,
    params:
        settings=settings("plot_roc.py"),
    script:
        "../../scripts/plot_roc.py"


rule plot_ams:
    """Plot the AMS against the cut."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/ams",
            "Performance",
            "AMS against the cut",
        ),
    log:
        "results/logs/plot_ams/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
        gpu=0,
    params:
        settings=settings("plot_ams.py"),
    script:
        "../../scripts/plot_ams.py"


rule plot_scores:
    """Plot the score distributions of signal and background."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/scores",
            "Performance",
            "score distributions",
        ),
    log:
        "results/logs/plot_scores/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
        gpu=0,
    params:
        settings=settings("plot_scores.py"),
    script:
        "../../scripts/plot_scores.py"


rule plot_history:
    """Plot loss and learning rate of the trainings of all folds of a model."""
    input:
        histories=expand(
            rules.train_fold.output.history, fold=FOLDS, allow_missing=True
        ),
        train=rules.ingest.output.train,
    output:
        figure("results/figures/{dataset}/{model}/history", "Training", "history"),
    log:
        "results/logs/plot_history/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
        gpu=0,
    params:
        settings=settings("plot_history.py"),
    script:
        "../../scripts/plot_history.py"


rule plot_learning_rates:
    """Plot the loss of a range test against the learning rate."""
    input:
        table=rules.test_learning_rates.output.csv,
        train=rules.ingest.output.train,
    output:
        figure(
            "results/figures/{dataset}/{model}/learning_rates",
            "Training",
            "range test",
            pdf=".pdf",
            png=".png",
        ),
    log:
        "results/logs/plot_learning_rates/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
        gpu=0,
    params:
        settings=settings(
            "plot_learning_rates.py", learning_rate="models/{model}/learning_rate"
        ),
    script:
        "../../scripts/plot_learning_rates.py"
