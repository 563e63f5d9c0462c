"""Inference: expected results of a fit to the binned score."""


rule fit_workspace:
    """Write a HistFactory workspace of the binned score; compute expected results."""
    input:
        scores=rules.evaluate.output.scores,
        metrics=rules.evaluate.output.metrics,
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
