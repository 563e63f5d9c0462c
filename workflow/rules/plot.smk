"""Figures of models: PDF and PNG, with the plotted numbers as CSV."""


use rule draw as plot_roc with:
    """Plot ROC curves: background rejection and background against signal efficiency."""
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
    priority: 1  # `compare_rocs` waits for it
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=figure_settings(
            "plot_roc",
            n_replicas="evaluation/n_replicas",
            seed="seed",
        ),


use rule draw as compare_rocs with:
    """Plot the ROC curves of all models of a data set in one figure."""
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
    params:
        settings=figure_settings("compare_rocs"),


use rule draw as plot_ams with:
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
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=figure_settings(
            "plot_ams",
            n_replicas="evaluation/n_replicas",
            seed="seed",
        ),


use rule draw as plot_scores with:
    """Plot expected events in bins of the score, and the ratio of test to out-of-fold."""
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
    params:
        settings=figure_settings("plot_scores", processes=processes_of),


use rule draw as plot_processes with:
    """Plot the background rejection of each process at several cuts on the score."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/processes",
            "Performance",
            "background rejection by process",
        ),
    log:
        "results/logs/plot_processes/{dataset}/{model}.log",
    params:
        settings=figure_settings(
            "plot_processes",
            processes=processes_of,
            working_points="evaluation/working_points",
        ),


use rule draw as plot_reliability with:
    """Plot the signal fraction against the score (calibration)."""
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
    params:
        settings=figure_settings("plot_reliability"),


use rule draw as plot_sculpting with:
    """Plot the background mass distribution before and after cuts on the score."""
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
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=figure_settings(
            "plot_sculpting",
            spectrum="datasets/{dataset}/spectrum",
            seed="seed",
        ),


use rule draw as compare_sculpting with:
    """Plot the rejection of all models against how much they sculpt the mass."""
    input:
        sculpting=expand(
            rules.plot_sculpting.output.csv, model=MODELS, allow_missing=True
        ),
        metrics=expand(rules.evaluate.output.metrics, model=MODELS, allow_missing=True),
    output:
        figure(
            "results/figures/{dataset}/sculpting",
            "Performance",
            "rejection and sculpting, all models",
        ),
    log:
        "results/logs/compare_sculpting/{dataset}.log",
    params:
        settings=figure_settings(
            "compare_sculpting",
            spectrum="datasets/{dataset}/spectrum",
            strengths=decorrelation_strengths,
        ),


use rule draw as plot_mass_aucs with:
    """Plot the AUC at each mass hypothesis."""
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
    params:
        settings=figure_settings("plot_mass_aucs"),


use rule draw as compare_mass_aucs with:
    """Plot the AUC of all models at each mass hypothesis in one figure."""
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
    params:
        settings=figure_settings("compare_mass_aucs"),


use rule draw as plot_history with:
    """Plot loss, AUC and learning rate against the epoch for all folds of a model."""
    input:
        histories=expand(
            rules.train_fold.output.history, fold=FOLDS, allow_missing=True
        ),
        train=rules.ingest.output.train,
    output:
        figure("results/figures/{dataset}/{model}/history", "Training", "history"),
    log:
        "results/logs/plot_history/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_history"),


use rule draw as plot_learning_rates with:
    """Plot the loss against the learning rate of a range test."""
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
    params:
        settings=figure_settings(
            "plot_learning_rates",
            learning_rate="models/{model}/learning_rate",
        ),


# Figures that every run shows for each of its models.
PLOTS_OF_MODEL = [
    *rules.plot_roc.output,
    *rules.plot_ams.output,
    *rules.plot_scores.output,
    *rules.plot_reliability.output,
]
