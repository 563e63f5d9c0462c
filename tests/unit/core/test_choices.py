"""Tests of core.choices: exactly one kind, whatever an overlay switched off."""

import pytest

from hepfold.core import choices, logs


def test_the_kind_that_is_not_null_is_chosen():
    part = {"sgd": None, "adamw": {"beta2": 0.99}, "muon": None}
    assert choices.chosen(part, "optimizer") == ("adamw", {"beta2": 0.99})


def test_a_kind_without_settings_can_be_chosen():
    assert choices.chosen({"none": {}}, "average") == ("none", {})


@pytest.mark.parametrize(
    ("part", "found"),
    [({}, "none"), ({"sgd": None}, "none"), ({"sgd": {}, "muon": {}}, "sgd, muon")],
)
def test_no_kind_and_two_kinds_are_refused_in_one_line(part, found):
    with pytest.raises(logs.InputError, match=f"optimizer: .*found {found};") as error:
        choices.chosen(part, "optimizer")
    assert "\n" not in str(error.value)
