"""Tests of data.expression_table: each function against its definition."""

import math

import numpy as np
import pytest

from hepfold.data import expression_table, operands

# What Python computes, with arguments that are defined for it.
REFERENCES = {
    "sqrt": (math.sqrt, [0.3]),
    "exp": (math.exp, [0.3]),
    "log": (math.log, [0.3]),
    "log2": (math.log2, [0.3]),
    "log10": (math.log10, [0.3]),
    "log1p": (math.log1p, [0.3]),
    "expm1": (math.expm1, [0.3]),
    "sin": (math.sin, [0.3]),
    "cos": (math.cos, [0.3]),
    "tan": (math.tan, [0.3]),
    "asin": (math.asin, [0.3]),
    "acos": (math.acos, [0.3]),
    "atan": (math.atan, [0.3]),
    "sinh": (math.sinh, [0.3]),
    "cosh": (math.cosh, [0.3]),
    "tanh": (math.tanh, [0.3]),
    "asinh": (math.asinh, [0.3]),
    "acosh": (math.acosh, [1.3]),
    "atanh": (math.atanh, [0.3]),
    "atan2": (math.atan2, [-0.3, -2.0]),
    "hypot": (math.hypot, [3.0, 4.0]),
    "pow": (math.pow, [0.3, 1.7]),
    "abs": (abs, [-0.3]),
    "floor": (math.floor, [-0.3]),
    "ceil": (math.ceil, [-1.3]),
    "round": (round, [2.5]),
    "delta_phi": (lambda a, b: a - b + 2 * math.pi, [-3.0, 3.0]),
    "phi_mpi_pi": (lambda a: a - 4 * math.pi, [12.0]),
    "where": (lambda condition, a, b: b, [0.0, 1.0, 2.0]),
    "isnan": (math.isnan, [0.3]),
    "alt": (lambda a, b: b, [math.nan, 2.0]),
    "min": (min, [3.0, 1.0, 2.0]),
    "max": (max, [3.0, 1.0, 2.0]),
    "pi": (lambda: math.pi, []),
    "twopi": (lambda: math.tau, []),
}
ON_LISTS = {"sum", "count", "any", "all", "length"}


@pytest.mark.parametrize("name", REFERENCES)
def test_function_agrees_with_its_reference(name):
    reference, numbers = REFERENCES[name]
    function = expression_table.FUNCTIONS[name]
    assert function.fewest <= len(numbers) <= function.most
    result = function.operation(*(operands.constant(number) for number in numbers))
    assert float(result.numbers) == pytest.approx(float(reference(*numbers)), rel=1e-15)


def test_every_function_has_a_reference():
    assert set(expression_table.FUNCTIONS) == set(REFERENCES) | ON_LISTS


def test_aliases_and_operators_lead_somewhere():
    assert set(expression_table.ALIASES.values()) <= set(expression_table.FUNCTIONS)
    # Names of operators cannot be called, but for one that means the same.
    shared = set(expression_table.OPERATORS) & set(expression_table.FUNCTIONS)
    assert shared == {"pow"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("TMath::Abs", "abs"),
        ("TMath::ATan2", "atan2"),
        ("TMath::Power", "pow"),
        ("TMath::IsNaN", "isnan"),
        ("TMath::Pi", "pi"),
        ("TVector2::Phi_mpi_pi", "phi_mpi_pi"),
        ("std::hypot", "hypot"),
        ("np.arctan2", "atan2"),
        ("math.sqrt", "sqrt"),
        ("fabs", "abs"),
        ("Sum$", "sum"),
        ("Length$", "length"),
        ("Alt$", "alt"),
        ("SQRT", "SQRT"),
    ],
)
def test_spellings_of_functions(name, key):
    assert expression_table.canonical(name) == key


@pytest.mark.parametrize("turns", [-3, 0, 5])
def test_angles_between_lie_in_half_a_turn(turns):
    phi = np.linspace(-math.pi, math.pi, 101)
    operation = expression_table.FUNCTIONS["delta_phi"].operation
    a, b = (operands.Operand(x) for x in (phi + turns * math.tau, phi[::-1].copy()))
    between = operation(a, b).numbers
    assert np.all(np.abs(between) <= math.pi)
    np.testing.assert_allclose(np.cos(between), np.cos(phi - phi[::-1]), atol=1e-13)
    np.testing.assert_allclose(np.sin(between), np.sin(phi - phi[::-1]), atol=1e-13)
