"""Write a HistFactory workspace of the templates, and expected fit results."""

import logging
from dataclasses import replace

from hepfold.analysis import (
    fit_inputs,
    limits,
    observables,
    process_templates,
    score_bins,
    score_tables,
    template_effects,
    varied_templates,
    workspaces,
)
from hepfold.core import columns, files, logs, parsing, settings, settings_datasets
from hepfold.data import declared_processes

# Uncertainties of the normalization of processes, and of the luminosity.
Named = tuple[workspaces.Normalizations, workspaces.Normalizations]


def fit_workspace(
    scores_path: str,
    metrics_path: str,
    fold_paths: list[str],
    variation_paths: list[str],
    recorded_paths: list[str],
    params: dict,
    workspace_path: str,
    inference_path: str,
) -> None:
    """Write the workspace of one model, and its expected significance and limits.

    `fold_paths` hold the spectrum of the events, if its templates are filled too.
    """
    metrics = files.read_json(metrics_path)
    analysis = read_analysis(
        scores_path, variation_paths, recorded_paths, metrics, params
    )
    fitted, shown = templates_of(analysis, fold_paths, params)
    named = normalizations(analysis, params)
    systematics = list(dict.fromkeys(v.systematic for v in analysis.variations))
    workspace = workspaces.workspace(
        fitted.templates, *named, fitted.effects, fitted.observed or ()
    )
    result = {
        **params["wildcards"],
        "title": metrics["title"],
        "toy": metrics["toy"],
        "events": fitted.subset,
        "normalizations": named[0],
        "luminosity": named[1],
        "systematics": systematics,
        "is_observed": fitted.is_observed and not analysis.is_blinded,
        "expected": limits.expected_results(workspace, systematics),
        **record(fitted, named, analysis),
        "spectrum": record(shown, named, analysis) if shown else None,
        "settings": params,
    }
    files.write_json(workspace_path, workspace, sealed=False)
    files.write_json(inference_path, result)
    log_results(result)


def normalizations(analysis: fit_inputs.Analysis, params: dict) -> Named:
    """Uncertainties of the normalization of processes, and of the luminosity."""
    by_process = process_templates.normalizations(
        analysis.processes, params["background_uncertainty"]
    )
    luminosity = process_templates.luminosity(
        analysis.processes, params["luminosity_uncertainty"]
    )
    return by_process, luminosity


def log_results(result: dict) -> None:
    """Log the expected significance and limit with each set of uncertainties."""
    n_bins, name = len(result["bins"]), result["events"]
    logging.info("Expected results with %d bins of %s events:", n_bins, name)
    for kind, results in result["expected"].items():
        significance, limit = results["discovery_significance"], results["upper_limit"]
        logging.info("%s: Z = %.3f, mu < %.3f", kind, significance, limit["median"])


def read_analysis(
    scores_path: str,
    variation_paths: list[str],
    recorded_paths: list[str],
    metrics: dict,
    params: dict,
) -> fit_inputs.Analysis:
    """Scored events, varied events and recorded events of a data set."""
    recorded = [files.read_table(path) for path in recorded_paths]
    return fit_inputs.Analysis(
        files.read_table(scores_path),
        score_tables.expected(metrics["normalization"]),
        parsing.parse(params["inference"], settings.Inference),
        declared_processes.parse(params["processes"]),
        tuple(params["regions"]),
        [
            varied_templates.Variation(**about, table=files.read_table(path))
            for about, path in zip(params["variations"], variation_paths, strict=True)
        ],
        params["mirrored"],
        recorded[0] if recorded else None,
        metrics["cut"],
        params["blinded"],
    )


def templates_of(
    analysis: fit_inputs.Analysis, fold_paths: list[str], params: dict
) -> tuple[fit_inputs.Inputs, fit_inputs.Inputs | None]:
    """Inputs of the fit, and of the spectrum above the cut if it is shown too."""
    place = f"datasets.{params['wildcards']['dataset']}.spectrum"
    is_score = analysis.inference.observable == columns.SCORE
    if is_score and not (fold_paths and analysis.cut is not None):
        return fit_inputs.of_score(analysis), None
    spectrum = params["spectrum"] and parsing.parse(
        params["spectrum"], settings_datasets.Spectrum
    )
    observable = observables.of_spectrum(spectrum, analysis.cut, place)
    scores = observables.with_column(analysis.scores, observable.column, fold_paths)
    with_spectrum = replace(analysis, scores=scores)
    above_cut = fit_inputs.of_spectrum(with_spectrum, observable)
    if is_score:
        return fit_inputs.of_score(analysis), above_cut
    if above_cut is None:
        raise logs.InputError(
            f"{place}: in no region do the events above the cut fill a bin; "
            f"{score_bins.requirement(analysis.inference)}"
        )
    return above_cut, None


def record(
    inputs: fit_inputs.Inputs,
    named: Named,
    analysis: fit_inputs.Analysis,
) -> dict:
    """The inputs of a fit with the uncertainty of the background in each bin."""
    bins = process_templates.with_normalization_unc(
        inputs.bins, inputs.templates, *named
    )
    if not inputs.effects.is_empty():
        backgrounds = [
            p.name for p in analysis.processes if p.label == columns.BACKGROUND
        ]
        bins = template_effects.with_systematic_unc(bins, inputs.effects, backgrounds)
    return fit_inputs.record(replace(inputs, bins=bins))


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    fit_workspace(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        fold_paths=list(snakemake.input.folds),
        variation_paths=list(snakemake.input.variations),
        recorded_paths=list(snakemake.input.recorded),
        params=snakemake.params.settings,
        workspace_path=snakemake.output.workspace,
        inference_path=snakemake.output.inference,
    )
