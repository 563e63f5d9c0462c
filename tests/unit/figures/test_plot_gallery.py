"""Tests of figures.plot_gallery: the same events in every encoding."""

import numpy as np
import pytest

from hepfold.core import columns
from hepfold.figures import plot_gallery

RECORD = {"dataset": "higgsml", "toy": True}
LABEL = np.array([columns.BACKGROUND, columns.SIGNAL, columns.BACKGROUND])


@pytest.fixture
def gray() -> dict[str, np.ndarray]:
    """Images of three events, each with a different brightness."""
    level = np.array([50, 150, 250])
    return {
        "blocks": np.tile(level[:, None, None], (1, 6, 6)),
        "text_equal": np.tile(level[:, None, None], (1, 16, 16)),
    }


def test_events_are_in_columns_signal_first_and_encodings_in_rows(gray):
    figure = plot_gallery.gallery_figure(gray, LABEL, RECORD)
    shown = [axes.images[0].get_array()[0, 0] for axes in figure.axes]
    assert shown == [150, 50, 250, 150, 50, 250]
    assert [axes.get_title() for axes in figure.axes[:3]] == [
        "signal",
        "background",
        "background",
    ]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == list(gray)
    assert "Toy events" in figure.get_suptitle()


def test_grays_are_not_rescaled(gray):
    figure = plot_gallery.gallery_figure(gray, LABEL, RECORD)
    for axes in figure.axes:
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray"


def test_table_has_a_row_for_each_event_and_feature():
    inputs = np.array([[1.5, np.nan], [2.5, 3.0]], "f4")
    table = plot_gallery.gallery_table(inputs, ("a", "b"), np.array([7, 9]), LABEL[:2])
    assert table.rows() == [
        (7, columns.BACKGROUND, "a", 1.5),
        (7, columns.BACKGROUND, "b", None),
        (9, columns.SIGNAL, "a", 2.5),
        (9, columns.SIGNAL, "b", 3.0),
    ]


def test_a_gallery_shows_the_first_events_of_both_classes():
    label = np.array([columns.BACKGROUND, columns.SIGNAL] * 5)
    first = plot_gallery.first_of_classes(label)
    np.testing.assert_array_equal(first, [1, 3, 5, 0, 2, 4])
