"""Tests of figures.images: the same events in every encoding, and their numbers."""

import numpy as np
import polars as pl
import pytest

from hepfold.core import columns
from hepfold.figures import images

RECORD = {"dataset": "higgsml", "simulated": True}
LABEL = np.array([columns.BACKGROUND, columns.SIGNAL, columns.BACKGROUND])


@pytest.fixture
def gray() -> dict[str, np.ndarray]:
    """Images of three events, whose brightness tells the event."""
    level = np.array([50, 150, 250])
    return {
        "blocks": np.tile(level[:, None, None], (1, 6, 6)),
        "text_equal": np.tile(level[:, None, None], (1, 16, 16)),
    }


def test_events_are_in_columns_signal_first_and_encodings_in_rows(gray):
    figure = images.gallery_figure(gray, LABEL, RECORD)
    shown = [axes.images[0].get_array()[0, 0] for axes in figure.axes]
    assert shown == [150, 50, 250, 150, 50, 250]
    assert [axes.get_title() for axes in figure.axes[:3]] == [
        "signal",
        "background",
        "background",
    ]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == list(gray)
    assert "Simulation" in figure.get_suptitle()


def test_grays_are_shown_as_they_are(gray):
    figure = images.gallery_figure(gray, LABEL, RECORD)
    for axes in figure.axes:
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray"


def test_table_has_a_row_for_each_event_and_feature():
    inputs = np.array([[1.5, np.nan], [2.5, 3.0]], "f4")
    table = images.gallery_table(inputs, ("a", "b"), np.array([7, 9]), LABEL[:2])
    assert table.rows() == [
        (7, columns.BACKGROUND, "a", 1.5),
        (7, columns.BACKGROUND, "b", None),
        (9, columns.SIGNAL, "a", 2.5),
        (9, columns.SIGNAL, "b", 3.0),
    ]


def test_a_gallery_shows_the_first_events_of_both_classes():
    label = np.array([columns.BACKGROUND, columns.SIGNAL] * 5)
    first = images.first_of_classes(label)
    np.testing.assert_array_equal(first, [1, 3, 5, 0, 2, 4])


def importance(values: dict[str, float]) -> pl.DataFrame:
    """Importances of features in two folds, a little more in the second."""
    rows = [
        ("mlp", "feature", name, None, value + 0.1 * fold)
        for fold in (0, 1)
        for name, value in values.items()
    ]
    schema = ["model", "kind", "feature", "member", "importance"]
    return pl.DataFrame(rows, schema, orient="row")


def test_saliency_and_importance_are_relative_to_the_largest():
    saliency = np.array([[1.0, 4.0], [1.0, 4.0]])
    table = images.saliency_table(
        saliency, ("a", "b"), importance({"a": 0.35, "b": 0.15})
    )
    assert table["feature"].to_list() == ["b", "a"]
    assert table["saliency"].to_list() == [1.0, 0.25]
    assert table["saliency_sd"].to_list() == [0.0, 0.0]
    assert table["importance"].to_list() == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize("other", [None, "mlp"])
def test_saliency_stands_beside_the_importance_of_another_model(other):
    found = importance({"a": 0.35, "b": 0.15}) if other else None
    table = images.saliency_table(np.array([[1.0, 4.0]] * 2), ("a", "b"), found)
    record = {**RECORD, "model": "supertml", "other": other}
    figure = images.saliency_figure(table, record)
    assert len(figure.axes) == (2 if other else 1)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == [1.0, 0.25]
    assert "Simulation" in figure.get_suptitle()


def test_one_fold_has_no_deviation_and_is_drawn_without():
    table = images.saliency_table(np.array([[1.0, 4.0]]), ("a", "b"), None)
    assert table["saliency_sd"].null_count() == 2
    record = {**RECORD, "model": "supertml", "other": None}
    figure = images.saliency_figure(table, record)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [1.0, 0.25]
