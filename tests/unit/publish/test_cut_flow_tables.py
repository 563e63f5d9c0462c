"""Tests of publish.cut_flow_tables: numbers of the cut flow by process."""

import numpy as np
import pytest

from hepfold.data import cut_flow
from hepfold.publish import cut_flow_tables


@pytest.fixture
def rows() -> list[dict]:
    """Two processes: one loses half of its weight, the other has a negative sum."""
    flow = cut_flow.CutFlow(("ttH", "ttW"))
    process = np.array([0, 0, 0, 0, 1, 1])
    weight = np.array([3.0, 3.0, 3.0, 3.0, 1.0, -2.0])
    flow.add("read", process, weight)
    flow.add("selected", process[2:], weight[2:])
    flow.add("train", process[2:], weight[2:])
    return flow.rows()


def test_events_and_negative_weights_are_counted(rows):
    table = cut_flow_tables.event_table(rows)
    assert table.columns[1:4] == ["read", "selected", "training"]
    assert table.rows() == [("ttH", 4, 2, 2, "0.00%"), ("ttW", 2, 2, 2, "50.00%")]


def test_sums_of_weights_have_uncertainties_and_percentages(rows):
    first, second = cut_flow_tables.weight_table(rows).to_dicts()
    assert first["read"] == "12 ± 6" and first["selected"] == "6 ± 4"
    assert first["selected, % of read"] == "50"
    assert first["training, % of selected"] == "100"
    assert second["selected, % of read"] is None


def test_a_step_without_events_has_no_column(rows):
    assert not any(
        "test" in name for name in cut_flow_tables.weight_table(rows).columns
    )


def test_a_process_of_which_nothing_is_selected_stays(rows):
    flow = cut_flow.CutFlow(("ttH", "ttW"))
    flow.add("read", np.array([0, 1]), np.ones(2))
    flow.add("selected", np.array([0]), np.ones(1))
    table = cut_flow_tables.event_table(flow.rows())
    assert table.rows() == [("ttH", 1, 1, "0.00%"), ("ttW", 1, 0, "-")]


def test_equal_events_are_noted():
    assert cut_flow_tables.equal_notes(0) == []
    (note,) = cut_flow_tables.equal_notes(1500)
    assert "1,500 events equal an earlier one" in note
