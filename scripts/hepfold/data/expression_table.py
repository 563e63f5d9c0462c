"""The operators and functions that an expression can call, by name.

The tables here are all that can be called. They hold the spelling of Python; ROOT's is
mapped to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from hepfold.data import operands, operations, reductions

Operation = Callable[..., operands.Operand]
MOST_ARGUMENTS = 100


@dataclass(frozen=True)
class Function:
    """An operation on operands and the numbers of arguments that it takes."""

    operation: Operation
    fewest: int
    most: int


def takes(operation: Operation, fewest: int, most: int | None = None) -> Function:
    """A function of `fewest` to `most` arguments, or of exactly `fewest`."""
    return Function(operation, fewest, fewest if most is None else most)


def constant(number: float | bool) -> Function:
    """A function without arguments, such as TMath::Pi()."""
    return takes(lambda: operands.constant(number), 0)


def least(*arguments: operands.Operand) -> operands.Operand:
    """Smallest of several operands, or smallest element of one list."""
    if len(arguments) == 1:
        return reductions.smallest(*arguments)
    return reduce(operations.smaller, arguments)


def greatest(*arguments: operands.Operand) -> operands.Operand:
    """Largest of several operands, or largest element of one list."""
    if len(arguments) == 1:
        return reductions.largest(*arguments)
    return reduce(operations.larger, arguments)


# Operators between operands, by the names of the grammar rules.
OPERATORS = {
    "add": operations.add,
    "sub": operations.subtract,
    "mul": operations.multiply,
    "div": operations.double(np.divide),
    "mod": operations.remainder,
    "pow": operations.power,
    "pos": operations.as_numbers,
    "neg": operations.negative,
    "lt": operations.comparison(np.less),
    "lte": operations.comparison(np.less_equal),
    "gt": operations.comparison(np.greater),
    "gte": operations.comparison(np.greater_equal),
    "eq": operations.comparison(np.equal),
    "neq": operations.comparison(np.not_equal),
    "and": operations.both,
    "or": operations.either,
    "inv": operations.negation,
    "ternary": operations.where,
    "matr": reductions.item,
}
# Functions that a user calls by name.
FUNCTIONS = {
    "sqrt": takes(operations.double(np.sqrt), 1),
    "exp": takes(operations.double(np.exp), 1),
    "log": takes(operations.double(np.log), 1),
    "log2": takes(operations.double(np.log2), 1),
    "log10": takes(operations.double(np.log10), 1),
    "log1p": takes(operations.double(np.log1p), 1),
    "expm1": takes(operations.double(np.expm1), 1),
    "sin": takes(operations.double(np.sin), 1),
    "cos": takes(operations.double(np.cos), 1),
    "tan": takes(operations.double(np.tan), 1),
    "asin": takes(operations.double(np.arcsin), 1),
    "acos": takes(operations.double(np.arccos), 1),
    "atan": takes(operations.double(np.arctan), 1),
    "sinh": takes(operations.double(np.sinh), 1),
    "cosh": takes(operations.double(np.cosh), 1),
    "tanh": takes(operations.double(np.tanh), 1),
    "asinh": takes(operations.double(np.arcsinh), 1),
    "acosh": takes(operations.double(np.arccosh), 1),
    "atanh": takes(operations.double(np.arctanh), 1),
    "atan2": takes(operations.double(np.arctan2), 2),
    "hypot": takes(operations.double(np.hypot), 2),
    "pow": takes(operations.power, 2),
    "abs": takes(operations.magnitude, 1),
    "floor": takes(operations.rounding(np.floor), 1),
    "ceil": takes(operations.rounding(np.ceil), 1),
    "round": takes(operations.rounding(np.rint), 1),
    "delta_phi": takes(operations.double(operations.angle_between), 2),
    "phi_mpi_pi": takes(operations.double(operations.wrapped_angle), 1),
    "where": takes(operations.where, 3),
    "isnan": takes(operations.is_missing, 1),
    "alt": takes(operations.instead, 2),
    "min": takes(least, 1, MOST_ARGUMENTS),
    "max": takes(greatest, 1, MOST_ARGUMENTS),
    "sum": takes(reductions.total, 1),
    "count": takes(reductions.count, 1),
    "any": takes(reductions.any_of, 1),
    "all": takes(reductions.all_of, 1),
    "length": takes(reductions.lengths, 1),
    "pi": constant(np.pi),
    "twopi": constant(2 * np.pi),
}
# Other spellings.
ALIASES = {
    "fabs": "abs",
    "absolute": "abs",
    "power": "pow",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "minimum": "min",
    "maximum": "max",
    "rint": "round",
    "nint": "round",
    "len": "length",
    "TVector2::Phi_mpi_pi": "phi_mpi_pi",
}
CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "pi": np.pi}
NAMESPACES = ("TMath::", "std::", "np.", "numpy.", "math.")


def canonical(name: str) -> str:
    """The key in `FUNCTIONS` of a function as a user spells it, if there is one."""
    for namespace in NAMESPACES:
        if name.startswith(namespace):
            rest = name.removeprefix(namespace)
            name = rest.lower() if namespace == "TMath::" else rest
    if name.endswith("$"):
        name = name.removesuffix("$").lower()
    return ALIASES.get(name, name)


def operation(key: str) -> Operation:
    """The operation of an operator or of a function."""
    return OPERATORS[key] if key in OPERATORS else FUNCTIONS[key].operation
