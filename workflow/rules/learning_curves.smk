"""Learning curves: AUC against the number of training events, extrapolated."""

OF_CURVE = "results/learning_curves/{dataset}/{model}"
# Fractions as they are in the names of files, in rising order.
FRACTIONS = [str(x) for x in sorted(set(config["learning_curve"]["fractions"]))]
# Blends have no training of their own, and what a model starts from may have seen all events.
CURVE_MODELS = [
    name
    for name in MODELS
    if name not in BLENDS and not starting_models.start_of(SETTINGS.models[name])
]
CURVE_FOLDS = FOLDS[: config["learning_curve"]["n_folds"]]


rule train_fraction:
    """Train a model on a fraction of the training events; score the fold held out."""
    input:
        train=rules.ingest.output.train,
        best=best_settings,
    output:
        scores=f"{OF_CURVE}/fold_{{fold}}/fraction_{{fraction}}.parquet",
    log:
        "results/logs/train_fraction/{dataset}/{model}/fold_{fold}_{fraction}.log",
    wildcard_constraints:
        fraction=r"[\d.e-]+",
        model="|".join(CURVE_MODELS) or "none",
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
            "train_fraction.py",
            model_modules,
            seed="seed",
            n_folds="folds/n_folds",
            model="models/{model}",
            negative_weights="datasets/{dataset}/negative_weights",
            spectrum=decorrelated_spectrum,
            training="training",
        ),
    script:
        "../../scripts/train_fraction.py"


rule fit_learning_curve:
    """Measure the learning curve of a model, and fit a power law to it."""
    input:
        train=rules.ingest.output.train,
        fractions=expand(
            rules.train_fraction.output.scores,
            fold=CURVE_FOLDS,
            fraction=FRACTIONS,
            allow_missing=True,
        ),
        full=expand(
            rules.train_fold.output.scores, fold=CURVE_FOLDS, allow_missing=True
        ),
    output:
        points=f"{OF_CURVE}/points.csv",
        law=f"{OF_CURVE}/law.csv",
        fit=f"{OF_CURVE}/fit.json",
    log:
        "results/logs/fit_learning_curve/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 2),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings(
            "fit_learning_curve.py", extrapolate_to="learning_curve/extrapolate_to"
        ),
    script:
        "../../scripts/fit_learning_curve.py"


use rule draw as plot_learning_curve with:
    """Plot AUC against the number of training events, with the fit, for a model."""
    input:
        points=rules.fit_learning_curve.output.points,
        law=rules.fit_learning_curve.output.law,
        fit=rules.fit_learning_curve.output.fit,
    output:
        figure(
            "results/figures/{dataset}/{model}/learning_curve",
            "Training",
            "learning curve",
        ),
    log:
        "results/logs/plot_learning_curve/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_learning_curve"),


use rule draw as compare_learning_curves with:
    """Plot the learning curves of all models of a data set in one figure."""
    input:
        points=expand(
            rules.fit_learning_curve.output.points,
            model=CURVE_MODELS,
            allow_missing=True,
        ),
        laws=expand(
            rules.fit_learning_curve.output.law, model=CURVE_MODELS, allow_missing=True
        ),
        fits=expand(
            rules.fit_learning_curve.output.fit, model=CURVE_MODELS, allow_missing=True
        ),
    output:
        figure(
            "results/figures/{dataset}/learning_curves",
            "Training",
            "learning curves of all models",
        ),
    log:
        "results/logs/compare_learning_curves/{dataset}.log",
    params:
        settings=figure_settings("compare_learning_curves"),


# Learning curves to publish: all trainings take several times as long as without.
WITH_CURVES = DATASETS if CURVE_MODELS and config["learning_curve"]["publish"] else []
LEARNING_CURVES = [
    *expand(
        [*rules.fit_learning_curve.output, *rules.plot_learning_curve.output],
        dataset=WITH_CURVES,
        model=CURVE_MODELS,
    ),
    *expand(rules.compare_learning_curves.output, dataset=WITH_CURVES),
]
