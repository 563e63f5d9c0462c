"""Expressions of branches and variables, as users write them in a data set.

Rules of evaluation:

- Numbers are double precision. Integers are exact while they fit in 64 bits; `/` is
  true division, and `%` has the sign of the divisor.
- NaN, masked and absent numbers are missing, and so are results computed from them and
  undefined results (`0 / 0`, `sqrt(-1)`, `log(-1)`); `1 / 0` and `log(0)` are infinite.
- A comparison with a missing number is neither true nor false but unknown, so that
  `x > 5` and `!(x > 5)` both drop events without x. `false && unknown` is false and
  `true || unknown` is true.
- Names with other characters than letters, digits, `_` and `.` stand between
  backquotes, and so does a branch that is called `pi`, `true` or `false`.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hepfold.core import logs
from hepfold.data import expression_syntax, expression_table, operands, operations

# Characters of an expression that a message repeats.
MAX_SHOWN = 100


@dataclass(frozen=True)
class Expression:
    """An expression that was parsed; `setting` is its path in the configuration."""

    text: str
    setting: str
    steps: tuple[expression_syntax.Step, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Branches and variables that it reads, in order of appearance."""
        named = (s for s in self.steps if isinstance(s, expression_syntax.Name))
        return tuple(dict.fromkeys(step.name for step in named))

    def evaluate(self, columns: Mapping[str, np.ndarray], n_events: int) -> np.ndarray:
        """Value of each event (n_events,), from NumPy or awkward columns.

        Without missing values, integers stay int64 or uint64 and conditions bool. With
        missing ones they are float64 with NaN. May share memory with a column.
        """
        return per_event(self._result(columns), n_events)

    def evaluate_lists(
        self, columns: Mapping[str, np.ndarray], n_events: int
    ) -> Iterable:
        """As `evaluate`, but a list per event stays one, in an awkward array."""
        result = self._operand(columns)
        numbers = per_event(result, n_events)
        if result.counts is None:
            return numbers
        import awkward as ak  # 0.5 s, only for lists

        return ak.unflatten(numbers, result.counts)

    def mask(self, columns: Mapping[str, np.ndarray], n_events: int) -> np.ndarray:
        """Whether it holds for each event, bool (n_events,); unknown counts as false.

        A number holds if it is not 0.
        """
        holds = operations.truth(self._result(columns)).numbers
        return holds if holds.ndim else np.full(n_events, holds)

    def _result(self, columns: Mapping[str, np.ndarray]) -> operands.Operand:
        """Value of each event as an operand; raises InputError if there is none."""
        try:
            return one_per_event(self._operand(columns))
        except operands.ExpressionError as error:
            raise self.error(error) from None

    def _operand(self, columns: Mapping[str, np.ndarray]) -> operands.Operand:
        """Value or list of each event as an operand."""
        check_names(self, columns)
        try:
            with np.errstate(all="ignore"):
                return self._run(columns)
        except operands.ExpressionError as error:
            raise self.error(error) from None

    def _run(self, columns: Mapping[str, np.ndarray]) -> operands.Operand:
        """Result of the steps on a stack of operands."""
        read = {name: operands.from_column(name, columns[name]) for name in self.names}
        stack = []
        for step in self.steps:
            if isinstance(step, expression_syntax.Number):
                stack.append(operands.constant(step.value))
            elif isinstance(step, expression_syntax.Name):
                stack.append(read[step.name])
            else:
                first = len(stack) - step.n_arguments
                arguments = stack[first:]
                del stack[first:]
                stack.append(expression_table.operation(step.key)(*arguments))
        return stack.pop()

    def error(self, reason: object) -> logs.InputError:
        """An error that names the setting and the expression, on one line."""
        return error_of(self.text, self.setting, reason)


def parse(text: str, setting: str) -> Expression:
    """An expression in the spelling of ROOT or Python; InputError if it is not one."""
    try:
        steps = expression_syntax.steps(text)
    except operands.ExpressionError as error:
        raise error_of(text, setting, error) from None
    return Expression(text, setting, tuple(steps))


def error_of(text: str, setting: str, reason: object) -> logs.InputError:
    """An error of the expression at a setting, on one line."""
    shown = " ".join(text[: MAX_SHOWN + 1].split())
    if len(text) > MAX_SHOWN:
        shown = f"{shown[:MAX_SHOWN]}..."
    return logs.InputError(f"{setting}: {shown!r}: {reason}")


def check_names(expression: Expression, known: Iterable[str]) -> None:
    """Check that an expression reads only known branches and variables."""
    known = list(known)
    for name in expression.names:
        if name not in known:
            near = difflib.get_close_matches(name, known)
            shown = map(expression_syntax.written, near or sorted(known)[:9])
            hint = "did you mean {}?" if near else "known are {}"
            hint = hint.format(", ".join(shown))
            raise expression.error(f"no branch or variable {name!r}; {hint}")


def per_event(result: operands.Operand, n_events: int) -> np.ndarray:
    """Numbers of events (n_events,), or all elements of lists; NaN where missing."""
    numbers = result.numbers if result.known is None else result.floats()
    return numbers if numbers.ndim else np.full(n_events, numbers)


def one_per_event(result: operands.Operand) -> operands.Operand:
    """A result that is one number per event; lists of one element are read as such."""
    if result.counts is None:
        return result
    if np.all(result.counts == 1):
        return operands.Operand(result.numbers, result.known)
    least, most = result.counts.min(), result.counts.max()
    name = result.source
    raise operands.ExpressionError(
        f"{name!r} holds a list of {least} to {most} numbers per event; "
        f"take one, {name}[0], or reduce the list, sum({name})"
    )
