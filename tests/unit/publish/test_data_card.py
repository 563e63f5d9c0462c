"""Tests of publish.data_card: exact counts and statistics, complete text."""

import numpy as np
import pytest
import records

from hepfold.core import columns
from hepfold.data import cut_flow, event_arrays
from hepfold.publish import data_card

SETTINGS = {
    "wildcards": {"dataset": "higgs"},
    "title": "HIGGS (UCI)",
    "normalization": {"signal": 100.0, "background": 1000.0},
    "is_public": True,
}
PROCESSES = ("background", "signal")
MADE_BY = {
    "toy": False,
    "n_equal": 0,
    "source": ["events.csv"],
    "source_sha256": ["abc"],
    "units": {"lepton_phi": 1.8},
    "settings": {"n_folds": 2, "seed": 7},
}


def fold_of(part: event_arrays.Events) -> np.ndarray:
    return part.event_id % 2


@pytest.fixture
def made_by(part) -> dict:
    """Origin of the events, of which one of each process was not selected."""
    flow = cut_flow.CutFlow(PROCESSES)
    is_train = part.subset == 0
    flow.add("read", np.array([0, 1]), np.array([0.5, 3.0]))
    steps = {"read": True, "selected": True, "train": is_train, "test": ~is_train}
    for step, mask in steps.items():
        kept = part.take(np.flatnonzero(mask & np.ones(len(part), bool)))
        flow.add(step, kept.label, kept.weight)
    return MADE_BY | {"cut_flow": flow.rows()}


@pytest.fixture
def part() -> event_arrays.Events:
    """Four training events of weight two, then two test events."""
    return event_arrays.Events(
        inputs=np.array([[1, 0], [2, 1], [3, 1], [np.nan, 0], [9, 0], [9, 1]], "f4"),
        label=np.array([0, 0, 0, 1, 0, 1], "i1"),
        weight=np.array([2, 2, 2, 2, 1, 1], "f4"),
        event_id=np.arange(6),
        subset=np.array([0, 0, 0, 0, 4, 4], "u1"),
    )


@pytest.fixture
def card(part, made_by) -> dict:
    train = part.take(np.arange(4))
    categorical = {"jets": (5.0, 6.0)}
    events = data_card.count_events([part], fold_of)
    features = data_card.feature_table(lambda: [train], ("mass", "jets"), categorical)
    return data_card.card(SETTINGS, events, features, categorical, made_by)


def test_counts_of_subsets_folds_and_classes(part):
    table = data_card.count_events([part], fold_of)
    train = table.filter(subset=columns.TRAIN)
    assert train.select("fold", "label", "n_events", "weight").rows() == [
        (0, 0, 2, 4.0),
        (1, 0, 1, 2.0),
        (1, 1, 1, 2.0),
    ]
    assert train["weight_unc"].to_list() == pytest.approx([8**0.5, 2, 2])


def test_test_events_are_in_no_fold(part):
    test = data_card.count_events([part], fold_of).filter(subset=columns.TEST)
    assert test["fold"].to_list() == [None, None]
    assert test["n_events"].to_list() == [1, 1]


def test_counts_of_parts_are_those_of_the_whole(part):
    parts = [part.take(rows) for rows in np.split(np.arange(6), [1, 5])]
    once = data_card.count_events([part], fold_of)
    assert data_card.count_events(parts, fold_of).equals(once)


def test_feature_table_has_one_row_per_feature_and_class(card):
    rows = {(row["feature"], row["label"]): row for row in card["features"]}
    assert len(rows) == len(card["features"]) == 4
    assert rows["mass", 0]["mean"] == rows["mass", 0]["p50"] == 2
    assert rows["mass", 0]["maximum"] == 3
    assert rows["jets", 0]["minimum"] == 5
    assert rows["jets", 0]["mean"] == pytest.approx(17 / 3)


def test_undefined_statistics_are_null(card):
    (row,) = (r for r in card["features"] if (r["feature"], r["label"]) == ("mass", 1))
    assert (row["n_events"], row["n_missing"], row["missing_fraction"]) == (0, 1, 1)
    for name in ("minimum", "maximum", "mean", "standard_deviation", "p50"):
        assert row[name] is None


def test_the_card_is_complete(card):
    text = data_card.text(card)
    for words in ("HIGGS (UCI)", "events.csv", "abc", "published data set", "1.8 rad"):
        assert words in text
    assert "5, 6." in text
    counts = [row[:4] for row in records.markdown_rows(text)]
    assert ["train", "all", "3", "1"] in counts and ["test", "all", "1", "1"] in counts


def test_toy_events_are_called_toy(card):
    assert "toy events" in data_card.text(card | {"toy": True})
    assert "toy" not in data_card.text(card)


def test_events_of_other_data_sets_are_not_called_official(card):
    text = data_card.text(card | {"is_public": False})
    assert "official" not in text and "published" not in text


def test_the_scaling_of_weights_is_given(card):
    assert "scaled to 100 signal and 1000 background events" in data_card.text(card)
    as_they_are = data_card.text(card | {"normalization": "weights"})
    assert "scaled" not in as_they_are
    assert "as in the files, and count expected events." in as_they_are


def test_the_cut_flow_has_events_and_weights_of_each_process(card):
    flow = {row["process"]: row for row in card["cut_flow"] if row["step"] == "test"}
    assert flow["signal"]["weight"] == 1.0
    rows = [row[:6] for row in records.markdown_rows(data_card.text(card))]
    assert ["background", "5", "4", "3", "1", "0.00%"] in rows
    assert ["signal", "3", "2", "1", "1", "0.00%"] in rows


def test_page_holds_all_tables(card):
    page = data_card.page(card)
    assert page.count("<table>") == 4
    assert "toy events" in data_card.page(card | {"toy": True})


def test_many_files_are_counted(card):
    names = [f"{i}.root" for i in range(200)]
    text = data_card.text(card | {"source": names, "source_sha256": ["ab"] * 200})
    assert "- source: 200 files; their names are in the JSON card" in text
    assert "- SHA-256 of the files: 200 files; they are in the JSON card" in text
    assert "- source: events.csv\n" in data_card.text(card)
