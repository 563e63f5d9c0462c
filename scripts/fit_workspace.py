"""Write a HistFactory workspace of the binned score, and expected fit results."""

import logging

from hepfold.analysis import limits, process_templates, score_bins, score_tables
from hepfold.core import files, logs, parsing, settings
from hepfold.data import declared_processes


def fit_workspace(
    scores_path: str,
    metrics_path: str,
    params: dict,
    workspace_path: str,
    inference_path: str,
) -> None:
    """Write the workspace of one model, and its expected significance and limits."""
    record = files.read_json(metrics_path)
    expected_events = score_tables.expected(record["normalization"])
    scores = files.read_table(scores_path)
    inference = parsing.parse(params["inference"], settings.Inference)
    processes = declared_processes.parse(params["processes"])
    bins, name = score_bins.binned_score(
        scores, expected_events, inference, tuple(params["regions"])
    )
    events = score_tables.evaluated_subsets(scores, expected_events)[name]
    filled = process_templates.filled(events, bins, processes)
    filled = process_templates.without_negative(filled)
    uncertainty = params["background_uncertainty"]
    normalizations = process_templates.normalizations(processes, uncertainty)
    bins = process_templates.with_normalization_unc(bins, filled, normalizations)
    workspace = limits.workspace(filled, normalizations)
    expected = limits.expected_results(workspace)
    result = {
        **params["wildcards"],
        "title": record["title"],
        "toy": record["toy"],
        "events": name,
        "normalizations": normalizations,
        "expected": expected,
        "bins": bins.to_dicts(),
        "templates": filled.to_dicts(),
        "settings": params,
    }
    files.write_json(workspace_path, workspace, sealed=False)
    files.write_json(inference_path, result)
    logging.info("Expected results with %d bins of %s events:", len(bins), name)
    for kind, results in expected.items():
        significance, limit = results["discovery_significance"], results["upper_limit"]
        logging.info("%s: Z = %.3f, mu < %.3f", kind, significance, limit["median"])


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    fit_workspace(
        scores_path=snakemake.input.scores,
        metrics_path=snakemake.input.metrics,
        params=snakemake.params.settings,
        workspace_path=snakemake.output.workspace,
        inference_path=snakemake.output.inference,
    )
