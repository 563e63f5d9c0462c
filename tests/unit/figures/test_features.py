"""Tests of figures.features: figures show every feature and say what they show."""

import polars as pl
import pytest

from hepfold.core import columns
from hepfold.figures import features

FEATURES = ["flat", "tail", "jets"]
RECORD = {"dataset": "higgs", "simulated": True}
HEIGHTS = {"flat": [1.0, 1.0, 1.0, 1.0], "tail": [9e3, 9.0, 0.9, 0.0]}


def bars(feature: str, label: int) -> list[dict]:
    """Four bins, or three categories, of one feature and class."""
    row = {"panel": feature, "label": label, "missing_fraction": 0.0, "height_unc": 0.1}
    if feature == "jets":
        return [row | {"category": float(i), "height": 0.33} for i in range(3)]
    row["missing_fraction"] = 0.25 + 0.5 * label if feature == "flat" else 0.0
    return [
        row | {"low": float(i), "high": i + 1.0, "height": height}
        for i, height in enumerate(HEIGHTS[feature])
    ]


@pytest.fixture
def histograms() -> pl.DataFrame:
    classes = [
        {"panel": panel, "label": label, "total": 1e6, "height": 0.5}
        for panel in ("events", "weights")
        for label in columns.CLASS_NAMES
    ]
    rows = [row for f in FEATURES for label in (0, 1) for row in bars(f, label)]
    return pl.DataFrame(classes + rows, infer_schema_length=None)


@pytest.fixture
def correlations() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "label": label,
            "feature": feature,
            "other": other,
            "correlation": 1.0 if feature == other else None,
        }
        for label in columns.CLASS_NAMES
        for feature in FEATURES
        for other in FEATURES
    )


@pytest.fixture
def panels(histograms) -> dict:
    """The panels of features by their names."""
    figure = features.features_figure(histograms, RECORD)
    return {axes.get_xlabel(): axes for axes in figure.axes}


def test_every_feature_has_a_panel(panels):
    assert set(FEATURES) <= panels.keys()


def test_panel_says_what_is_missing(panels):
    assert panels["flat"].get_title("right") == "missing: s 75.0 %, b 25.0 %"
    assert panels["tail"].get_title("right") == ""


def test_long_tails_are_logarithmic(panels):
    scales = {name: panels[name].get_yscale() for name in FEATURES}
    assert scales == {"flat": "linear", "tail": "log", "jets": "linear"}
    low, high = panels["tail"].get_ylim()
    assert 0 < low < 0.9
    assert high > 9e3


def test_categories_are_named(panels):
    labels = [text.get_text() for text in panels["jets"].get_xticklabels()]
    assert labels == ["0", "1", "2"]


def test_first_panel_counts_the_classes(panels):
    texts = [text.get_text() for text in panels["Fraction"].texts]
    assert texts == ["1,000,000"] * 4


def test_matrices_name_every_feature_on_both_axes(correlations):
    figure = features.correlations_figure(correlations, RECORD)
    signal, background, _ = figure.axes
    for ticks in (signal.get_xticklabels(), signal.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == FEATURES
    assert signal.get_title("left") == "signal"
    assert background.get_title("left") == "background"


def test_correlations_are_colored_around_zero(correlations):
    axes = features.correlations_figure(correlations, RECORD).axes[0]
    assert axes.images[0].get_clim() == (-100, 100)
    assert [text.get_text() for text in axes.texts] == ["100"] * 3


def test_figures_say_whence_events_come(histograms, correlations):
    for record, word in (
        (RECORD, "Simulation"),
        (RECORD | {"simulated": False}, "UCI"),
    ):
        for figure in (
            features.features_figure(histograms, record),
            features.correlations_figure(correlations, record),
        ):
            assert word in figure.get_suptitle()
            assert "train events" in figure.get_suptitle()
