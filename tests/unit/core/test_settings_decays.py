"""Tests of core.settings_decays: keys of a candidate that need each other."""

import pytest

from hepfold.core import logs, parsing, settings_decays

JETS = ["jet1", "jet2", "jet3"]


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        ({"any_of": JETS, "n": 4}, r"n must be from 1 to the length of any_of \(3\)"),
        ({"any_of": JETS, "bodies": ["a", "b"]}, "n must be from 1"),
        ({"any_of": JETS, "n": -1}, "n: expected"),
        ({"any_of": JETS, "n": 1}, "must be two or more together"),
        ({"bodies": ["jet1"]}, "must be two or more together"),
        ({"bodies": ["jet1", "jet1"]}, "listed twice"),
        ({"any_of": JETS, "n": 2, "mass": 80}, "must be given together"),
        ({"any_of": JETS, "n": 2, "width": 10}, "must be given together"),
        ({"any_of": JETS, "n": 2, "mass": 80, "width": 0}, "width: expected"),
        ({"any_of": JETS, "n": 2, "masses": 80}, "masses: unknown key"),
    ],
)
def test_incomplete_candidates_are_rejected_by_name(candidate, reason):
    decays = {"candidates": {"W": candidate}}
    with pytest.raises(logs.InputError, match=rf"^decays\.candidates\.W.*{reason}"):
        parsing.parse(decays, settings_decays.Decays, "decays")
