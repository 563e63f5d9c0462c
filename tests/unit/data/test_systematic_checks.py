"""Tests of data.systematic_checks: each fault of a systematic in one line."""

import declarations
import pytest

from hepfold.data import systematic_checks

DECLARED = {
    "title": "Two processes",
    "processes": {
        "ttH": {"files": "ttH.root", "label": "signal"},
        "ttW": {
            "files": "ttW.root",
            "label": "background",
            "xsec_pb": 1.0,
            "sum_of_weights": 5.0,
        },
    },
    "luminosity_ipb": 3.0,
    "id": "number",
    "features": ["a"],
}
TREE = {"up": {"tree": "up"}}
FAULTS = [
    ({"jes": {"up": {}}}, "systematics.jes.up", "it must give a tree, a weight"),
    ({"mu": TREE}, "systematics.mu", "'mu' is a parameter of every fit"),
    ({"luminosity": TREE}, "systematics.luminosity", "choose another name"),
    ({"ttW_normalization": TREE}, "systematics.ttW_normalization", "choose another"),
    ({"staterror_SR": TREE}, "systematics.staterror_SR", "choose another name"),
    (
        {"jes": {**TREE, "processes": ["ttw"]}},
        "systematics.jes.processes",
        "no process 'ttw'; did you mean ttW",
    ),
    (
        {"jes": {**TREE, "down": {"files": {"ttw": "x.root"}}}},
        "systematics.jes.down.files.ttw",
        "no process 'ttw'; did you mean ttW",
    ),
    (
        {"shower": {"up": {"files": {"ttW": "x.root"}}}},
        "systematics.shower.up.files.ttW",
        "give a tree and a branch",
    ),
]


def faults(systematics: dict, **changes) -> list[tuple[str, str]]:
    declared = declarations.parse(DECLARED | changes, systematics=systematics)
    return list(systematic_checks.faults(declared))


@pytest.mark.parametrize(("systematics", "key", "reason"), FAULTS)
def test_a_fault_is_named_by_its_key(systematics, key, reason):
    ((place, text),) = faults(systematics)
    assert place == key
    assert reason in text and "\n" not in text


def test_varied_events_need_ids():
    """Without ids, events that were trained on could not be identified."""
    ((place, text),) = faults({"jes": TREE}, id=None)
    assert place == "systematics.jes.up" and "set id of the data set" in text
    assert faults({"pileup": {"up": {"weight": "w"}}}, id=None) == []


def test_a_complete_declaration_has_no_fault():
    weights = {"up": {"weight": "w_up"}, "down": {"weight": "w_down"}}
    files = {"up": {"files": {"ttH": "x.root"}}}
    assert faults({"jes": TREE, "pileup": weights, "shower": files}) == []
