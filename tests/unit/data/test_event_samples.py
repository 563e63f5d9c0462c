"""Tests of data.event_samples: files that are read alike, and their settings."""

import declarations
import public_sets
import pytest

from hepfold.core import settings_samples
from hepfold.data import event_samples

MANY = {
    "title": "x",
    "tree": "nominal",
    "processes": {
        "ttH": {"files": "a.root", "label": "signal", "tree": "other"},
        "ttW": {
            "files": ["c.root", "b.zip!d.root"],
            "label": "background",
            "select": "n > 1",
            "weight": "w2",
        },
    },
    "select": "x > 0",
    "weight": "w",
    "features": ["x"],
    "data": {"files": "data.root"},
    "apply": {"varied": {"files": "v.root", "tree": "up", "process": "ttW"}},
}
ONE = {
    "title": "x",
    "files": ["a.csv#md5=0", "https://a.org/b.csv", "toy"],
    "toy": "higgs",
    "label": {"column": "y", "signal": 1, "background": 0},
    "weight": "w",
    "select": "x > 0",
    "test": {"files": "t.csv"},
    "features": ["x"],
}


def test_each_process_is_a_sample_with_its_own_settings():
    signal, background = declarations.samples(declarations.parse(MANY))
    place = "datasets.own"
    assert (signal.process, signal.label, signal.tree) == ("ttH", 1, "other")
    assert (background.process, background.label) == ("ttW", 0)
    assert background.tree == "nominal"
    assert background.setting == f"{place}.processes.ttW.files"
    assert background.files == ("c.root", "b.zip!d.root")
    assert signal.select == ((f"{place}.select", "x > 0"),)
    of_process = (f"{place}.processes.ttW.select", "n > 1")
    assert background.select == (*signal.select, of_process)
    assert signal.weight == (f"{place}.weight", "w")
    assert background.weight == (f"{place}.processes.ttW.weight", "w2")
    assert signal.subset == background.subset == "train"
    assert event_samples.paths([signal, background]) == ["a.root", "c.root", "b.zip"]
    assert event_samples.names([background]) == ["c.root", "b.zip!d.root"]


def test_files_of_test_events_are_a_sample_with_the_same_selection():
    train, test = declarations.samples(declarations.parse(ONE))
    assert train.files == ("a.csv", "downloads/b.csv", "toys.csv.gz")
    assert test.files == ("t.csv",) and test.setting == "datasets.own.test.files"
    assert (train.subset, test.subset) == ("train", "test")
    assert (train.select, train.weight) == (test.select, test.weight)
    assert train.process is None and train.label is None


@pytest.mark.parametrize("test", [None, {"last": 5}, "x > 1"])
def test_other_test_events_are_no_sample(test):
    declared = declarations.parse(ONE, test=test)
    assert len(declarations.samples(declared)) == 1
    assert event_samples.n_last(declared) == (5 if isinstance(test, dict) else 0)


def test_further_events_have_no_truth():
    declared = declarations.parse(MANY)
    entries = "a.root", "root://host//far/b.root#md5=00"
    sample = settings_samples.Sample(files=entries, select="y > 1")
    further = event_samples.further("datasets.own.apply.b", sample, declared, "fetched")
    assert not further.has_truth and further.tree == "nominal"
    assert further.files == ("a.root", "fetched/b.root")
    assert further.select == (
        ("datasets.own.select", "x > 0"),
        ("datasets.own.apply.b.select", "y > 1"),
    )


def test_further_events_of_a_process_are_selected_and_weighted_like_it():
    declared = declarations.parse(MANY)
    varied = declared.apply["varied"]
    further = event_samples.further(
        "datasets.own.apply.varied", varied, declared, "fetched"
    )
    _, background = declarations.samples(declared)
    assert (further.files, further.tree) == (("v.root",), "up")
    assert further.setting == "datasets.own.apply.varied.files"
    assert (further.select, further.weight) == (background.select, background.weight)
    assert not further.has_truth


def test_every_local_file_is_listed_with_its_setting():
    listed = event_samples.local_paths("own", declarations.parse(MANY))
    assert listed == [
        ("datasets.own.processes.ttH.files", "a.root"),
        ("datasets.own.processes.ttW.files", "c.root"),
        ("datasets.own.processes.ttW.files", "b.zip!d.root"),
        ("datasets.own.apply.varied.files", "v.root"),
        ("datasets.own.data.files", "data.root"),
    ]
    listed = event_samples.local_paths("own", declarations.parse(ONE))
    assert [path for _, path in listed] == ["a.csv", "t.csv"]


def test_entries_and_toys():
    declared = declarations.parse(ONE)
    assert event_samples.entries(declared) == [*ONE["files"], "t.csv"]
    assert event_samples.is_toy(declared)
    assert not event_samples.is_toy(declarations.parse(ONE, files="a.csv"))
    ntuples = declarations.parse(MANY)
    assert event_samples.entries(ntuples) == ["a.root", "c.root", "b.zip!d.root"]
    assert not event_samples.is_toy(ntuples)
    assert event_samples.is_toy(declarations.parse(MANY, toy="ntuples"))


def test_processes_are_those_of_files_of_a_column_or_the_classes():
    many = declarations.parse(MANY)
    assert event_samples.process_names(many) == ("ttH", "ttW")
    assert event_samples.process_labels(many) == (1, 0)
    higgs = public_sets.DECLARED["higgs"]
    assert event_samples.process_names(higgs) == ("background", "signal")
    assert event_samples.process_labels(higgs) == (0, 1)
    column = {"column": "p", "signal": [7], "background": ["ttW", 3]}
    by_column = declarations.parse({**ONE, "label": None, "process": column})
    assert event_samples.process_names(by_column) == ("7", "ttW", "3")
    assert event_samples.process_labels(by_column) == (1, 0, 0)
