"""Expected discovery significance and upper limit of a binned score, by pyhf.

The model is a HistFactory workspace of one channel: signal, scaled by its strength mu,
and background, with a normalization that all bins share and a factor of its own in each
bin for the statistics of simulation (`staterror`, after Barlow and Beeston 1993,
doi:10.1016/0010-4655(93)90005-W). Bins of low score, which are nearly pure, measure the
normalization. The statistics of simulated signal are left out: they do not enter the
hypothesis that a discovery rejects.

Results are those of the asymptotic formulae of Cowan et al. 2011, arXiv:1007.1727, and
its equations are meant below. Asimov data are the expected events. The programs of the
field read the workspace: `pyhf inspect workspace.json`, `pyhf cls workspace.json`.
"""

import logging

import numpy as np
import pyhf
from scipy import optimize, stats

# It would tell of every parameter of every model.
logging.getLogger("pyhf").setLevel(logging.WARNING)

CHANNEL = "score"
NORMALIZATION = "background_normalization"
# The name that HistFactory gives it.
SIMULATION = f"staterror_{CHANNEL}"
# Uncertainties that results are given with, and what is left out for each. The first
# are those of the data alone; each next one is added.
LEFT_OUT = {
    "statistics": [NORMALIZATION, SIMULATION],
    "with_normalization": [SIMULATION],
    "with_simulation": [],
}
# An upper limit excludes signals at this confidence level.
CONFIDENCE_LEVEL = 0.95
# Relative precision of an upper limit.
LIMIT_PRECISION = 1e-5


def workspace(
    signal: np.ndarray,
    background: np.ndarray,
    background_unc: np.ndarray,
    background_uncertainty: float,
) -> dict:
    """A HistFactory workspace as JSON holds it, checked against the schema.

    Takes the expected events in each bin and the statistical uncertainty of those of
    background, all (n_bins,), and the relative uncertainty of the normalization of
    background, which is log-normal. The observations are the expected background, as
    there are no data.
    """
    factor = 1 + background_uncertainty
    modifiers = [
        modifier(NORMALIZATION, "normsys", {"hi": factor, "lo": 1 / factor}),
        modifier(SIMULATION, "staterror", background_unc.tolist()),
    ]
    samples = [
        sample("signal", signal, [modifier("mu", "normfactor", None)]),
        sample("background", background, modifiers),
    ]
    # Wide enough for the limit on a signal that is small beside what is uncertain.
    variance = (background + background_unc**2).sum()
    largest = 10 * max(1.0, np.sqrt(variance) / signal.sum())
    mu = {"name": "mu", "inits": [1.0], "bounds": [[0.0, float(largest)]]}
    measurement = {"name": "hepfold", "config": {"poi": "mu", "parameters": [mu]}}
    record = {
        "channels": [{"name": CHANNEL, "samples": samples}],
        "observations": [{"name": CHANNEL, "data": background.tolist()}],
        "measurements": [measurement],
        "version": "1.0.0",
    }
    return dict(pyhf.Workspace(record))


def sample(name: str, expected: np.ndarray, modifiers: list[dict]) -> dict:
    """One sample: its expected events in each bin, (n_bins,), and what changes them."""
    return {"name": name, "data": expected.tolist(), "modifiers": modifiers}


def modifier(name: str, kind: str, data: dict | list | None) -> dict:
    """A parameter of a model and what it does to a sample."""
    return {"name": name, "type": kind, "data": data}


def expected_results(record: dict) -> dict[str, dict]:
    """Significance and upper limit of a workspace with each set of LEFT_OUT."""
    whole = pyhf.Workspace(record)
    models = {
        name: whole.prune(modifiers=left_out).model()
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
    """Median significance, in standard deviations, with which mu = 1 is discovered.

    The square root of q0, equation 12, on the Asimov data of mu = 1.
    """
    return float(np.sqrt(test_statistic(model, tested=0.0, truth=1.0)))


def upper_limits(model: pyhf.Model) -> dict[str, float | list[float]]:
    """Upper limit on mu where there is no signal: median, and bands of the experiments.

    By CLs (Read 2002, doi:10.1088/0954-3899/28/10/313) at CONFIDENCE_LEVEL. Bands are
    those of one and of two standard deviations.
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
    wanted = n_sigma + stats.norm.isf(p_value)

    def excess(mu: float) -> float:
        """How far the test statistic is above the one that is wanted."""
        return np.sqrt(test_statistic(model, tested=mu, truth=0.0)) - wanted

    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, rtol=LIMIT_PRECISION))


def test_statistic(model: pyhf.Model, tested: float, truth: float) -> float:
    """-2 ln lambda(tested) on the Asimov data of the strength `truth`: equation 8.

    Nothing fits the Asimov data better than the parameters they were made with, so that
    one fit is enough, that of all else with mu = tested.
    """
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = truth
    data = model.expected_data(parameters)
    best = np.ravel(pyhf.infer.mle.twice_nll(parameters, data, model))[0]
    parameters[model.config.poi_index] = tested
    if model.config.npars == 1:
        found = np.ravel(pyhf.infer.mle.twice_nll(parameters, data, model))[0]
    else:
        bounds = model.config.suggested_bounds()
        bounds[model.config.poi_index] = (0.0, max(tested, 1.0))
        _, found = pyhf.infer.mle.fixed_poi_fit(
            tested,
            data,
            model,
            par_bounds=bounds,
            return_fitted_val=True,
            do_stitch=True,
        )
    return max(float(found - best), 0.0)
