"""Inference: templates, a workspace, and results of its fit."""


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


rule fit_parameters:
    """Fit a workspace; compute impacts, predictions and a breakdown of uncertainties."""
    input:
        workspace=rules.fit_workspace.output.workspace,
        inference=rules.fit_workspace.output.inference,
    output:
        fit="results/inference/{dataset}/{model}/fit.json",
        csv="results/inference/{dataset}/{model}/breakdown.csv",
        markdown="results/inference/{dataset}/{model}/breakdown.md",
    log:
        "results/logs/fit_parameters/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(60, 0.05),
        gpu=0,
    params:
        settings=settings("fit_parameters.py"),
    script:
        "../../scripts/fit_parameters.py"


rule export_templates:
    """Write templates as ROOT histograms and CSV, and a table of systematic effects."""
    input:
        inference=rules.fit_workspace.output.inference,
    output:
        multiext(
            "results/inference/{dataset}/{model}/systematics",
            effects_csv=".csv",
            effects_md=".md",
        ),
        root="results/inference/{dataset}/{model}/templates.root",
        csv="results/inference/{dataset}/{model}/templates.csv",
    log:
        "results/logs/export_templates/{dataset}/{model}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    params:
        settings=settings("export_templates.py"),
    script:
        "../../scripts/export_templates.py"


use rule draw as plot_parameters with:
    """Plot impacts and pulls of the nuisance parameters."""
    input:
        fit=rules.fit_parameters.output.fit,
    output:
        figure(
            "results/figures/{dataset}/{model}/impacts",
            "Inference",
            "impacts of nuisance parameters",
        ),
        figure(
            "results/figures/{dataset}/{model}/pulls",
            "Inference",
            "pulls of nuisance parameters",
            pulls_pdf=".pdf",
            pulls_png=".png",
            pulls_csv=".csv",
        ),
    log:
        "results/logs/plot_parameters/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_parameters"),


use rule draw as plot_regions with:
    """Plot the templates of each region before and after the fit."""
    input:
        inference=rules.fit_workspace.output.inference,
        fit=rules.fit_parameters.output.fit,
    output:
        figure(
            "results/figures/{dataset}/{model}/prefit",
            "Inference",
            "regions before the fit",
        ),
        figure(
            "results/figures/{dataset}/{model}/postfit",
            "Inference",
            "regions after the fit",
            postfit_pdf=".pdf",
            postfit_png=".png",
            postfit_csv=".csv",
        ),
    log:
        "results/logs/plot_regions/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_regions", processes=processes_of),


use rule draw as plot_spectrum with:
    """Plot the spectrum above the cut by process, before and after the fit."""
    input:
        inference=rules.fit_workspace.output.inference,
        fit=rules.fit_parameters.output.fit,
    output:
        figure(
            "results/figures/{dataset}/{model}/spectrum_prefit",
            "Inference",
            "spectrum above the cut, before the fit",
        ),
        figure(
            "results/figures/{dataset}/{model}/spectrum_postfit",
            "Inference",
            "spectrum above the cut, after the fit",
            postfit_pdf=".pdf",
            postfit_png=".png",
            postfit_csv=".csv",
        ),
    log:
        "results/logs/plot_spectrum/{dataset}/{model}.log",
    params:
        settings=figure_settings("plot_spectrum", processes=processes_of),


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
