"""Fits of workspaces with cabinetry: parameters, their impacts, and predictions.

Fits use Minuit, and uncertainties follow from the Hessian matrix. The impact of a
parameter is the shift of mu when the parameter moves by one post-fit standard
deviation, to first order: the correlation of both times the uncertainty of mu. Fits
with the parameter fixed at these values (`cabinetry.fit.ranking`) agree for parameters
that act linearly, but need four fits for each parameter.
"""

import logging

import cabinetry
import numpy as np
import polars as pl
import pyhf

from hepfold.analysis import fit_stages, workspaces
from hepfold.core import columns, logs

# cabinetry logs every fit and every parameter.
logging.getLogger("cabinetry").setLevel(logging.WARNING)
logging.getLogger("pyhf").setLevel(logging.WARNING)

# Fits to Asimov data start away from their solution, so that they have to find it: at
# this strength, and with nuisance parameters shifted by this much.
FIRST_MU, FIRST_SHIFT = 1.2, 0.05
# Strategy and tolerance of Minuit: an accurate Hessian matrix, and a precise minimum.
STRATEGY, TOLERANCE = 2, 0.01
# mu may become negative until the signal cancels this fraction of the background in the
# bin with the most signal.
LARGEST_DEFICIT = 0.9
# Largest deviation in a fit to Asimov data: of mu in units of its uncertainty, and of
# pulls.
CLOSURE = 0.02

Model, FitResults = pyhf.Model, cabinetry.fit.FitResults


def asimov(record: dict) -> tuple[pyhf.Model, list[float]]:
    """The model of a workspace, and its expected data for mu = 1."""
    return cabinetry.model_utils.model_and_data(record, asimov=True)


def recorded(record: dict) -> tuple[pyhf.Model, list[float]]:
    """The model of a workspace, and its observations."""
    return cabinetry.model_utils.model_and_data(record)


def fitted(model: pyhf.Model, data: list[float]) -> FitResults:
    """Best-fit parameters and their covariance.

    Raises
    ------
    logs.InputError
        If the fit does not converge.
    """
    first = np.array(model.config.suggested_init()) + FIRST_SHIFT
    first[model.config.poi_index] = FIRST_MU
    fixed = model.config.suggested_fixed()
    first = np.where(fixed, model.config.suggested_init(), first)
    try:
        return cabinetry.fit.fit(
            model,
            data,
            init_pars=first.tolist(),
            par_bounds=bounds(model),
            strategy=STRATEGY,
            tolerance=TOLERANCE,
        )
    except pyhf.exceptions.FailedMinimization as error:
        raise logs.InputError(
            f"the fit does not converge ({error}); merge bins with few events: raise "
            "inference.min_background, or reduce inference.max_uncertainty"
        ) from error


def bounds(model: pyhf.Model) -> list[tuple[float, float]]:
    """Bounds of the parameters; mu may be negative as long as no bin is."""
    parameters = np.array(model.config.suggested_init())
    contents = []
    for mu in (0.0, 1.0):
        parameters[model.config.poi_index] = mu
        expected = model.expected_data(parameters, include_auxdata=False)
        contents.append(np.array(expected))
    background, signal = contents[0], contents[1] - contents[0]
    filled = signal > 0
    lowest = -LARGEST_DEFICIT * (background[filled] / signal[filled]).min()
    suggested = list(model.config.suggested_bounds())
    _, highest = suggested[model.config.poi_index]
    suggested[model.config.poi_index] = (float(lowest), highest)
    return suggested


def strength(model: pyhf.Model, results: FitResults) -> dict[str, float]:
    """Fitted signal strength and its uncertainty."""
    i_mu = model.config.poi_index
    return {
        "mu": float(results.bestfit[i_mu]),
        "mu_unc": float(results.uncertainty[i_mu]),
    }


