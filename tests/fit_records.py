"""Records of a fit of the made-up analysis, as figures read them."""

from functools import cache

import fit_samples
import polars as pl
import process_samples

from hepfold.analysis import fit_inputs, fit_stages, observables

PROCESSES = [vars(process) for process in process_samples.DECLARED]
MASS = observables.Observable("mass", "m (GeV)", cut=fit_samples.CUT)


def predictions(inputs: fit_inputs.Inputs) -> list[dict]:
    """The templates as predictions of both stages, in the order of pyhf."""
    named = inputs.templates.with_columns(
        bin=(pl.col("low").rank("dense").over("channel") - 1).cast(pl.Int64)
    ).select("channel", "bin", "process", "expected")
    total = named.group_by("channel", "bin").agg(pl.sum("expected"))
    total = total.with_columns(
        process=pl.lit(fit_stages.TOTAL), expected_unc=0.1 * pl.col("expected")
    )
    table = pl.concat([named, total], how="diagonal").sort("channel", "process", "bin")
    return [
        {"stage": stage, **row}
        for stage in (fit_stages.PREFIT, fit_stages.POSTFIT)
        for row in table.to_dicts()
    ]


@cache
def records(is_blinded: bool = True) -> tuple[dict, dict]:
    """Records of inference and of the fit, with recorded events."""
    analysis = fit_samples.analysis(is_blinded=is_blinded)
    fitted = fit_inputs.of_score(analysis)
    spectrum = fit_inputs.of_spectrum(analysis, MASS)
    inference = {
        **fit_inputs.record(fitted),
        "spectrum": fit_inputs.record(spectrum),
        "settings": {"inference": {"observable": "score"}},
    }
    groups = ("simulation", "normalization", "shape")
    fit = {
        "dataset": "tth",
        "model": "mlp",
        "title": process_samples.TITLE,
        "toy": False,
        "data": "Asimov" if is_blinded else "recorded",
        "mu": 1.02,
        "mu_unc": 0.21,
        "predictions": predictions(fitted),
        "spectrum": predictions(spectrum),
        "parameters": [
            {"parameter": f"{group}_{i}", "group": group, "value": 0.1 * i, "unc": 0.9}
            | {"pull": 0.1 * i, "pull_unc": 0.9, "impact": (-1) ** i * 0.1 / (i + 1)}
            for i in range(12)
            for group in groups
        ],
    }
    return inference, fit
