"""Tests of data.decay_assignments: numbers of assignments, and what they consist of."""

from math import comb

import pytest

from hepfold.core import parsing, settings_decays
from hepfold.data import decay_assignments

BODIES = ("lepton", "met", "jet1", "jet2", "jet3", "jet4")
JETS = list(BODIES[2:])
W = {"any_of": JETS, "n": 2, "mass": 80.4, "width": 10}
TOP = {"bodies": ["W"], "any_of": JETS, "n": 1, "mass": 172.5, "width": 18}
LEPTONIC = {"bodies": ["lepton", "neutrino"], "any_of": JETS, "n": 1}


def declared(**candidates) -> settings_decays.Decays:
    """Decays of a neutrino and the given candidates."""
    neutrinos = {"neutrino": {"met": "met", "lepton": "lepton"}}
    decays = {"neutrinos": neutrinos, "candidates": candidates}
    return parsing.parse(decays, settings_decays.Decays)


def ways(**candidates) -> dict[str, list[decay_assignments.Assignment]]:
    """Assignments of each of the given candidates."""
    return decay_assignments.assignments(BODIES, declared(**candidates))


def test_a_w_is_each_pair_of_jets_once():
    pairs = {tuple(sorted(way.leaves)) for way in ways(W=W)["W"]}
    assert len(pairs) == comb(4, 2) == len(ways(W=W)["W"])
    assert all(min(pair) >= 2 for pair in pairs)


def test_a_top_is_a_w_and_one_of_the_other_jets_with_two_terms():
    tops = ways(W=W, top=TOP)["top"]
    assert len(tops) == comb(4, 2) * 2
    for top in tops:
        assert len(top.leaves) == 3
        assert sorted(term.mass for term in top.terms) == [80.4, 172.5]
        assert sorted(len(term.leaves) for term in top.terms) == [2, 3]


def test_a_top_pair_uses_each_body_once_and_both_neutrinos():
    pairs = ways(W=W, top=TOP, leptonic=LEPTONIC, pair={"bodies": ["top", "leptonic"]})[
        "pair"
    ]
    # A pair of jets, the jet of the first top, the jet of the second, the solution.
    assert len(pairs) == comb(4, 2) * 2 * 1 * 2
    assert all(pair.used == frozenset(range(6)) for pair in pairs)
    assert {max(pair.leaves) for pair in pairs} == {6, 7}


def test_neutrino_and_missing_momentum_exclude_each_other():
    assert ways(odd={"bodies": ["neutrino", "met"]})["odd"] == []


def test_equal_assignments_come_once():
    """Two ways to choose the same three jets, without a W among them, are one."""
    pair = {"any_of": JETS, "n": 2}
    three = {"bodies": ["pair"], "any_of": JETS, "n": 1}
    assert len(ways(pair=pair, three=three)["three"]) == comb(4, 3)


def test_candidates_of_other_bodies_are_left_out_with_what_needs_them():
    decays = declared(
        W=W, top=TOP, leptonic={"bodies": ["lepton", "neutrino"]}, ll=LEPTONIC
    )
    for missing, left in (
        ("jet1", ["leptonic"]),
        ("met", ["W", "top"]),
        ("lepton", ["W", "top"]),
    ):
        kept = decay_assignments.computable(decays, {*BODIES} - {missing})
        assert list(kept.candidates) == left
        assert list(kept.neutrinos) == (["neutrino"] if missing == "jet1" else [])
    assert decay_assignments.computable(decays, {*BODIES}) == decays


@pytest.mark.parametrize("name", ["met", "lepton", "jet4", "W"])
def test_names_in_decays_are_those_of_all_members(name):
    assert name in decay_assignments.names_in(declared(W=W, top=TOP))
