"""Fit a workspace: parameters, impacts, predictions, breakdown of uncertainties."""

import logging

import polars as pl

from hepfold.analysis import breakdown, fit_stages, fits, workspaces
from hepfold.core import files, logs
from hepfold.publish import fit_tables

# Ending of the names of channels of the spectrum, whose bins are not those of the fit.
SPECTRUM = "_spectrum"


def fit_parameters(
    workspace_path: str,
    inference_path: str,
    params: dict,
    fit_path: str,
    csv_path: str,
    markdown_path: str,
) -> None:
    """Write the results of the fit, and the breakdown as tables.

    Data are the recorded events if no bin is blinded, else Asimov data of mu = 1.
    """
    workspace, inference = map(files.read_json, (workspace_path, inference_path))
    systematics = inference["systematics"]
    is_observed = inference["is_observed"]
    model, data = fits.asimov(workspace)
    results, closure = fits.closure(model, data)
    observed = None
    if is_observed:
        model, data = fits.recorded(workspace)
        results = fits.fitted(model, data)
        observed = fits.observed_results(model, data)
    groups = workspaces.groups(workspace, systematics)
    table = breakdown.table(workspace, systematics)
    named = {name: inference[name] for name in ("dataset", "model", "title", "toy")}
    record = {
        **named,
        "events": inference["events"],
        "has_recorded": "observed" in inference["bins"][0],
        "data": "recorded" if is_observed else "Asimov",
        "closure": closure,
        **fits.strength(model, results),
        "observed": observed,
        "parameters": fits.parameters(model, results, groups).to_dicts(),
        "breakdown": table.to_dicts(),
        "predictions": predictions(model, results).to_dicts(),
        "spectrum": spectrum(inference, results),
        "settings": params,
    }
    files.write_json(fit_path, record)
    files.write_csv(csv_path, table)
    files.write_text(markdown_path, fit_tables.breakdown(record) + "\n")
    shown = record["data"], record["mu"], record["mu_unc"]
    logging.info("Fit to %s data: mu = %.3f +- %.3f", *shown)


def predictions(model: fits.Model, results: fits.FitResults) -> pl.DataFrame:
    """Expected events before and after the fit."""
    return pl.concat(
        [
            fits.predictions(model, None, fit_stages.PREFIT),
            fits.predictions(model, results, fit_stages.POSTFIT),
        ]
    )


def spectrum(inference: dict, results: fits.FitResults) -> list[dict] | None:
    """The spectrum above the cut before and after the fit, if there are templates."""
    if inference["spectrum"] is None:
        return None
    renamed = pl.col("channel") + SPECTRUM
    record = inference["spectrum"]
    templates = pl.DataFrame(record["templates"]).with_columns(renamed)
    effects = pl.DataFrame(record.get("effects", []))
    if not effects.is_empty():
        effects = effects.with_columns(renamed)
    named = inference["normalizations"], inference["luminosity"]
    model, _ = fits.asimov(workspaces.workspace(templates, *named, effects))
    table = predictions(model, results)
    return table.with_columns(pl.col("channel").str.strip_suffix(SPECTRUM)).to_dicts()


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    fit_parameters(
        workspace_path=snakemake.input.workspace,
        inference_path=snakemake.input.inference,
        params=snakemake.params.settings,
        fit_path=snakemake.output.fit,
        csv_path=snakemake.output.csv,
        markdown_path=snakemake.output.markdown,
    )
