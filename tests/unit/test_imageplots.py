"""Tests of hepfold.imageplots: the same events in every encoding, and their numbers."""

import numpy as np
import pytest

from hepfold import columns, imageplots

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
    figure = imageplots.gallery_figure(gray, LABEL, RECORD)
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
    figure = imageplots.gallery_figure(gray, LABEL, RECORD)
    for axes in figure.axes:
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray"


def test_table_has_a_row_for_each_event_and_feature():
    inputs = np.array([[1.5, np.nan], [2.5, 3.0]], "f4")
    table = imageplots.gallery_table(inputs, ("a", "b"), np.array([7, 9]), LABEL[:2])
    assert table.rows() == [
        (7, columns.BACKGROUND, "a", 1.5),
        (7, columns.BACKGROUND, "b", None),
        (9, columns.SIGNAL, "a", 2.5),
        (9, columns.SIGNAL, "b", 3.0),
    ]
