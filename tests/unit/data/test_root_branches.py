"""Tests of data.root_branches: names of branches and what they hold."""

import awkward as ak
import numpy as np
import pytest
import uproot
from uproot.interpretation import grouped, identify

from hepfold.core import logs
from hepfold.data import root_branches, root_files

SETTING = "datasets.a.files"


@pytest.fixture
def ntuple_path(tmp_path) -> str:
    """An RNTuple with records and lists of records."""
    jets = ak.Array([[{"pt": 1.0, "n": 2}, {"pt": 3.0, "n": 4}], []])
    met = ak.Array([{"pt": 5.0, "phi": 0.1}, {"pt": 6.0, "phi": 0.2}])
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mkrntuple("t", {"Jet": jets, "met": met, "pt": np.array([7.0, 8.0])})
    return str(tmp_path / "a.root")


def test_members_of_records_have_dots(ntuple_path):
    holds = root_files.branches(ntuple_path, None, SETTING)
    assert holds == {
        "Jet": "list of record of pt, n",
        "Jet.pt": "list of double",
        "Jet.n": "list of int64",
        "met": "record of pt, phi",
        "met.pt": "double",
        "met.phi": "double",
        "pt": "double",
    }


def test_members_of_one_name_are_not_confused(ntuple_path):
    kinds = {"pt": "any", "met.pt": "number64", "Jet.pt": "any"}
    (part,) = root_files.read(ntuple_path, kinds, None, SETTING)
    assert part.columns["pt"].tolist() == [7, 8]
    assert part.columns["met.pt"].tolist() == [5, 6]
    assert part.columns["Jet.pt"].tolist() == [[1, 3], []]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Jet", "'Jet': holds a list of record of pt, n, not numbers; use a branch of"),
        ("JET.PT", "no branch 'JET.PT'; did you mean Jet.pt"),
        ("zzz", "no branch 'zzz'; the tree contains Jet, Jet.pt, Jet.n, met, met.pt"),
    ],
)
def test_a_missing_or_unreadable_branch_is_reported(ntuple_path, name, message):
    with pytest.raises(logs.InputError) as error:
        list(root_files.read(ntuple_path, {name: "any"}, None, SETTING))
    assert f"{SETTING}: {ntuple_path}, tree 't'" in str(error.value)
    assert message in str(error.value)


class Branch:
    """A branch of a TTree with branches in it, of a class that uproot cannot write."""

    typename = "TLorentzVector"

    def __init__(self, *names: str, interpretation=None) -> None:
        self.names = names
        self.interpretation = interpretation

    def keys(self) -> list[str]:
        return list(self.names)


def test_sub_branches_have_short_names_where_these_are_unique():
    tree = Branch("x", "jets", "jets/jets.pt", "p1", "p1/fE", "p2", "p2/fE")
    names = root_branches.keys(tree)
    assert names["jets.pt"] == names["jets/jets.pt"] == "jets/jets.pt"
    assert names["p1/fE"] == "p1/fE" and "fE" not in names
    assert names["x"] == "x"


def test_a_short_name_never_hides_a_branch():
    names = root_branches.keys(Branch("group", "group/x", "x"))
    assert names["x"] == "x"


def test_objects_and_groups_are_named():
    unknown = identify.UnknownInterpretation("no streamer", "f.root", "p4")
    holds = root_branches.branch_description(Branch(interpretation=unknown))
    assert holds == "object TLorentzVector"
    branch = Branch("p4/fE", "p4/fP", interpretation=grouped.AsGrouped(None, {}))
    assert root_branches.branch_description(branch) == "group of 2 branches"
