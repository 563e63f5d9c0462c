"""Variables of a data set: columns of the files, and what `define` computes."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from hepfold.core import logs, settings_datasets
from hepfold.data import expressions


class Variables:
    """Names that a declaration may use, and the expressions that define them.

    An expression in `define` may use the columns of the files and the variables that
    are defined before it; all other expressions may use all of them.
    """

    def __init__(self, name: str, declared: settings_datasets.Dataset):
        self.setting = f"datasets.{name}"
        self.missing = declared.missing
        self.definitions = {
            variable: expressions.parse(text, f"{self.setting}.define.{variable}")
            for variable, text in declared.define.items()
        }
        self.position = {variable: i for i, variable in enumerate(self.definitions)}

    def columns(self, names: Iterable[str], before: int | None = None) -> set[str]:
        """Columns that variables are computed from; `before` is a place in `define`."""
        needed = set()
        for name in names:
            if self.is_defined(name, before):
                inner = self.definitions[name].names
                needed |= self.columns(inner, self.position[name])
            else:
                needed.add(name)
        return needed

    def is_defined(self, name: str, before: int | None) -> bool:
        """Whether a name is already defined at a place in `define`."""
        limit = len(self.position) if before is None else before
        return self.position.get(name, limit) < limit

    def of(self, table: Mapping[str, np.ndarray], n_events: int) -> "Values":
        """The variables of a part of a file; columns have their declared names."""
        return Values(self, table, n_events)


class Values(Mapping):
    """Values (n_events,) of variables, each computed when it is first used."""

    def __init__(
        self, variables: Variables, table: Mapping[str, np.ndarray], n_events: int
    ):
        self.variables, self.table, self.n_events = variables, table, n_events
        self.before = len(variables.position)
        self.computed: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if self.variables.is_defined(name, self.before):
            if name not in self.computed:
                self.computed[name] = self.define(name)
            return self.computed[name]
        values = self.table[name]
        if self.variables.missing:
            key = f"column {name}"
            if key not in self.computed:
                self.computed[key] = with_missing(values, self.variables.missing)
            return self.computed[key]
        return values

    def __iter__(self) -> Iterator[str]:
        names = self.variables.definitions
        defined = [n for n in names if self.variables.is_defined(n, self.before)]
        return iter(dict.fromkeys((*self.table, *defined)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def take(self, index: np.ndarray) -> "Values":
        """The values of the events at the given positions."""
        table = {name: values[index] for name, values in self.table.items()}
        taken = Values(self.variables, table, len(index))
        taken.computed = {n: values[index] for n, values in self.computed.items()}
        return taken

    def define(self, name: str) -> np.ndarray:
        """The values of a defined variable, computed from earlier variables."""
        outer, self.before = self.before, self.variables.position[name]
        try:
            definition = self.variables.definitions[name]
            return definition.evaluate_lists(self, self.n_events)
        finally:
            self.before = outer

    def numbers(self, name: str, place: str) -> np.ndarray:
        """A variable as numbers; raises InputError for lists and text."""
        values = without_lists(self[name])
        if not isinstance(values, np.ndarray) or values.ndim != 1:
            raise logs.InputError(
                f"{place}s, {name}: each event has a list; use {name}[0], "
                f"sum({name}) or max({name}) in `define`"
            )
        if values.dtype.kind not in "fiub":
            raise logs.InputError(f"{place}s, {name}: text, not numbers")
        return values


def without_lists(values: np.ndarray | Iterable) -> np.ndarray | Iterable:
    """The elements of lists that have one in each event; others as they are."""
    if isinstance(values, np.ndarray):
        return values
    import awkward as ak

    if values.ndim == 2 and ak.all(ak.num(values) == 1):
        return ak.to_numpy(ak.flatten(values))
    return values


def with_missing(values: np.ndarray, missing: tuple[float, ...]) -> np.ndarray:
    """The values with NaN in place of the numbers that stand for missing values."""
    if not isinstance(values, np.ndarray):
        return lists_with_missing(values, missing)
    if values.dtype.kind not in "fiu":
        return values
    sentinels = np.array(missing).astype(values.dtype if values.dtype == "f4" else "f8")
    is_missing = np.isin(values, sentinels)
    if not is_missing.any():
        return values
    kind = values.dtype if values.dtype.kind == "f" else np.dtype("f8")
    return np.where(is_missing, kind.type(np.nan), values.astype(kind))


def lists_with_missing(values: object, missing: tuple[float, ...]) -> object:
    """Jagged values with NaN in place of missing ones."""
    import awkward as ak

    for sentinel in missing:
        values = ak.where(values == sentinel, np.nan, values)
    return values
