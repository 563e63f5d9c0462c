"""Tests of core.settings_base: what all settings have in common."""

import msgspec
import pytest

from hepfold.core import settings_base


class Group(settings_base.Settings, tag_field="kind", tag="group"):
    """Example."""

    fraction: settings_base.OpenFraction = 0.5


def test_a_group_knows_its_kind():
    assert Group().kind == "group"


@pytest.mark.parametrize("value", [0, 1])
def test_an_open_fraction_excludes_both_ends(value):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "group", "fraction": value}, Group)


def test_unknown_keys_are_rejected():
    with pytest.raises(msgspec.ValidationError, match="unknown"):
        msgspec.convert({"kind": "group", "fractions": 0.5}, Group)
