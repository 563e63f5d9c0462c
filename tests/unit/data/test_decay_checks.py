"""Tests of data.decay_checks: each fault of decays and factors is named by its key."""

import declarations
import public_sets
import pytest

from hepfold.data import decay_checks, declaration_checks

NEUTRINO = {"neutrino": {"met": "met", "lepton": "lep"}}
BASE = {
    "title": "Own",
    "files": "own.csv",
    "label": {"column": "is_signal", "signal": 1, "background": 0},
    "features": ["lep_pt", "lep_eta", "lep_phi", "met_pt", "met_phi"],
    "bodies": {
        "lep": {"pt": "lep_pt", "eta": "lep_eta", "phi": "lep_phi"},
        "met": {"pt": "met_pt", "phi": "met_phi"},
    },
}
W = {"bodies": ["lep", "neutrino"], "mass": 80.4, "width": 10}


def faults(decays: dict, **changes) -> list[str]:
    """Key and reason of each fault of a declaration with these decays."""
    declared = declarations.parse(BASE | {"decays": decays} | changes)
    return [f"{key}: {reason}" for key, reason in decay_checks.faults(declared)]


@pytest.mark.parametrize(
    ("decays", "fault"),
    [
        (
            {"neutrinos": {"n": {"met": "mett", "lepton": "lep"}}},
            "decays.neutrinos.n.met: no body is called 'mett'; did you mean met?",
        ),
        (
            {"neutrinos": {"n": {"met": "lep", "lepton": "lep"}}},
            "decays.neutrinos.n.met: lep has an eta; name missing momentum",
        ),
        (
            {"neutrinos": {"n": {"met": "met", "lepton": "met"}}},
            "decays.neutrinos.n.lepton: met has no eta; name a charged lepton",
        ),
        (
            {"neutrinos": {"lep": NEUTRINO["neutrino"]}},
            "decays.neutrinos.lep: a body has this name; choose another",
        ),
        (
            {"candidates": {"W": {"bodies": ["lep", "neutrino"]}}},
            "decays.candidates.W.bodies: 'neutrino' is no body, neutrino or earlier "
            "candidate",
        ),
        (
            {"candidates": {"top": {"bodies": ["W", "lep"]}, "W": W}},
            "decays.candidates.top.bodies: 'W' is no body, neutrino or earlier "
            "candidate",
        ),
        (
            {"neutrinos": NEUTRINO, "candidates": {"neutrino": W}},
            "decays.candidates.neutrino: a body or neutrino has this name; choose "
            "another",
        ),
        (
            {
                "neutrinos": NEUTRINO,
                "candidates": {"X": {"bodies": ["met", "neutrino"]}},
            },
            "decays.candidates.X: it has a body twice; name other bodies",
        ),
    ],
)
def test_names_that_do_not_fit(decays, fault):
    assert fault in faults(decays)


def test_complete_decays_have_no_fault():
    assert faults({"neutrinos": NEUTRINO, "candidates": {"W": W}}) == []


def test_recovered_units_must_include_each_momentum_of_decays():
    decays = {"neutrinos": NEUTRINO, "candidates": {"W": W}}
    changes = {"units": "recovered", "steps": {"lep_pt": 0.01}}
    (fault,) = faults(decays, **changes)
    assert fault == (
        "bodies.met: decays need the unit of met_pt in GeV; add it to steps or factors"
    )
    assert faults(decays, factors={"met_pt": 58.2}, **changes) == []


def test_momenta_that_may_be_negative_have_no_masses():
    decays = {"candidates": {"X": {"bodies": ["lep", "met"]}}}
    (fault,) = faults(decays, positive_momenta=False)
    assert fault.startswith("decays: masses need positive_momenta: true")


def test_factors_are_of_columns_in_arbitrary_units_alone():
    (fault,) = faults({}, factors={"met_pt": 2.0})
    assert fault == "factors: they need units: recovered"
    (fault,) = faults(
        {},
        units="recovered",
        factors={"met_pt": 2.0},
        steps={"met_pt": 0.1},
    )
    assert fault.startswith("factors.met_pt: its unit is recovered by steps")


def test_too_many_assignments_are_rejected(monkeypatch):
    monkeypatch.setattr(decay_checks, "MAX_ASSIGNMENTS", 1)
    (fault,) = faults({"neutrinos": NEUTRINO, "candidates": {"W": W}})
    assert "in 2 ways, more than 1; shorten any_of" in fault


@pytest.mark.parametrize("name", public_sets.DECLARED)
def test_public_sets_have_no_faults(name):
    assert not list(decay_checks.faults(public_sets.DECLARED[name]))


def test_a_declaration_is_checked_for_its_decays():
    declared = declarations.parse(BASE | {"factors": {"met_pt": 2.0, "x": 1.0}})
    faults = list(declaration_checks.faults("own", declared))
    assert "datasets.own.factors: they need units: recovered" in faults
    assert "datasets.own.factors.x: 'x' is not listed in features" in faults
