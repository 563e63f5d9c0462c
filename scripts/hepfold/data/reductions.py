"""Operations on lists of an expression: elements, selections, sums and extremes."""

import numpy as np

from hepfold.data import operands, operations


def counts_of(a: operands.Operand, reduction: str) -> np.ndarray:
    """Numbers of elements (n_events,) of lists that are reduced."""
    if a.counts is None:
        raise operands.ExpressionError(
            f"{reduction} needs a list per event, but is applied to a number per event"
        )
    return a.counts


def lengths(a: operands.Operand) -> operands.Operand:
    """Numbers of elements of lists."""
    return operands.Operand(counts_of(a, "length(...)"))


def total(a: operands.Operand) -> operands.Operand:
    """Sum of the elements of lists: 0 if empty, missing if an element is missing."""
    counts = counts_of(a, "sum(...)")
    if a.is_floating():
        return operands.floating(operands.reduced(np.add, a.numbers, counts, 0))
    n_most = int(counts.max(initial=0))
    limits = [n * limit for n in (0, n_most) for limit in a.bounds()]
    kind = operands.integer_type(min(limits), max(limits)) or np.float64
    numbers = operands.reduced(np.add, a.numbers.astype(kind), counts, 0)
    return operands.marked(numbers, all_known(a, counts))


def all_known(a: operands.Operand, counts: np.ndarray) -> np.ndarray | None:
    """Whether all elements of lists are known; None if this holds in all events."""
    known = a.where_known()
    if known is None or known.all():
        return None
    return operands.reduced(np.logical_and, known, counts, True)


def count(a: operands.Operand) -> operands.Operand:
    """Number of elements for which a condition holds."""
    if a.numbers.dtype != bool:
        raise operands.ExpressionError(
            "count takes a condition, as count(x > 30); "
            "length(x) is the number of elements"
        )
    counts_of(a, "count(...)")
    return total(a)


def any_of(a: operands.Operand) -> operands.Operand:
    """Whether a condition holds for an element; false without elements."""
    counts = counts_of(a, "any(...)")
    a = operations.truth(a)
    numbers = operands.reduced(np.logical_or, a.numbers, counts, False)
    known = all_known(a, counts)
    return operands.marked(numbers, None if known is None else known | numbers)


def all_of(a: operands.Operand) -> operands.Operand:
    """Whether a condition holds for all elements; true without elements."""
    counts_of(a, "all(...)")
    return operations.negation(any_of(operations.negation(a)))


def item(a: operands.Operand, index: operands.Operand) -> operands.Operand:
    """x[0], x[1], ...: that element of lists, or x[condition]: lists of elements."""
    counts = counts_of(a, "[...]")
    if index.numbers.dtype == bool and not index.is_constant():
        return selected(a, index)
    is_integer = index.is_constant() and index.numbers.dtype.kind in "iu"
    if not is_integer or index.numbers < 0:
        raise operands.ExpressionError("an index is 0, 1, 2, ... or a condition")
    i = int(index.numbers)
    present = counts > i
    place = (np.cumsum(counts) - counts)[present] + i
    known = present.copy()
    known[present] = operations.is_known(a)[place]
    numbers = np.zeros(len(counts), a.numbers.dtype)
    numbers[present] = a.numbers[place]
    return operands.marked(numbers, known)


def selected(a: operands.Operand, condition: operands.Operand) -> operands.Operand:
    """Lists of the elements for which a condition is known to hold."""
    if condition.counts is not None:
        operands.check_lengths([a, condition])
    keep = operands.in_lists(condition, a.counts).numbers
    counts = operands.reduced(np.add, keep.astype(np.int64), a.counts, 0)
    known = None if a.known is None else a.known[keep]
    return operands.Operand(a.numbers[keep], known, counts, a.source)


def largest(a: operands.Operand) -> operands.Operand:
    """Largest element of lists; missing without elements."""
    return extreme(np.maximum, a)


def smallest(a: operands.Operand) -> operands.Operand:
    """Smallest element of lists; missing without elements."""
    return extreme(np.minimum, a)


def extreme(ufunc: np.ufunc, a: operands.Operand) -> operands.Operand:
    """Reduction of lists by maximum or minimum; missing if an element is missing."""
    counts = counts_of(a, "max(...) or min(...) of one argument")
    a = operations.as_numbers(a)
    numbers = operands.reduced(ufunc, a.numbers, counts, 0)
    known = all_known(a, counts)
    present = counts > 0
    return operands.marked(numbers, present if known is None else present & known)
