"""Tests of data.expressions: values, masks and messages of what users write."""

import math
import operator
import pickle

import awkward as ak
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepfold.core import logs
from hepfold.data import expressions

NAN = np.nan
PLACE = "datasets.tth.select"
COLUMNS = {
    "x": np.array([1.0, NAN, 3.0]),
    "n_jets": np.array([2, 4, 6], np.int32),
    "is_SS": np.array([True, False, True]),
    "eventNumber": np.array([2**63 - 1, 2**64 - 1, 4], np.uint64),
    "b-tag": np.array([0.1, 0.2, 0.3], np.float32),
    "Jet_pt": ak.Array([[50.0, 20.0], [], [40.0]]),
    "Jet_eta": ak.Array([[-1.0, 3.0], [], [0.5]]),
    "Jet_id": ak.Array([[6, 2], [], [2**62 + 1]]),
    "Muon_pt": ak.Array([[5.0], [], [6.0]]),
    "vector_of_one": ak.Array([[5.0], [7.0], [6.0]]),
    "name": np.array([b"a", b"b", b"c"]),
}
NUMBERS = st.floats(-100, 100)
DOUBLES = {"x": NUMBERS, "y": NUMBERS, "z": NUMBERS}
BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    ">=": operator.ge,
    "==": operator.eq,
    "&&": lambda a, b: bool(a) and bool(b),
    "or": lambda a, b: bool(a) or bool(b),
}


def evaluated(text: str) -> list:
    """Values of an expression of `COLUMNS`."""
    return expressions.parse(text, PLACE).evaluate(COLUMNS, 3).tolist()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x", [1, NAN, 3]),
        ("x > 2", [0, NAN, 1]),
        ("!(x > 2)", [1, NAN, 0]),
        ("n_jets >= 4 && is_SS", [False, False, True]),
        ("n_jets / 4", [0.5, 1.0, 1.5]),
        ("eventNumber % 5 == 4", [False, False, True]),
        ("eventNumber == 9223372036854775807", [True, False, False]),
        ("eventNumber > 18446744073709551614", [False, True, False]),
        ("x > 2 ? 10 : n_jets", [2, NAN, 10]),
        ("`b-tag` > 0.15", [False, True, True]),
        ("Jet_pt[0]", [50, NAN, 40]),
        ("Jet_id[0]", [6, NAN, 2**62 + 1]),
        ("Alt$(Jet_id[0], -1)", [6, -1, 2**62 + 1]),
        ("sum(Jet_pt * (abs(Jet_eta) < 2.4))", [50, 0, 40]),
        ("sum(Jet_pt[abs(Jet_eta) < 2.4])", [50, 0, 40]),
        ("Jet_pt[Jet_eta > 0][0]", [20, NAN, 40]),
        ("count(Jet_pt > 30 and Jet_eta < x)", [1, 0, 1]),
        ("Max$(Jet_pt) - min(Jet_pt)", [30, NAN, 0]),
        ("any(Jet_eta > 2.4)", [True, False, False]),
        ("all(Jet_eta < 2.4)", [False, True, True]),
        ("vector_of_one + 1", [6, 8, 7]),
        ("sqrt(-1) + 1", [NAN] * 3),
        ("log(0)", [-math.inf] * 3),
        ("1 / 0", [math.inf] * 3),
        ("n_jets % 0", [NAN] * 3),
        ("5 % 0", [NAN] * 3),
        ("true", [True] * 3),
        ("7", [7] * 3),
    ],
)
def test_values(text, values):
    np.testing.assert_array_equal(evaluated(text), values)


def test_types_of_results():
    types = {
        "x": "f8",
        "b-tag": "f8",
        "n_jets": "i8",
        "is_SS": "?",
        "eventNumber": "u8",
    }
    for name, kind in types.items():
        result = expressions.parse(f"`{name}`", PLACE).evaluate(COLUMNS, 3)
        assert result.dtype == kind


@pytest.mark.parametrize("condition", ["x > 2", "x == x", "Jet_pt[0] < 45", "x"])
def test_unknown_conditions_hold_in_neither_form(condition):
    holds = expressions.parse(condition, PLACE).mask(COLUMNS, 3)
    fails = expressions.parse(f"not ({condition})", PLACE).mask(COLUMNS, 3)
    assert (holds.dtype, holds.shape) == (bool, (3,))
    np.testing.assert_array_equal(holds | fails, [True, False, True])
    assert not np.any(holds & fails)


def test_masks_of_constants_and_numbers():
    assert expressions.parse("1 < 2", PLACE).mask({}, 3).tolist() == [True] * 3
    assert expressions.parse("n_jets - 4", PLACE).mask(COLUMNS, 3).tolist() == [1, 0, 1]
    assert expressions.parse("0", PLACE).mask({}, 2).tolist() == [False] * 2


