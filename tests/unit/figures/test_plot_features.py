"""Tests of figures.plot_features: the figure shows every feature."""

import polars as pl
import pytest

from hepfold.core import columns
from hepfold.figures import plot_features

FEATURES = ["flat", "tail", "jets"]
RECORD = {"dataset": "higgs", "title": "HIGGS (UCI)", "toy": True}
ORIGINS = [(True, "Toy events"), (False, "UCI")]
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
def panels(histograms) -> dict:
    """The panels of features by their names."""
    figure = plot_features.features_figure(histograms, RECORD)
    return {axes.get_xlabel(): axes for axes in figure.axes}


def test_every_feature_has_a_panel(panels):
    assert set(FEATURES) <= panels.keys()


def test_panels_have_missing_fractions(panels):
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


@pytest.mark.parametrize(("toy", "origin"), [(True, "Toy events"), (False, "UCI")])
def test_the_figure_has_the_origin_of_the_events(histograms, toy, origin):
    record = RECORD | {"toy": toy}
    title = plot_features.features_figure(histograms, record).get_suptitle()
    assert origin in title and "training events" in title
