"""Tests of figures.plot_study: panels, labels and costs of a study."""

import numpy as np
import polars as pl
import pytest
import records

from hepfold.figures import plot_study
from hepfold.publish import studies

SEED = records.FULL | {"model": "mlp_seed2"}
ALONE = records.STUDY_ROW | {"label": "theirs", "model": None}


@pytest.fixture
def table():
    compared = studies.table(records.study(ALONE), [records.FULL, SEED])
    return pl.read_csv(compared.write_csv().encode())


@pytest.mark.slow
def test_each_figure_of_merit_has_a_panel_with_ours_and_published(table):
    figure = plot_study.merits_figure(table, records.FULL, "A study")
    private, _ = figure.axes
    assert private.get_xlabel() == "private ams"
    marks = {tuple(np.nan_to_num(line.get_xdata())) for line in private.lines}
    assert {(3.7012, 0), (3.381, 3.381)} <= marks
    assert looks_of_published(figure) == [("published, same events", "tab:red")]
    labels = [text.get_text() for text in private.get_yticklabels()]
    assert labels == ["one network", "theirs"]


def looks_of_published(figure) -> list[tuple[str, str]]:
    """Legend text and color of the marks of published figures."""
    private = figure.axes[0]
    handles, labels = private.get_legend_handles_labels()
    return [
        (label, handle.lines[0].get_color())
        for handle, label in zip(handles, labels, strict=True)
        if label.startswith("published")
    ]


def test_published_figures_for_other_events_are_gray():
    study = records.study(ALONE | {"other_events": "validation events"})
    table = studies.table(study, [records.FULL])
    figure = plot_study.merits_figure(table, records.FULL, "A study")
    assert looks_of_published(figure) == [
        ("published, same events", "tab:red"),
        ("published, other events: not comparable", "0.5"),
    ]


def test_a_table_without_published_figures_is_drawn_from_its_file(table):
    without = table.with_columns(
        pl.lit(None, pl.Float64).alias("published"),
        pl.lit(None, pl.Boolean).alias("is_comparable"),
    )
    stored = pl.read_csv(without.write_csv().encode())
    assert not looks_of_published(plot_study.merits_figure(stored, records.FULL, "x"))


def test_published_uncertainties_are_drawn():
    changes = {"uncertainties": {"private.ams": 0.25}, "uncertainty_kind": "x"}
    table = studies.table(
        records.study(first=records.STUDY_ROW | changes), [records.FULL]
    )
    private = plot_study.merits_figure(table, records.FULL, "A study").axes[0]
    ends = [
        segment[:, 0].tolist()
        for bars in private.collections
        for segment in bars.get_segments()
    ]
    assert [3.381 - 0.25, 3.381 + 0.25] in ends


def test_bars_are_seconds_with_the_ratio_to_the_first():
    costs = studies.cost_table(records.study(), records.COSTS)
    figure = plot_study.costs_figure(costs, records.FULL, "A study")
    training, scoring = figure.axes
    assert [bar.get_width() for bar in training.patches] == [18.0]
    assert [text.get_text() for text in scoring.texts] == ["1.0 x"]


def test_toy_events_are_called_toy(table):
    record = records.FULL | {"toy": True}
    figure = plot_study.merits_figure(table, record, "A study")
    assert "Toy events" in figure.get_suptitle()
