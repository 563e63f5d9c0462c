"""Tests of figures.plot_workspace: labels, legends and contents."""

import numpy as np
import pytest

from hepfold.figures import plot_workspace

BINS = [
    {"low": 0.0, "high": 0.4, "signal": 0.0, "background": 400.0, "background_unc": 3},
    {"low": 0.4, "high": 1.0, "signal": 9.0, "background": 40.0, "background_unc": 3},
]


@pytest.fixture
def record():
    limit = {"median": 0.5, "band_68": [0.4, 0.7], "band_95": [0.3, 0.9]}
    result = {"discovery_significance": 1.25, "upper_limit": limit}
    names = ("statistics", "with_normalization", "with_simulation")
    return {
        "dataset": "higgsml",
        "title": "Higgs ML",
        "model": "mlp",
        "toy": True,
        "events": "private",
        "background_uncertainty": 0.1,
        "expected": dict.fromkeys(names, result),
        "bins": BINS,
    }


def shown(record):
    (drawn,) = plot_workspace.plot_workspace(record).values()
    above, below = drawn.figure.axes
    texts = [*above.texts, *above.get_legend().get_texts()]
    return above, below, " | ".join(t.get_text() for t in texts)


def test_uncertainties_are_added_in_quadrature(record):
    table = plot_workspace.bins_table(record)
    assert table.columns[:3] == ["dataset", "model", "events"]
    np.testing.assert_allclose(table["total_unc"], [np.hypot(3, 40), np.hypot(3, 4)])


def test_labels_have_origin_and_evaluated_events(record):
    above, _, texts = shown(record)
    assert "Toy events" in texts
    assert above.get_title("right") == "mlp, private events"
    above, _, texts = shown(record | {"events": "oof", "toy": False})
    assert "Toy events" not in texts
    assert above.get_title("right") == "mlp, out-of-fold only"


def test_results_and_classes_are_shown(record):
    _, _, texts = shown(record)
    for part in ("background", "signal", "= 1.25", "< 0.50", "+ 10 % on background"):
        assert part in texts


def test_everything_is_in_the_frame(record):
    """Also a bin without signal, on a logarithmic axis."""
    above, below, _ = shown(record)
    low, high = above.get_ylim()
    assert 0 < low < 9 and high > 440
    assert below.get_xlim() == (0, 2)
    assert below.get_ylim()[1] > 9 / 40
    ticks = [label.get_text() for label in below.get_xticklabels()]
    assert ticks == ["0", "0.4", "1"]
