"""Tests of analysis.breakdown: sets of uncertainties in order."""

import numpy as np
import process_samples
import pytest

from hepfold.analysis import breakdown, limits, workspaces
from hepfold.core import metrics

OF_LIBRARIES = "ignore:jsonschema.RefResolver", "ignore::DeprecationWarning"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(*OF_LIBRARIES)]


def table(s, b, unc, size):
    record = workspaces.workspace(
        process_samples.templates(s, b, unc), process_samples.normalizations(size)
    )
    rows = breakdown.table(record, [])
    return record, {row["uncertainties"]: row for row in rows.to_dicts()}


def test_one_bin_agrees_with_the_formula():
    """The significance of counts with a relative uncertainty of the background."""
    s, b, size = 20.0, 1000.0, 0.025
    _, rows = table(np.array([s]), np.array([b]), np.array([0.0]), size)
    plain = metrics.ams(np.array([s]), np.array([b]), 0.0)[0]
    assert rows["data statistics"]["significance"] == pytest.approx(plain, rel=1e-5)
    v = (size * b) ** 2
    first = (s + b) * np.log((s + b) * (b + v) / (b**2 + (s + b) * v))
    second = b**2 / v * np.log(1 + v * s / (b * (b + v)))
    formula = np.sqrt(2 * (first - second))
    alone = rows["normalization alone"]["significance"]
    assert alone == pytest.approx(formula, rel=5e-3)


def test_more_groups_give_less_significance_and_weaker_limits():
    s, b = np.array([4.0, 9.0, 14.0]), np.array([200.0, 90.0, 30.0])
    record, rows = table(s, b, 0.1 * b, 0.1)
    assert list(rows) == [
        "data statistics",
        "+ simulation statistics",
        "+ normalization",
        "simulation statistics alone",
        "normalization alone",
    ]
    cumulative = list(rows.values())[:3]
    for name, sign in (("significance", -1), ("upper_limit", 1), ("mu_unc", 1)):
        values = [row[name] for row in cumulative]
        assert (sign * np.diff(values) > 0).all()
    alone = {k: v for k, v in rows["simulation statistics alone"].items()}
    assert alone | {"uncertainties": ""} == cumulative[1] | {"uncertainties": ""}
    everything = limits.expected_results(record)["with_simulation"]
    assert cumulative[2]["significance"] == everything["discovery_significance"]
    median = everything["upper_limit"]["median"]
    assert cumulative[2]["upper_limit"] == pytest.approx(median)
