"""Tests of data.recoding: values of settings compare with those of columns."""

import numpy as np
import pytest

from hepfold.core import logs
from hepfold.data import recoding


def codes(values, groups) -> list[int]:
    return recoding.codes(np.asarray(values), groups, "y", "event {}".format).tolist()


@pytest.mark.parametrize("kind", ["f4", "f8", "i1", "i8", "u1", "u8", "?"])
@pytest.mark.parametrize(("one", "zero"), [(1, 0), (1.0, 0.0), (True, False)])
def test_numbers_compare_as_numbers(kind, one, zero):
    values = np.array([1, 0, 0, 1], kind)
    assert codes(values, [(one,), (zero,)]) == [0, 1, 1, 0]


def test_text_that_is_a_number_compares_as_one():
    assert codes([b"1", b"0.0", b"+1e0"], [(0,), (1,)]) == [1, 0, 1]
    assert codes(np.array([1.0, 0.0]), [("0",), ("1",)]) == [1, 0]


def test_text_compares_as_text():
    assert codes([b"s", b"b", b"s"], [("b",), ("s",)]) == [1, 0, 1]
    assert codes(["ttH", "ttW"], [("ttW",), ("ttH",)]) == [1, 0]
    assert codes([b"ttH", b"7"], [(7,), ("ttH",)]) == [1, 0]


@pytest.mark.parametrize(
    ("true", "false"), [(b"true", b"false"), (b"TRUE", b"False"), (b"yes", b"no")]
)
def test_words_for_true_and_false_are_known(true, false):
    assert codes([true, false, b"1", b"0"], [(True,), (False,)]) == [0, 1, 0, 1]


def test_a_group_holds_several_values():
    assert codes(np.array([4, 1, 2, 5]), [(1, 2), (4, 5)]) == [1, 0, 0, 1]


def test_no_events_have_no_codes():
    assert codes(np.empty(0), [(1,), (0,)]) == []


@pytest.mark.parametrize(
    ("values", "groups", "message"),
    [
        ([1.0, 2.0], [(1,), (0,)], "event 1, column 'y': 2.0 is not one of 1, 0"),
        ([1.0, np.nan], [(1,), (0,)], "event 1, column 'y': nan is not one of 1, 0"),
        ([b"s", b"x"], [("s",), ("b",)], "event 1, column 'y': x is not one of s, b"),
        ([b"S"], [("s",), ("b",)], "event 0, column 'y': S is not one of s, b"),
        ([b""], [(1,), (0,)], "event 0, column 'y':  is not one of 1, 0"),
        ([b"maybe"], [(True,), (False,)], "event 0, column 'y': maybe is not one"),
        ([1], [("s",), ("b",)], "event 0, column 'y': 1 is not one of s, b"),
    ],
)
def test_a_value_in_no_group_is_reported(values, groups, message):
    with pytest.raises(logs.InputError) as error:
        codes(values, groups)
    assert str(error.value).startswith(message)


def test_one_value_and_a_list_of_values():
    assert recoding.cells("s") == ("s",) and recoding.cells((1, 2)) == (1, 2)
    assert [recoding.is_number(cell) for cell in (1, 1.5, True, "1")] == [
        True,
        True,
        False,
        False,
    ]