def parameters(
    model: pyhf.Model, results: FitResults, groups: dict[str, list[str]]
) -> pl.DataFrame:
    """Pull and impact of each nuisance parameter, largest impact first.

    The pull is the difference between fitted and expected value in units of the pre-fit
    uncertainty; `pull_unc` is the post-fit uncertainty in that unit.
    """
    i_mu = model.config.poi_index
    before = cabinetry.model_utils.prefit_uncertainties(model)
    expected = cabinetry.model_utils.asimov_parameters(model)
    group_of = {name: group for group, names in groups.items() for name in names}
    free = [i for i, unc in enumerate(before) if i != i_mu and unc > 0]
    shift = results.corr_mat[i_mu] * results.uncertainty[i_mu]
    table = pl.DataFrame(
        {
            "parameter": [results.labels[i] for i in free],
            "group": [group_of[results.labels[i].partition("[")[0]] for i in free],
            "value": results.bestfit[free],
            "unc": results.uncertainty[free],
            "pull": (results.bestfit[free] - expected[free]) / before[free],
            "pull_unc": results.uncertainty[free] / before[free],
            "impact": shift[free],
        },
        schema_overrides={"parameter": pl.String, "group": pl.String},
    )
    return table.sort(pl.col("impact").abs(), descending=True, maintain_order=True)


def closure(model: pyhf.Model, data: list[float]) -> tuple[FitResults, dict]:
    """The fit to Asimov data, and its distance from the true parameters."""
    results = fitted(model, data)
    fitted_mu = strength(model, results)
    expected = cabinetry.model_utils.asimov_parameters(model)
    before = cabinetry.model_utils.prefit_uncertainties(model)
    pulls = (results.bestfit - expected)[before > 0] / before[before > 0]
    largest = float(np.abs(pulls).max(initial=0.0))
    if max(largest, abs(fitted_mu["mu"] - 1) / fitted_mu["mu_unc"]) > CLOSURE:
        logging.warning(
            "The fit to Asimov data of mu = 1 gives mu = %.4f +- %.4f, and a largest "
            "pull of %.3f: its uncertainties are not reliable.",
            fitted_mu["mu"],
            fitted_mu["mu_unc"],
            largest,
        )
    return results, {**fitted_mu, "largest_pull": largest}


def predictions(
    model: pyhf.Model, results: FitResults | None, stage: str
) -> pl.DataFrame:
    """Expected events of each process in each bin, and their sum with its uncertainty.

    Before the fit without results, otherwise after it. Parameters that the results
    lack, such as those of MC statistics of other bins, keep their pre-fit values.
    """
    if results is not None:
        results = cabinetry.model_utils.match_fit_results(model, results)
    made = cabinetry.model_utils.prediction(model, fit_results=results)
    rows = []
    for i, channel in enumerate(model.config.channels):
        of_channel = dict(zip(model.config.samples, made.model_yields[i], strict=True))
        total = np.sum(made.model_yields[i], axis=0).tolist()
        for process, contents in (*of_channel.items(), (fit_stages.TOTAL, total)):
            unc = made.total_stdev_model_bins[i][-1]
            rows += [
                {
                    "stage": stage,
                    "channel": channel,
                    "bin": i_bin,
                    columns.PROCESS: process,
                    "expected": float(content),
                    "expected_unc": float(unc[i_bin])
                    if process == fit_stages.TOTAL
                    else None,
                }
                for i_bin, content in enumerate(contents)
            ]
    schema = {"expected_unc": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


def observed_results(model: pyhf.Model, data: list[float]) -> dict[str, float]:
    """Observed discovery significance, and observed CLs limit on mu at 95 %."""
    significance = cabinetry.fit.significance(model, data)
    limit = cabinetry.fit.limit(model, data)
    return {
        "discovery_significance": float(significance.observed_significance),
        "upper_limit": float(limit.observed_limit),
    }


def uncertainty_of(
    record: dict, groups: tuple[str, ...], systematics: list[str]
) -> float:
    """Uncertainty of mu in a fit to Asimov data with some groups of uncertainties."""
    model = workspaces.model(record, groups, systematics)
    data = cabinetry.model_utils.asimov_data(model)
    return strength(model, fitted(model, data))["mu_unc"]
