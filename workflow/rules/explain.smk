"""Insight: feature importance and dependence, embeddings and saliency."""


rule relate_features:
    """Measure how well each feature is predicted by all others."""
    input:
        train=rules.ingest.output.train,
    output:
        csv="results/figures/{dataset}/dependence.csv",
    log:
        "results/logs/relate_features/{dataset}.log",
    conda:
        "../../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000, 5),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings(
            "relate_features.py",
            seed="seed",
            n_folds="folds/n_folds",
            n_events="insight/n_events",
        ),
    script:
        "../../scripts/relate_features.py"


use rule draw as plot_dependence with:
    """Plot how well each feature is predicted by the others."""
    input:
        table=rules.relate_features.output.csv,
        train=rules.ingest.output.train,
    output:
        figure(
            "results/figures/{dataset}/dependence",
            "Insight",
            "dependence between features",
            pdf=".pdf",
            png=".png",
        ),
    log:
        "results/logs/plot_dependence/{dataset}.log",
    params:
        settings=figure_settings("plot_dependence"),


rule explain_model:
    """Compute permutation importance and partial dependence on out-of-fold events."""
    input:
        train=rules.ingest.output.train,
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
    output:
        importance="results/insight/{dataset}/{model}/importance.csv",
        dependence="results/insight/{dataset}/{model}/partial_dependence.csv",
    log:
        "results/logs/explain_model/{dataset}/{model}.log",
    cache: CACHE
    conda:
        "../../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000, 5),
        runtime=explanation_minutes(),
        gpu=GPU,
    params:
        settings=settings(
            "explain_model.py",
            model_modules,
            seed="seed",
            insight="insight",
            device="training/device",
        ),
    script:
        "../../scripts/explain_model.py"


use rule draw as plot_importance with:
    """Plot the loss of AUC when features are permuted."""
    input:
        table=rules.explain_model.output.importance,
        train=rules.ingest.output.train,
    output:
        figure(
            "results/figures/{dataset}/{model}/importance",
            "Insight",
            "importance of features",
        ),
    log:
        "results/logs/plot_importance/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_importance"),


use rule draw as plot_partial_dependence with:
    """Plot the partial dependence of the score on the most important features."""
    input:
        table=rules.explain_model.output.dependence,
        train=rules.ingest.output.train,
    output:
        figure(
            "results/figures/{dataset}/{model}/partial_dependence",
            "Insight",
            "partial dependence",
        ),
    log:
        "results/logs/plot_partial_dependence/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_partial_dependence"),


use rule draw as plot_embeddings with:
    """Plot distances between the learned embeddings of categorical features."""
    input:
        train=rules.ingest.output.train,
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
    output:
        figure(
            "results/figures/{dataset}/{model}/embeddings",
            "Insight",
            "embeddings of categories",
        ),
    log:
        "results/logs/plot_embeddings/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_embeddings"),


EMBEDDINGS = [
    path
    for dataset in DATASETS
    for model in MODELS
    if has_embeddings(dataset, model)
    for path in expand(rules.plot_embeddings.output, dataset=dataset, model=model)
]


use rule draw as plot_gallery with:
    """Plot the same events as images in all encodings."""
    input:
        train=rules.ingest.output.train,
    output:
        figure("results/figures/{dataset}/gallery", "Data", "events as images"),
    log:
        "results/logs/plot_gallery/{dataset}.log",
    conda:
        "../../envs/gpu.yaml"
    resources:
        mem_mb=memory(2000, 1),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=figure_settings(
            "plot_gallery",
            seed="seed",
            n_events="insight/n_events",
        ),


use rule draw as plot_saliency with:
    """Plot the saliency of each feature's cell in the images of a model."""
    input:
        train=rules.ingest.output.train,
        models=expand(rules.train_fold.output.model, fold=FOLDS, allow_missing=True),
        importance=expand(
            rules.explain_model.output.importance,
            model=OTHER_MODELS[:1],
            allow_missing=True,
        ),
    output:
        figure(
            "results/figures/{dataset}/{model}/saliency",
            "Insight",
            "saliency of cells",
        ),
    log:
        "results/logs/plot_saliency/{dataset}/{model}.log",
    wildcard_constraints:
        model="|".join(m for m, s in SETTINGS.models.items() if s.sees_images) or "none",
    conda:
        "../../envs/gpu.yaml"
    resources:
        mem_mb=memory(2000, 1),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=figure_settings(
            "plot_saliency",
            seed="seed",
            n_events="insight/n_events",
        ),
