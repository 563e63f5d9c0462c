"""Figures: each as PDF and PNG, with the numbers it shows as CSV."""


rule plot_roc:
    """Plot background rejection, and signal, against background efficiency."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure("results/figures/{dataset}/{model}/roc", "Performance", "ROC curve"),
        figure(
            "results/figures/{dataset}/{model}/roc_rates",
            "Performance",
            "signal against background efficiency",
            rates_pdf=".pdf",
            rates_png=".png",
        ),
    log:
        "results/logs/plot_roc/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=settings(
            "plot_roc.py",
            n_replicas="evaluation/n_replicas",
            seed="seed",
            style="figures/style",
        ),
    script:
        "../../scripts/plot_roc.py"


rule compare_rocs:
    """Plot the ROC curves of all models of a data set over each other."""
    input:
        curves=expand(rules.plot_roc.output.csv, model=DRAWN_MODELS, allow_missing=True),
        metrics=expand(
            rules.evaluate.output.metrics, model=DRAWN_MODELS, allow_missing=True
        ),
    output:
        figure(
            "results/figures/{dataset}/rocs", "Performance", "ROC curves of all models"
        ),
        figure(
            "results/figures/{dataset}/rocs_rates",
            "Performance",
            "signal against background, all models",
            rates_pdf=".pdf",
            rates_png=".png",
        ),
    log:
        "results/logs/compare_rocs/{dataset}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("compare_rocs.py", style="figures/style"),
    script:
        "../../scripts/compare_rocs.py"


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
    threads: 2
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=settings(
            "plot_ams.py",
            n_replicas="evaluation/n_replicas",
            seed="seed",
            style="figures/style",
        ),
    script:
        "../../scripts/plot_ams.py"


rule plot_scores:
    """Plot the expected events by score, and test over out-of-fold events."""
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
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("plot_scores.py", style="figures/style"),
    script:
        "../../scripts/plot_scores.py"


rule plot_reliability:
    """Plot the fraction of signal against the score."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/reliability",
            "Performance",
            "reliability",
        ),
    log:
        "results/logs/plot_reliability/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("plot_reliability.py", style="figures/style"),
    script:
        "../../scripts/plot_reliability.py"


rule plot_sculpting:
    """Plot the shape of a mass in background before and after cuts on the score."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
        train=rules.ingest.output.train,
    output:
        figure(
            "results/figures/{dataset}/{model}/sculpting",
            "Performance",
            "mass before and after cuts",
        ),
    log:
        "results/logs/plot_sculpting/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings("plot_sculpting.py", seed="seed", style="figures/style"),
    script:
        "../../scripts/plot_sculpting.py"


rule plot_mass_aucs:
    """Plot the AUC at each mass hypothesis, where the data have one."""
    input:
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/mass_aucs",
            "Performance",
            "AUC by mass hypothesis",
        ),
    log:
        "results/logs/plot_mass_aucs/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("plot_mass_aucs.py", style="figures/style"),
    script:
        "../../scripts/plot_mass_aucs.py"


rule compare_mass_aucs:
    """Plot the AUC at each mass hypothesis of all models over each other."""
    input:
        metrics=expand(
            rules.evaluate.output.metrics, model=DRAWN_MODELS, allow_missing=True
        ),
    output:
        figure(
            "results/figures/{dataset}/mass_aucs",
            "Performance",
            "AUC by mass hypothesis, all models",
        ),
    log:
        "results/logs/compare_mass_aucs/{dataset}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("compare_mass_aucs.py", style="figures/style"),
    script:
        "../../scripts/compare_mass_aucs.py"


rule plot_history:
    """Plot loss, AUC and learning rate of the trainings of all folds of a model."""
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
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("plot_history.py", style="figures/style"),
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
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings(
            "plot_learning_rates.py",
            learning_rate="models/{model}/learning_rate",
            style="figures/style",
        ),
    script:
        "../../scripts/plot_learning_rates.py"