def test_parts_without_events():
    empty = {name: column[:0] for name, column in COLUMNS.items()}
    for text in (
        "x > 2",
        "n_jets * 2",
        "sum(Jet_pt)",
        "Max$(Jet_id)",
        "Jet_pt[0]",
        "1",
    ):
        assert expressions.parse(text, PLACE).evaluate(empty, 0).shape == (0,)


def test_names_in_order_of_appearance():
    expression = expressions.parse("b * `a-1` + max(Jet.pt[i > 0]) + pi * b", PLACE)
    assert expression.names == ("b", "a-1", "Jet.pt", "i")


def test_expressions_can_be_sent_to_jobs():
    expression = expressions.parse("max(x, 2) > 2 ? 1 : 0", PLACE)
    assert pickle.loads(pickle.dumps(expression)) == expression


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "n_jet >= 4",
            "'n_jet >= 4': no branch or variable 'n_jet'; did you mean n_jets?",
        ),
        ("b_tag", "'b_tag': no branch or variable 'b_tag'; did you mean `b-tag`?"),
        (
            "Jet_pt / 1000",
            "'Jet_pt / 1000': 'Jet_pt' holds a list of 0 to 2 numbers per event; "
            "take one, Jet_pt[0], or reduce the list, sum(Jet_pt)",
        ),
        (
            "sum(Jet_pt * Muon_pt)",
            "'sum(Jet_pt * Muon_pt)': 'Jet_pt' and 'Muon_pt' are combined, but have 2 "
            "and 1 elements in one event",
        ),
        ("name == 1", "'name == 1': 'name' holds text; expressions take numbers"),
        ("x\n> (", "'x > (': the expression ends too early"),
        ("sqr(x)", "'sqr(x)': no function 'sqr'; use sqrt"),
    ],
)
def test_messages_are_one_line(text, message):
    with pytest.raises(logs.InputError) as error:
        evaluated(text)
    assert str(error.value) == f"{PLACE}: {message}"


def test_messages_repeat_the_start_of_long_expressions():
    with pytest.raises(logs.InputError) as error:
        expressions.parse("(" * 10_000 + "x" + ")" * 10_000, PLACE)
    assert len(str(error.value)) < 300


def test_unknown_names_are_answered_with_known_ones():
    expression = expressions.parse("qqq > 1", PLACE)
    with pytest.raises(logs.InputError, match="known are `b-tag`, x"):
        expressions.check_names(expression, ["x", "b-tag"])
    expressions.check_names(expression, iter(["x", "qqq"]))


def test_text_columns_that_are_not_read_do_no_harm():
    assert evaluated("n_jets") == [2, 4, 6]


def joined(operand: st.SearchStrategy) -> st.SearchStrategy:
    """Expressions of other expressions: the text, and a function of the variables."""

    def binary(symbol: str, a: tuple, b: tuple) -> tuple:
        (text_a, value_a), (text_b, value_b) = a, b
        operation = BINARY[symbol]
        return (
            f"({text_a}) {symbol} ({text_b})",
            lambda row: operation(value_a(row), value_b(row)),
        )

    def choice(condition: tuple, a: tuple, b: tuple) -> tuple:
        return (
            f"({condition[0]}) ? ({a[0]}) : ({b[0]})",
            lambda row: a[1](row) if condition[1](row) else b[1](row),
        )

    return st.one_of(
        st.builds(binary, st.sampled_from(list(BINARY)), operand, operand),
        st.builds(choice, operand, operand, operand),
        st.builds(lambda a: (f"-({a[0]})", lambda row: -a[1](row)), operand),
        st.builds(lambda a: (f"!({a[0]})", lambda row: not a[1](row)), operand),
        st.builds(lambda a: (f"abs({a[0]})", lambda row: abs(a[1](row))), operand),
    )


LEAVES = st.one_of(
    st.sampled_from(list(DOUBLES)).map(lambda name: (name, lambda row: row[name])),
    st.integers(0, 9).map(lambda number: (str(number), lambda row: number)),
    NUMBERS.map(abs).map(lambda number: (repr(number), lambda row: number)),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.recursive(LEAVES, joined, max_leaves=12),
    st.lists(st.fixed_dictionaries(DOUBLES), min_size=1, max_size=3),
)
def test_values_agree_with_python(expression, rows):
    text, value = expression
    columns = {name: np.array([row[name] for row in rows]) for name in DOUBLES}
    try:
        expected = [float(value(row)) for row in rows]
    except ZeroDivisionError:
        return
    result = expressions.parse(text, PLACE).evaluate(columns, len(rows))
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-300)
