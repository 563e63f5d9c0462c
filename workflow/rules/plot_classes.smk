"""Figures of the classes of multi-class models."""


use rule draw as plot_class_rocs with:
    """Plot the ROC curve of each class of a multi-class model."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/class_rocs",
            "Performance",
            "ROC curve of each class",
        ),
    log:
        "results/logs/plot_class_rocs/{dataset}/{model}.log",
    threads: 2
    resources:
        mem_mb=memory(3000, 4),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=figure_settings(
            "plot_class_rocs",
            processes=processes_of,
            classes="models/{model}/classes",
            n_replicas="evaluation/n_replicas",
            seed="seed",
        ),


use rule draw as plot_confusion with:
    """Plot the most probable class of the events of each class."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
    output:
        figure(
            "results/figures/{dataset}/{model}/confusion",
            "Performance",
            "confusion of classes",
        ),
    log:
        "results/logs/plot_confusion/{dataset}/{model}.log",
    params:
        settings=figure_settings(
            "plot_confusion",
            processes=processes_of,
            classes="models/{model}/classes",
        ),
