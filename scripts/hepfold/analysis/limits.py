"""Expected discovery significance and upper limits from the binned score, with pyhf.

Takes workspaces as `workspaces` builds them. Results use the asymptotic formulae of
Cowan et al. 2011, arXiv:1007.1727; equation numbers below refer to it. Asimov data are
the expected events. To inspect a workspace: `pyhf inspect workspace.json`, `pyhf cls
workspace.json`.
"""

import logging
from collections.abc import Iterable

import numpy as np
import pyhf
from scipy import optimize, stats

from hepfold.analysis import workspaces

# pyhf would log every parameter of every model.
logging.getLogger("pyhf").setLevel(logging.WARNING)

# Groups of uncertainties that each set of results includes, from data statistics only
# to all uncertainties.
INCLUDED = {
    "statistics": (),
    "with_normalization": (workspaces.NORMALIZATION,),
    "with_simulation": (workspaces.NORMALIZATION, workspaces.SIMULATION),
    "with_shape": workspaces.GROUPS,
}
# Confidence level of upper limits.
CONFIDENCE_LEVEL = 0.95
# Relative precision of an upper limit.
LIMIT_PRECISION = 1e-5


def expected_results(record: dict, systematics: Iterable[str] = ()) -> dict[str, dict]:
    """Significance and upper limit of a workspace for each set of uncertainties.

    `systematics` are the names of parameters other than normalizations. Without any,
    there is no set `with_shape`.
    """
    sets = dict(INCLUDED)
    if not systematics:
        sets.pop("with_shape")
    results = {}
    for name, included in sets.items():
        model = workspaces.model(record, included, systematics)
        results[name] = {
            "discovery_significance": discovery_significance(model),
            "upper_limit": upper_limits(model),
        }
    return results


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

    The true parameters are the best fit to their Asimov data, so a single fit is
    needed, with mu fixed to `tested`.
    """
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = truth
    data = model.expected_data(parameters)
    free_nll = np.ravel(pyhf.infer.mle.twice_nll(parameters, data, model))[0]
    parameters[model.config.poi_index] = tested
    if model.config.npars - sum(model.config.suggested_fixed()) == 1:
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
