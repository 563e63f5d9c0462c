"""Inference: templates, a workspace, and results of its fit."""


def has_fits(dataset):
    """Whether a data set is fitted: it has several processes, systematics or data."""
    declared = SETTINGS.datasets[dataset]
    are_several = declared_processes.are_several(declared_processes.of(declared))
    return are_several or bool(declared.systematics or declared.data)


WITH_FITS = [dataset for dataset in DATASETS if has_fits(dataset)]


def spectrum_files(wildcards):
    """Fold files, if the spectrum above the cut is fitted or shown beside the fit."""
    has_spectrum = SETTINGS.datasets[wildcards.dataset].spectrum is not None
    is_fitted = config["inference"]["observable"] == "spectrum"
    if not (has_spectrum and (is_fitted or wildcards.dataset in WITH_FITS)):
        return []
    output = rules.ingest.output
    return expand([output.train, output.test], dataset=wildcards.dataset)


rule fit_workspace:
    """Write a HistFactory workspace of the templates; compute expected results."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
        folds=spectrum_files,
        variations=variation_paths,
        recorded=recorded_scores,
    output:
        workspace="results/inference/{dataset}/{model}/workspace.json",
        inference="results/inference/{dataset}/{model}/inference.json",
    log:
        "results/logs/fit_workspace/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(30, 0.05),
        gpu=0,
    params:
        settings=settings(
            "fit_workspace.py",
            inference="inference",
            processes=processes_of,
            regions=regions_of,
            variations=variations_of,
            mirrored=mirrored_in,
            spectrum="datasets/{dataset}/spectrum",
            blinded="datasets/{dataset}/blinded",
            luminosity_uncertainty="datasets/{dataset}/luminosity_uncertainty",
            background_uncertainty="evaluation/background_uncertainty",
        ),
    script:
        "../../scripts/fit_workspace.py"


use rule draw as plot_workspace with:
    """Plot the binned score of the workspace."""
    input:
        inference=rules.fit_workspace.output.inference,
    output:
        figure(
            "results/figures/{dataset}/{model}/workspace", "Inference", "binned score"
        ),
    log:
        "results/logs/plot_workspace/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_workspace", processes=processes_of),
