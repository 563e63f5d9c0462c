"""Tests of figures.plot_study: panels, labels and costs of a study."""

import numpy as np
import pytest
import records

from hepfold.figures import plot_study
from hepfold.publish import studies

SEED = records.FULL | {"model": "mlp_seed2"}
ALONE = records.STUDY_ROW | {"label": "theirs", "model": None}


@pytest.fixture
def table():
    return studies.table(records.study(ALONE), [records.FULL, SEED])


def test_each_figure_of_merit_has_a_panel_with_ours_and_published(table):
    figure = plot_study.merits_figure(table, records.FULL, "A study")
    private, _ = figure.axes
    assert private.get_xlabel() == "private ams"
    marks = {tuple(np.nan_to_num(line.get_xdata())) for line in private.lines}
    assert {(3.7012, 0), (3.381, 3.381)} <= marks
    labels = [text.get_text() for text in private.get_yticklabels()]
    assert labels == ["one network", "theirs"]


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
