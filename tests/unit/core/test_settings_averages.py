"""Tests of core.settings_averages: the key `kind` names one."""

import msgspec
import pytest

from hepfold.core import settings_averages


def test_the_kind_chooses_the_class():
    average = {"kind": "stochastic", "first_epoch": 3}
    chosen = msgspec.convert(average, settings_averages.Average)
    assert chosen == settings_averages.Stochastic(first_epoch=3)


def test_a_decay_of_one_would_never_forget():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "exponential", "decay": 1}, settings_averages.Average)
