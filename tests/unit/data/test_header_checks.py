"""Tests of data.header_checks: what files lack is reported with key and file."""

import awkward as ak
import declared_inputs as inputs
import numpy as np
import pytest

from hepfold.data import header_checks


@pytest.fixture
def ntuples(tmp_path):
    """Keys of a data set with one ROOT file of signal and four of background."""
    n = 3
    tree = {
        "pt": np.ones(n, "f4"),
        "eta": np.ones(n),
        "w": np.ones(n),
        "jets": ak.Array([[1.0, 2.0], [], [3.0]]),
        "event": np.arange(n),
    }
    names = ["signal", *(f"background{i}" for i in range(4))]
    for name in names:
        path = tmp_path / f"{name}.root"
        inputs.write_root(path, nominal=tree, Runs={"sumw": np.ones(2)})
    signal, background = f"{tmp_path}/signal.root", f"{tmp_path}/background*.root"
    total = {"xsec_pb": 1, "sum_of_weights": {"tree": "Runs", "branch": "sumw"}}
    return {
        "files": None,
        "label": None,
        "tree": "nominal",
        "luminosity_ipb": 1,
        "processes": {
            "s": {"files": signal, "label": "signal", **total},
            "b": {"files": background, "label": "background"},
        },
        "define": {"x": "pt / 2", "n": "count(jets > 1)"},
        "weight": "w",
        "id": "event",
        "select": "n > 0",
        "features": ["x", "eta"],
    }


def faults(keys: dict, **changes) -> list[str]:
    declaration = inputs.declared(**(keys | changes))
    return header_checks.faults("own", declaration)


def test_files_that_have_everything_pass(ntuples):
    assert faults(ntuples) == []


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"features": ["x", "Eta"]}, "features", "no branch 'Eta'; did you mean eta?"),
        ({"select": "N > 0"}, "select", "no branch 'N'; did you mean n?"),
        ({"weight": "w * ww"}, "weight", "no branch 'ww'; did you mean w?"),
        ({"id": "evnt"}, "id", "no branch 'evnt'; did you mean event?"),
        ({"keep": ["foo"]}, "keep", "no branch 'foo'; the file has "),
        (
            {"rename": {"eta": "eta2"}},
            "rename.eta",
            "no branch 'eta2'; did you mean et",
        ),
        ({"tree": "nominl"}, None, "has no tree 'nominl'; did you mean 'nominal'?"),
        (
            {"systematics": {"jes": {"up": {"tree": "up"}}}},
            "systematics.jes.up.tree",
            "has no tree 'up'; trees of the file: nominal, Runs",
        ),
        (
            {"systematics": {"mu": {"up": {"weight": "w_up"}}}},
            "systematics.mu.up.weight",
            "no branch 'w_up'",
        ),
    ],
)
def test_what_files_lack_is_reported_once_with_its_key(ntuples, changes, key, reason):
    lines = faults(ntuples, **changes)
    assert len(lines) == (2 if key is None else 1)
    for line in lines:
        assert line.startswith(f"datasets.own.{key or 'processes.'}")
        assert reason in line and ".root" in line
    if key:
        assert "signal.root" in lines[0] and " and 2 more: " in lines[0]


def test_a_metadata_branch_must_exist(ntuples):
    signal = ntuples["processes"]["s"]
    for metadata, reason in (
        ({"tree": "Runs", "branch": "sum"}, "no branch 'sum'; it has sumw"),
        ({"tree": "Run", "branch": "sumw"}, "has no tree 'Run'; did you mean 'Runs'?"),
    ):
        processes = ntuples["processes"] | {"s": {**signal, "sum_of_weights": metadata}}
        (line,) = faults(ntuples, processes=processes)
        assert line.startswith("datasets.own.processes.s.sum_of_weights")
        assert reason in line


def test_missing_files_are_reported_together(ntuples):
    further = {"files": "neither.root"}
    lines = faults(ntuples, apply={"more": further}, data={"files": "none*.root"})
    assert lines == [
        "datasets.own.apply.more.files: no file 'neither.root'",
        "datasets.own.data.files: no file matches 'none*.root'",
    ]


def test_files_that_another_workflow_makes_may_be_missing(ntuples):
    """Files that exist are still compared with the declaration."""
    declaration = inputs.declared(**ntuples, apply={"more": {"files": "none.root"}})
    assert len(header_checks.faults("own", declaration)) == 1
    assert header_checks.faults("own", declaration, must_exist=False) == []
    declaration = inputs.declared(**(ntuples | {"features": ["nowhere"]}))
    assert header_checks.faults("own", declaration, must_exist=False)


def test_files_that_the_workflow_makes_are_not_opened(ntuples):
    processes = {
        "s": {"files": "results/raw/own/s.root", "label": "signal"},
        "b": {"files": "https://example.org/b.root", "label": "background"},
    }
    assert faults(ntuples, processes=processes) == []


def test_kept_columns_may_be_absent_from_further_files(tmp_path):
    columns = inputs.table()
    whole, plain = tmp_path / "events.csv", tmp_path / "plain.csv"
    whole.write_text(inputs.csv(columns))
    del columns["w"]
    plain.write_text(inputs.csv(columns))
    keys = {"files": str(whole), "apply": {"more": {"files": str(plain)}}}
    assert inputs.faults(inputs.declared(**keys, keep=["w"])) == []
    fault = inputs.only_fault(inputs.declared(**keys, keep=["typo"]))
    assert fault.startswith(f"datasets.own.keep: {whole}: no column 'typo'")


def test_a_variable_that_is_defined_too_late_is_named(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(inputs.csv(inputs.table()))
    define = {"x": "2 * y", "y": "a + b"}
    declared = inputs.declared(files=str(path), define=define, features=["x"])
    fault = inputs.only_fault(declared)
    assert fault.startswith("datasets.own.define.x: ") and "move 'y' up" in fault


def test_further_events_need_no_truth(tmp_path):
    columns = inputs.table()
    whole, plain = tmp_path / "events.csv", tmp_path / "plain.csv"
    whole.write_text(inputs.csv(columns))
    del columns["is_signal"], columns["w"]
    plain.write_text(inputs.csv(columns))
    keys = {"files": str(whole), "weight": "w"}
    assert faults(keys, data={"files": str(plain)}) == []
    assert faults(keys, data={"files": str(plain)}, select="w > 0") == [
        f"datasets.own.select: {plain}: no column 'w'; the file has a, b"
    ]


def test_text_in_an_expression_is_reported(tmp_path):
    path = inputs.write_root(tmp_path / "t.root", events={"a": np.ones(3)})
    processes = {
        label: {"files": path, "label": label, "select": f"a == {i}"}
        for i, label in enumerate(("signal", "background"))
    }
    keys = {"files": None, "label": None, "processes": processes, "features": ["a"]}
    assert faults(keys) == []
    csv = tmp_path / "t.csv"
    csv.write_text(inputs.csv(inputs.table(label=("b", "s"))))
    label = {"column": "is_signal", "signal": "s", "background": "b"}
    (line,) = faults({"files": str(csv), "label": label, "select": "is_signal > 0"})
    assert line.startswith(f"datasets.own.select: {csv}: 'is_signal > 0': ")
