"""Operations on the operands of an expression: arithmetic, comparisons and logic.

Where a result is not defined, such as the square root of a negative number or the
remainder of a division by zero, it is missing. A missing operand makes the result
missing or unknown, unless the other operand decides it.
"""

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hepfold.data import operands

Operation = Callable[..., operands.Operand]


def double(ufunc: Callable[..., np.ndarray]) -> Operation:
    """A function that is evaluated in double precision."""

    def operation(*arguments: operands.Operand) -> operands.Operand:
        """The function of the operands as float64."""
        return operands.floating(ufunc(*(v.floats() for v in arguments)))

    return operands.elementwise(operation)


def arithmetic(ufunc: np.ufunc, on_limits: Callable[[int, int], int]) -> Operation:
    """A sum, difference or product; exact for integers if it fits in 64 bits."""

    def operation(a: operands.Operand, b: operands.Operand) -> operands.Operand:
        """The result as an integer if it surely fits, else as float64."""
        if not a.is_floating() and not b.is_floating():
            limits = [on_limits(x, y) for x in a.bounds() for y in b.bounds()]
            kind = operands.integer_type(min(limits), max(limits))
            if kind:
                # Exact modulo 2**64, and the result fits.
                modular = ufunc(a.numbers.astype("u8"), b.numbers.astype("u8"))
                return operands.marked(modular.astype(kind), operands.known_of(a, b))
        return operands.floating(ufunc(a.floats(), b.floats()))

    return operands.elementwise(operation)


def negative(a: operands.Operand) -> operands.Operand:
    """The number with the other sign."""
    if a.is_floating():
        return replace(a, numbers=np.negative(a.numbers))
    return subtract(operands.constant(0), a)


@operands.elementwise
def remainder(a: operands.Operand, b: operands.Operand) -> operands.Operand:
    """Remainder with the sign of the divisor, as in Python; exact for integers."""
    if integers := operands.common_integers(a, b):
        known, nonzero = operands.known_of(a, b), integers[1] != 0
        known = nonzero if known is None else known & nonzero
        return operands.marked(np.remainder(*integers), known)
    return operands.floating(np.remainder(a.floats(), b.floats()))


@operands.elementwise
def power(a: operands.Operand, b: operands.Operand) -> operands.Operand:
    """a ** b in double precision."""
    # NumPy is faster with a plain number as the exponent.
    exponent = b.floats().item() if b.is_constant() else b.floats()
    return operands.floating(a.floats() ** exponent)


def comparison(ufunc: np.ufunc) -> Operation:
    """A comparison: exact for integers, unknown where one side is missing."""

    def operation(a: operands.Operand, b: operands.Operand) -> operands.Operand:
        """The condition, with integers compared as integers."""
        a, b = as_integer(a, b), as_integer(b, a)
        if a.is_floating() or b.is_floating():
            numbers = ufunc(a.floats(), b.floats())
        else:
            numbers = ufunc(a.numbers, b.numbers)
        return operands.marked(numbers, operands.known_of(a, b))

    return operands.elementwise(operation)


def as_integer(a: operands.Operand, other: operands.Operand) -> operands.Operand:
    """A constant such as 1e18 as an integer where it is compared with integers."""
    if a.is_floating() and a.is_constant() and not other.is_floating():
        number = float(a.numbers)
        if number.is_integer() and operands.integer_type(int(number), int(number)):
            return operands.constant(int(number))
    return a


def truth(a: operands.Operand) -> operands.Operand:
    """Whether a number is not zero; unknown where it is missing."""
    if a.numbers.dtype == bool:
        return a
    holds = operands.marked(a.numbers != 0, a.where_known())
    return replace(holds, counts=a.counts, source=a.source)


@operands.elementwise
def both(a: operands.Operand, b: operands.Operand) -> operands.Operand:
    """Whether both hold: false if one is false, even where the other is unknown."""
    return negation(either(negation(a), negation(b)))


@operands.elementwise
def either(a: operands.Operand, b: operands.Operand) -> operands.Operand:
    """Whether one holds: true if one is true, even where the other is unknown."""
    a, b = truth(a), truth(b)
    numbers = a.numbers | b.numbers
    known = operands.known_of(a, b)
    return operands.marked(numbers, None if known is None else known | numbers)


@operands.elementwise
def negation(a: operands.Operand) -> operands.Operand:
    """Whether a condition does not hold; unknown where the condition is."""
    a = truth(a)
    return operands.marked(~a.numbers, a.known)


@operands.elementwise
def where(
    condition: operands.Operand, a: operands.Operand, b: operands.Operand
) -> operands.Operand:
    """a where the condition holds, b where it does not, missing where it is unknown."""
    condition = truth(condition)
    chosen = condition.numbers
    if a.numbers.dtype == b.numbers.dtype == bool:
        pair = [a.numbers, b.numbers]
    else:
        pair = operands.common_integers(a, b) or [a.floats(), b.floats()]
    known = np.where(chosen, is_known(a), is_known(b)) & is_known(condition)
    return operands.marked(np.where(chosen, *pair), known)


def is_known(a: operands.Operand) -> np.ndarray:
    """Whether each number is not missing."""
    known = a.where_known()
    return np.ones(a.numbers.shape, bool) if known is None else known


@operands.elementwise
def is_missing(a: operands.Operand) -> operands.Operand:
    """Whether a number is missing: true or false, never unknown."""
    return operands.Operand(np.asarray(~is_known(a)))


def instead(a: operands.Operand, default: operands.Operand) -> operands.Operand:
    """The number, or the default where it is missing."""
    return where(is_missing(a), default, a)


def extremum(ufunc: np.ufunc) -> Operation:
    """The smaller or larger of two operands; exact for integers."""

    def operation(a: operands.Operand, b: operands.Operand) -> operands.Operand:
        """The extremum, as an integer if both are."""
        if integers := operands.common_integers(a, b):
            return operands.marked(ufunc(*integers), operands.known_of(a, b))
        return operands.floating(ufunc(a.floats(), b.floats()))

    return operands.elementwise(operation)


def as_numbers(a: operands.Operand) -> operands.Operand:
    """Conditions as 0 and 1; numbers as they are."""
    if a.numbers.dtype != bool:
        return a
    return replace(a, numbers=a.numbers.astype(np.int64))


def wrapped_angle(angle: np.ndarray) -> np.ndarray:
    """An angle in [-pi, pi]."""
    return angle - 2 * np.pi * np.rint(angle / (2 * np.pi))


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b in [-pi, pi]."""
    return wrapped_angle(a - b)


add = arithmetic(np.add, operator.add)
subtract = arithmetic(np.subtract, operator.sub)
multiply = arithmetic(np.multiply, operator.mul)
larger = extremum(np.maximum)
smaller = extremum(np.minimum)


def magnitude(a: operands.Operand) -> operands.Operand:
    """The absolute value; exact for integers."""
    return absolute(a) if a.is_floating() else larger(a, negative(a))


absolute = double(np.abs)


def rounding(ufunc: np.ufunc) -> Operation:
    """A rounding to whole numbers, which leaves integers as they are."""
    of_floats = double(ufunc)
    return lambda a: of_floats(a) if a.is_floating() else as_numbers(a)
