"""Expected discovery significance and upper limits from the binned score, with pyhf.

The model is a HistFactory workspace with one channel per region (one channel in all
without regions) and one sample per process. Signal processes are scaled by the signal
strength mu. Normalization uncertainties are log-normal. Each bin has one MC statistical
uncertainty of the whole background (`staterror`, after Barlow and Beeston 1993,
doi:10.1016/0010-4655(93)90005-W). Bins of low score are nearly pure background and
constrain its normalization. MC statistics of the signal are neglected: they do not
enter the background-only hypothesis that a discovery rejects.

Results use the asymptotic formulae of Cowan et al. 2011, arXiv:1007.1727; equation
numbers below refer to it. Asimov data are the expected events. To inspect the
workspace: `pyhf inspect workspace.json`, `pyhf cls workspace.json`.
"""

import logging

import numpy as np
import polars as pl
import pyhf
from scipy import optimize, stats

from hepfold.core import columns

# pyhf would log every parameter of every model.
logging.getLogger("pyhf").setLevel(logging.WARNING)

# Modifiers of HistFactory: normalization, and MC statistical uncertainty.
NORMALIZATION, MC_STATISTICS = "normsys", "staterror"
# Types of modifiers left out for each set of uncertainties that results are given with:
# from the statistics of data alone to all uncertainties.
LEFT_OUT = {
    "statistics": [NORMALIZATION, MC_STATISTICS],
    "with_normalization": [MC_STATISTICS],
    "with_simulation": [],
}
# Confidence level of upper limits.
CONFIDENCE_LEVEL = 0.95
# Relative precision of an upper limit.
LIMIT_PRECISION = 1e-5


def workspace(
    templates: pl.DataFrame, normalizations: dict[str, tuple[str, float]]
) -> dict:
    """A HistFactory workspace in JSON form, validated against its schema.

    Takes templates without negative contents, and the parameter and the relative
    uncertainty of the normalization of processes, as `process_templates` gives them.
    The observations are the expected background, as there are no data.
    """
    channels, observations = [], []
    for (name,), table in templates.group_by("channel", maintain_order=True):
        by_process = table.group_by(columns.PROCESS, maintain_order=True)
        samples = [
            sample(name, process, part, normalizations.get(process))
            for (process,), part in by_process
        ]
        channels.append({"name": name, "samples": samples})
        background = table.filter(label=columns.BACKGROUND)
        total = background.group_by("low", maintain_order=True).agg(pl.sum("expected"))
        observations.append({"name": name, "data": total["expected"].to_list()})
    mu = {"name": "mu", "inits": [1.0], "bounds": [[0.0, largest_mu(templates)]]}
    measurement = {"name": "hepfold", "config": {"poi": "mu", "parameters": [mu]}}
    record = {
        "channels": channels,
        "observations": observations,
        "measurements": [measurement],
        "version": "1.0.0",
    }
    return dict(pyhf.Workspace(record))


def largest_mu(templates: pl.DataFrame) -> float:
    """Bound of mu: wide enough for the limit on a signal that is much too small."""
    is_signal = pl.col(columns.LABEL) == columns.SIGNAL
    signal, background = templates.filter(is_signal), templates.filter(~is_signal)
    variance = (background["expected"] + background["expected_unc"] ** 2).sum()
    return float(10 * max(1.0, np.sqrt(variance) / signal["expected"].sum()))


def sample(
    channel: str,
    process: str,
    template: pl.DataFrame,
    normalization: tuple[str, float] | None,
) -> dict:
    """The sample of a process: expected events, and the modifiers that act on them."""
    modifiers = []
    if template[columns.LABEL][0] == columns.SIGNAL:
        modifiers.append(modifier("mu", "normfactor", None))
    else:
        unc = template["expected_unc"].to_list()
        modifiers.append(modifier(f"{MC_STATISTICS}_{channel}", MC_STATISTICS, unc))
    if normalization is not None:
        name, uncertainty = normalization
        factors = {"hi": 1 + uncertainty, "lo": 1 / (1 + uncertainty)}
        modifiers.append(modifier(name, NORMALIZATION, factors))
    return {
        "name": process,
        "data": template["expected"].to_list(),
        "modifiers": modifiers,
    }


def modifier(name: str, kind: str, data: dict | list | None) -> dict:
    """A modifier: a parameter of the model and its effect on a sample."""
    return {"name": name, "type": kind, "data": data}


def expected_results(record: dict) -> dict[str, dict]:
    """Significance and upper limit of a workspace for each set of uncertainties."""
    whole = pyhf.Workspace(record)
    models = {
        name: whole.prune(modifier_types=left_out).model()
        for name, left_out in LEFT_OUT.items()
    }
    return {
        name: {
            "discovery_significance": discovery_significance(model),
            "upper_limit": upper_limits(model),
        }
        for name, model in models.items()
    }


def discovery_significance(model: pyhf.Model) -> float:
    """Median discovery significance, in standard deviations, if mu = 1.

    The square root of q0, equation 12, on the Asimov data of mu = 1.
    """
    return float(np.sqrt(test_statistic(model, tested=0.0, truth=1.0)))


def upper_limits(model: pyhf.Model) -> dict[str, float | list[float]]:
    """Expected upper limit on mu without signal: median, and 68 % and 95 % bands.

    CLs limits (Read 2002, doi:10.1088/0954-3899/28/10/313) at CONFIDENCE_LEVEL.
    """
    low_95, low_68, median, high_68, high_95 = (
        upper_limit(model, n_sigma) for n_sigma in (-2, -1, 0, 1, 2)
    )
    return {
        "median": median,
        "band_68": [low_68, high_68],
        "band_95": [low_95, high_95],
    }


def upper_limit(model: pyhf.Model, n_sigma: float) -> float:
    """Limit on mu of an experiment `n_sigma` standard deviations above the median.

    CLs = (1 - Phi(sqrt(q) - n)) / Phi(n), with q of the tested mu on the Asimov data of
    mu = 0: the p-values of equation 89, with CLs in place of p.
    """
    p_value = (1 - CONFIDENCE_LEVEL) * stats.norm.cdf(n_sigma)
    target = n_sigma + stats.norm.isf(p_value)

    def excess(mu: float) -> float:
        """Difference between the square root of the test statistic and its target."""
        return np.sqrt(test_statistic(model, tested=mu, truth=0.0)) - target

    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, rtol=LIMIT_PRECISION))


def test_statistic(model: pyhf.Model, tested: float, truth: float) -> float:
    """-2 ln lambda(tested) on the Asimov data of the strength `truth`: equation 8.

    The true parameters are the best fit to their Asimov data, so that a single fit is
    needed, with mu fixed to `tested`.
    """
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = truth
    data = model.expected_data(parameters)
    free_nll = np.ravel(pyhf.infer.mle.twice_nll(parameters, data, model))[0]
    parameters[model.config.poi_index] = tested
    if model.config.npars == 1:
        fixed_nll = np.ravel(pyhf.infer.mle.twice_nll(parameters, data, model))[0]
    else:
        bounds = model.config.suggested_bounds()
        bounds[model.config.poi_index] = (0.0, max(tested, 1.0))
        _, fixed_nll = pyhf.infer.mle.fixed_poi_fit(
            tested,
            data,
            model,
            par_bounds=bounds,
            return_fitted_val=True,
            do_stitch=True,
        )
    return max(float(fixed_nll - free_nll), 0.0)
