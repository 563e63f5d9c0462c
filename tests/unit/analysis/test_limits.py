"""Tests of analysis.limits: pyhf against closed forms, limits and invariances."""

import json

import numpy as np
import process_samples
import pyhf
import pytest
from scipy import optimize, special, stats

from hepfold.analysis import limits, workspaces
from hepfold.core import metrics

# pyhf validates with an interface of jsonschema that is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")

S, B = np.array([4.0, 9.0, 14.0]), np.array([200.0, 90.0, 30.0])


def model(s, b, unc=None, normalization=0.0, included=()):
    """The model of some bins with the included groups of uncertainties."""
    s, b = np.atleast_1d(s).astype(float), np.atleast_1d(b).astype(float)
    unc = np.zeros(len(b)) if unc is None else np.atleast_1d(unc)
    record = workspace(s, b, unc, normalization)
    return workspaces.model(record, included)


def workspace(s, b, unc, normalization) -> dict:
    """One channel with a background of one normalization."""
    return workspaces.workspace(
        process_samples.templates(s, b, unc),
        process_samples.normalizations(normalization),
    )


def significance(*args, **options) -> float:
    return limits.discovery_significance(model(*args, **options))


def asimov(s, b) -> float:
    """Cowan et al. 2011, equation 97, of bins in quadrature."""
    return np.sqrt((metrics.ams(np.asarray(s), np.asarray(b), 0.0) ** 2).sum())


@pytest.mark.parametrize(("s", "b"), [(5.0, 50.0), (30.0, 10.0), (100.0, 1e5)])
def test_one_bin_has_the_asimov_significance(s, b):
    assert significance(s, b) == pytest.approx(asimov(s, b), rel=1e-6)


def test_bins_add_in_quadrature():
    assert significance(S, B) == pytest.approx(asimov(S, B), rel=1e-6)


def test_an_uncertain_normalization_is_profiled():
    """One bin, log-normal: the best pull solves a + k b exp(k a) = k n."""
    s, b, factor = 20.0, 100.0, 1.1
    n, k = s + b, np.log(factor)
    pull = k * n - special.lambertw(k**2 * b * np.exp(k**2 * n)).real / k
    expected = b * np.exp(k * pull)
    q = 2 * (n * np.log(n / expected) - n + expected) + pull**2
    included = (workspaces.NORMALIZATION,)
    z = significance(s, b, normalization=factor - 1, included=included)
    assert z == pytest.approx(np.sqrt(q), rel=1e-5)


def test_mc_statistics_are_profiled():
    """One bin, Gaussian factor g: g^2 + g (b r^2 - 1) - n r^2 = 0 at its best."""
    s, b, unc = 20.0, 100.0, 12.0
    n, r = s + b, unc / b
    g = (1 - b * r**2 + np.sqrt((1 - b * r**2) ** 2 + 4 * n * r**2)) / 2
    q = 2 * (n * np.log(n / (g * b)) - n + g * b) + ((g - 1) / r) ** 2
    included = (workspaces.SIMULATION,)
    z = significance(s, b, unc=unc, included=included)
    assert z == pytest.approx(np.sqrt(q), rel=1e-5)


def test_a_small_uncertainty_is_that_of_a_control_region():
    """Poisson constraint of variance v, Cowan 2012: equal for a relatively small v."""
    s, b, v = 20.0, 1000.0, 25.0**2
    first = (s + b) * np.log((s + b) * (b + v) / (b**2 + (s + b) * v))
    second = b**2 / v * np.log(1 + v * s / (b * (b + v)))
    expected = np.sqrt(2 * (first - second))
    for options in (
        {"unc": np.sqrt(v), "included": (workspaces.SIMULATION,)},
        {"normalization": np.sqrt(v) / b, "included": (workspaces.NORMALIZATION,)},
    ):
        assert significance(s, b, **options) == pytest.approx(expected, rel=5e-3)


def test_all_uncertainties_agree_with_an_independent_profile():
    unc, factor = np.array([4.0, 5.0, 3.0]), 1.2
    n, r = S + B, unc / B

    def q(pull):
        b = B * factor**pull
        half = (1 - b * r**2) / 2
        g = half + np.sqrt(half**2 + n * r**2)
        poisson = 2 * (n * np.log(n / (g * b)) - n + g * b)
        return (poisson + ((g - 1) / r) ** 2).sum() + pull**2

    best = optimize.minimize_scalar(q, bounds=(-5, 5), method="bounded")
    z = significance(
        S, B, unc=unc, normalization=factor - 1, included=workspaces.GROUPS
    )
    assert z == pytest.approx(np.sqrt(best.fun), rel=1e-4)


