"""Tests of analysis.curves: curves are those of the metrics, and lie in their bands."""

import msgspec
import numpy as np
import polars as pl
import public_sets
import pytest
from tests.conftest import EVALUATION, of_folds

from hepfold.analysis import curves, merits
from hepfold.core import metrics

EXPECTED = public_sets.HIGGSML
SETTINGS = {"n_replicas": 200, "seed": 3, "threads": 1}


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    """Scores of 4,000 events: background is even, signal rises with the score."""
    rng = np.random.default_rng(5)
    n = 4000
    label = rng.integers(0, 2, n)
    return pl.DataFrame(
        {
            "dataset": "higgsml",
            "model": "mlp",
            "event_id": range(n),
            "subset": rng.choice(["train", "private"], n),
            "label": label,
            "weight": rng.uniform(0.5, 1.5, n),
            "score": rng.uniform(size=n) ** np.where(label, 0.5, 1.0),
        }
    )


@pytest.fixture(scope="module")
def rocs(events) -> pl.DataFrame:
    return curves.roc_curves(events, EXPECTED, **SETTINGS)


def ams(events, cut: float) -> pl.DataFrame:
    return curves.ams_curves(events, EXPECTED, 10.0, cut, **SETTINGS)


def test_roc_is_that_of_the_distributions(rocs):
    """Signal above x is 1 - x^2, and background 1 - x."""
    x = np.sqrt(1 - rocs["signal_efficiency"])
    np.testing.assert_allclose(rocs["background_efficiency"], 1 - x, atol=0.08)


def test_the_curve_has_the_rejections_of_the_merits(events, rocs):
    points = [0.05, 0.3, 0.95]
    settings = msgspec.structs.replace(EVALUATION, n_replicas=2, working_points=points)
    folds = of_folds(events)
    record, _ = merits.figures_of_merit(folds, EXPECTED, 10.0, settings, seed=3)
    for subset in ("oof", "private"):
        curve = rocs.filter(subset=subset)
        for point in points:
            at_point = (pl.col("signal_efficiency") - point).abs() < 1e-9
            (efficiency,) = curve.filter(at_point)["background_efficiency"]
            name = f"{metrics.rejection_name(point)}_weighted"
            assert 1 / efficiency == pytest.approx(record[subset][name])


def test_bands_hold_their_curves(rocs, events):
    for table, name in ((rocs, "background_efficiency"), (ams(events, 0.8), "ams")):
        inside = table.filter(
            pl.col(name).is_between(pl.col(f"{name}_low"), pl.col(f"{name}_high"))
        )
        assert len(inside) > 0.95 * len(table)


def test_bands_narrow_with_the_square_root_of_the_events(events, rocs):
    more = pl.concat([events] * 4)
    narrow = curves.roc_curves(more, EXPECTED, **SETTINGS)
    width = (
        (
            table["background_efficiency_high"] - table["background_efficiency_low"]
        ).mean()
        for table in (rocs, narrow)
    )
    assert next(width) / next(width) == pytest.approx(2, rel=0.15)


def test_bands_depend_on_the_seed_alone(events, rocs):
    again = {**SETTINGS, "threads": 2}
    assert curves.roc_curves(events, EXPECTED, **again).equals(rocs)
    other = {**SETTINGS, "seed": 4}
    assert not curves.roc_curves(events, EXPECTED, **other).equals(rocs)


def test_ams_curve_holds_the_chosen_cut(events):
    oof = events.filter(pl.col("subset") == "train")
    cut = oof["score"].sort()[-137]
    for (subset,), curve in ams(events, cut).group_by("subset"):
        scores = events.filter(pl.col("subset") == {"oof": "train"}.get(subset, subset))
        passes = scores["score"] >= cut
        s, b = (
            scores.filter(passes, pl.col("label") == label)["weight"].sum()
            / scores.filter(pl.col("label") == label)["weight"].sum()
            for label in (1, 0)
        )
        expected = metrics.ams(s * EXPECTED.signal, b * EXPECTED.background, 10.0)
        assert abs(curve["ams"] - expected).min() < 1e-9


def test_curves_are_thin_and_carry_their_names(events, rocs):
    for table in (rocs, ams(events, 0.5)):
        assert table.columns[:3] == ["dataset", "model", "subset"]
        n_points = table.group_by("subset").len()["len"]
        assert n_points.max() <= curves.N_CURVE_POINTS + 1
