"""Tests of figures.plot_correlations: matrices show every pair of features."""

import polars as pl
import pytest

from hepfold.core import columns
from hepfold.figures import plot_correlations

FEATURES = ["flat", "tail", "jets"]
RECORD = {"dataset": "higgs", "title": "HIGGS (UCI)", "toy": True}
ORIGINS = [(True, "Toy events"), (False, "UCI")]


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


@pytest.mark.slow
def test_matrices_name_every_feature_on_both_axes(correlations):
    figure = plot_correlations.correlations_figure(correlations, RECORD)
    signal, background, _ = figure.axes
    for ticks in (signal.get_xticklabels(), signal.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == FEATURES
    assert signal.get_title("left") == "signal"
    assert background.get_title("left") == "background"


@pytest.mark.slow
def test_correlations_are_colored_around_zero(correlations):
    axes = plot_correlations.correlations_figure(correlations, RECORD).axes[0]
    assert axes.images[0].get_clim() == (-100, 100)
    assert [text.get_text() for text in axes.texts] == ["100"] * 3


@pytest.mark.slow
@pytest.mark.parametrize(("toy", "origin"), [(True, "Toy events"), (False, "UCI")])
def test_the_figure_has_the_origin_of_the_events(correlations, toy, origin):
    record = RECORD | {"toy": toy}
    title = plot_correlations.correlations_figure(correlations, record).get_suptitle()
    assert origin in title and "training events" in title


@pytest.mark.slow
def test_long_names_are_on_the_page_below_the_label():
    names = ["leading_lepton_transverse_momentum_MeV", "HT_of_all_jets_and_leptons"]
    rows = [(a, label, float(a == b)) for label in (0, 1) for a in names for b in names]
    table = pl.DataFrame(rows, ["feature", "label", "correlation"], orient="row")
    record = {"dataset": "tth", "title": "ttH", "toy": False}
    figure = plot_correlations.correlations_figure(table, record)
    figure.draw_without_rendering()
    first = figure.axes[0]
    labels = [*first.get_xticklabels(), *first.get_yticklabels()]
    boxes = [label.get_window_extent() for label in labels]
    # To within half a letter.
    assert min(box.y0 for box in boxes) > -4 and min(box.x0 for box in boxes) > -4
    assert max(box.y1 for box in boxes) < figure._suptitle.get_window_extent().y0
