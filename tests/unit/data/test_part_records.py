"""Tests of data.part_records: counts and keys of parts survive their files."""

from types import SimpleNamespace

import h5py
import numpy as np

from hepfold.data import cut_flow, event_ids, folds, part_records


def flow_of(processes: tuple[str, ...], code: int, weight: list) -> SimpleNamespace:
    """A reader that has read events of one process."""
    flow = cut_flow.CutFlow(processes)
    flow.add("read", np.full(len(weight), code), np.array(weight))
    return SimpleNamespace(cut_flow=flow)


def test_totals_are_sums_with_normalized_weights():
    reader = SimpleNamespace(cut_flow=cut_flow.CutFlow(("a", "b")))
    totals = part_records.Totals(reader, 2)
    rows = []
    for code, processes, weight in ((0, ("a",), [1, 2]), (1, ("a", "b"), [4, -1, 2])):
        sums = folds.WeightSums(2)
        sums.sums[0, 1, code], sums.counts[0, 1, code] = sum(weight), len(weight)
        record = part_records.record_of(
            flow_of(processes, code, weight),
            sums,
            ("x",)[:code],
            [f"sha {code}"],
        )
        for process in ("p", "p", None):
            rows.append(totals.add(record, 10.0, process))
    assert rows == [0, 2, 0, 4, 7, 2]
    assert reader.cut_flow.n_events[0].tolist() == [6, 9]
    assert reader.cut_flow.weight[0].tolist() == [90, 150]
    assert reader.cut_flow.squares[0].tolist() == [1500, 6300]
    assert totals.sums.sums[0, 1].tolist() == [90, 150]
    assert totals.sums.counts[0, 1].tolist() == [6, 9]
    assert totals.others == {"x"}
    assert totals.source_sha256 == ["sha 0"] * 3 + ["sha 1"] * 3


def test_keys_keep_their_places(tmp_path):
    keys, path = event_ids.Keys(), str(tmp_path / "a.h5")
    largest = np.iinfo("i8").max
    keys.add("a.csv, line", range(7, 10), np.zeros(3, "u2"), np.array([5, 6, largest]))
    keys.add(
        "b.root, event", np.array([4, 9]), np.ones(2, "u2"), np.array([5, largest])
    )
    with h5py.File(path, "w") as file:
        part_records.write_keys(file, keys)
    read = event_ids.Keys()
    for _ in range(2):
        part_records.read_keys(path, read)
    n_equal, (one, other, key) = read.repeated()
    assert n_equal == 5
    assert one == other == "a.csv, line 7" and key == 5
    assert [read.where(i) for i in (2, 3, 4, 9)] == [
        "a.csv, line 9",
        "b.root, event 4",
        "b.root, event 9",
        "b.root, event 9",
    ]
