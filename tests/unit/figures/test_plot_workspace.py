"""Tests of figures.plot_workspace: labels, legends and contents."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.figures import plot_workspace

SIGNAL, BACKGROUND = np.array([0.0, 9.0]), np.array([400.0, 40.0])
BINS = [
    {"channel": "score", "low": low, "high": high, "signal": s, "background": b}
    | {"background_unc": 3.0, "normalization_unc": 0.1 * b}
    for low, high, s, b in zip((0.0, 0.4), (0.4, 1.0), SIGNAL, BACKGROUND, strict=True)
]
CLASSES = [vars(process) for process in process_samples.CLASSES]


@pytest.fixture(scope="module")
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
        "normalizations": process_samples.normalizations(0.1),
        "expected": dict.fromkeys(names, result),
        "axis": "Score",
        "bins": BINS,
        "templates": process_samples.templates(
            SIGNAL, BACKGROUND, 0.0 * BACKGROUND
        ).to_dicts(),
    }


def shown(record):
    (drawn,) = plot_workspace.plot_workspace(record, CLASSES).values()
    return parts_of(drawn)


def parts_of(drawn):
    """Both axes of a figure, and its texts."""
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


@pytest.fixture(scope="module")
def many_processes(record):
    """The record of two channels of two bins with many processes."""
    channels, templates = [], []
    for channel in process_samples.REGIONS:
        channels += [row | {"channel": channel} for row in BINS]
        for process in process_samples.DECLARED:
            part = process_samples.templates(
                SIGNAL, BACKGROUND, 0.0 * BACKGROUND, channel
            ).filter(label=process.label)
            part = part.with_columns(
                process=pl.lit(process.name), low=pl.Series([0.0, 0.4])
            )
            templates += part.to_dicts()
    normalizations = {"ttW": ("ttW_normalization", 0.15)}
    return record | {
        "bins": channels,
        "templates": templates,
        "normalizations": normalizations,
    }


@pytest.fixture(scope="module")
def many(many_processes):
    """Figure and table of this record."""
    return drawn_of(many_processes)


def drawn_of(record):
    processes = [vars(process) for process in process_samples.DECLARED]
    (drawn,) = plot_workspace.plot_workspace(record, processes).values()
    return drawn


@pytest.mark.slow
def test_channels_are_beside_each_other_and_named(many):
    _, below, texts = parts_of(many)
    assert below.get_xlim() == (0, 4)
    assert [text.get_text() for text in below.texts] == list(process_samples.REGIONS)
    assert [text.xy[0] for text in below.texts] == [0, 2]
    assert "+ normalizations" in texts and "% on background" not in texts
    assert "other" in texts and "ttZ, Z to charged leptons" in texts


@pytest.mark.slow
def test_long_names_of_channels_end_where_the_channels_do(many_processes):
    longer = "region of events with few jets and two charged leptons of one sign"
    names = {name: f"{name}, {longer}" for name in process_samples.REGIONS}
    changes = {}
    for key in ("bins", "templates"):
        rows = [row | {"channel": names[row["channel"]]} for row in many_processes[key]]
        changes[key] = rows
    _, below, _ = parts_of(drawn_of(many_processes | changes))
    below.figure.draw_without_rendering()
    middle = below.bbox.x0 + below.bbox.width / 2
    first, second = (text.get_window_extent() for text in below.texts)
    tick = below.yaxis.get_major_ticks()[0].tick1line.get_window_extent()
    assert tick.x1 <= first.x0 and first.x1 <= middle <= second.x0
    assert second.x1 <= below.bbox.x1


@pytest.mark.slow
def test_the_table_has_a_column_for_each_process(many):
    for process in process_samples.DECLARED:
        expected = SIGNAL if process.label else BACKGROUND
        values = many.table[f"expected_{process.name}"].to_list()
        assert values == [*expected, *expected]