@pytest.mark.slow
def test_equal_parts_of_a_bin_are_the_bin():
    """Also with a normalization; MC statistics are then known for each part alone."""
    included = (workspaces.NORMALIZATION,)
    parts = np.repeat(S, 2) / 2, np.repeat(B, 2) / 2
    for options in ({}, {"normalization": 0.1, "included": included}):
        whole, halved = model(S, B, **options), model(*parts, **options)
        for of in (limits.discovery_significance, limit_of):
            assert of(halved) == pytest.approx(of(whole), rel=1e-4)


def limit_of(of_model) -> float:
    return limits.upper_limits(of_model)["median"]


@pytest.mark.slow
def test_more_uncertainty_is_less_significance_and_a_weaker_limit():
    record = workspace(S, B, 0.1 * B, 0.1)
    results = list(limits.expected_results(record).values())
    z = [result["discovery_significance"] for result in results]
    limit = [result["upper_limit"]["median"] for result in results]
    assert z[0] > z[1] > z[2] > 0
    assert limit[0] < limit[1] < limit[2]
    larger = limits.expected_results(workspace(S, B, 0.2 * B, 0.2))
    assert larger["with_simulation"]["discovery_significance"] < z[2]


def test_bins_that_signal_lacks_measure_the_normalization():
    """A pure bin of many events makes up for an uncertain normalization."""
    included = (workspaces.NORMALIZATION,)
    options = {"normalization": 0.3, "included": included}
    alone = significance(20.0, 100.0, **options)
    helped = significance([0.0, 20.0], [1e6, 100.0], **options)
    assert alone < 0.7 * asimov(20.0, 100.0)
    assert helped == pytest.approx(asimov(20.0, 100.0), rel=1e-3)


def test_the_limit_of_a_small_signal_is_that_of_a_gaussian():
    """sqrt(b) Phi^-1(1 - 0.025) for the median, and the band around it."""
    b, s = 1e8, 100.0
    bands = limits.upper_limits(model(s, b))
    p = 0.05 * stats.norm.cdf([-2, -1, 0, 1, 2])
    expected = np.sqrt(b) / s * (np.arange(-2, 3) + stats.norm.isf(p))
    low_95, high_95 = bands["band_95"]
    low_68, high_68 = bands["band_68"]
    results = [low_95, low_68, bands["median"], high_68, high_95]
    np.testing.assert_allclose(results, expected, rtol=1e-3)
    assert expected[2] == pytest.approx(1.96 * np.sqrt(b) / s, rel=1e-4)


@pytest.mark.slow
def test_limits_are_those_of_pyhf():
    """With all fits of pyhf's scan, and the background as data."""
    unc = 0.05 * B
    record = workspace(S, B, unc, 0.1)
    of_model = pyhf.Workspace(record).model()
    bands = limits.upper_limits(of_model)
    data = pyhf.Workspace(record).data(of_model)
    results = [bands["band_95"][0], bands["median"], bands["band_95"][1]]
    for limit, i in zip(results, (0, 2, 4), strict=True):
        _, bands = pyhf.infer.hypotest(
            limit, data, of_model, test_stat="qtilde", return_expected_set=True
        )
        assert bands[i] == pytest.approx(0.05, abs=2e-4)


def test_a_limit_follows_the_signal():
    """Twice the signal halves the limit, however small the signal is."""
    one, half = model(1e-3 * S, B), model(0.5e-3 * S, B)
    assert limit_of(half) == pytest.approx(2 * limit_of(one), rel=1e-4)


@pytest.mark.slow
def test_a_limit_can_exceed_the_bounds_of_mu():
    """Bounds are for other programs; an uncertain normalization alone exceeds them."""
    included = (workspaces.NORMALIZATION,)
    bins = model(10.0, 1e4, normalization=0.5, included=included)
    _, bound = bins.config.suggested_bounds()[bins.config.poi_index]
    assert limit_of(bins) > bound


def test_a_workspace_survives_json_and_an_invalid_one_is_rejected():
    record = workspace(S, B, 0.1 * B, 0.1)
    again = pyhf.Workspace(json.loads(json.dumps(record, allow_nan=False)))
    assert again.model().config.npars == 2 + len(B)
    np.testing.assert_allclose(again.data(again.model(), include_auxdata=False), B)
    with pytest.raises(pyhf.exceptions.InvalidSpecification):
        pyhf.Workspace(record | {"note": "not in the schema"})
