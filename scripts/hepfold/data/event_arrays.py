"""Arrays of events: as read from a raw file, and as used by all later steps."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from hepfold.core import logs, settings_models
from hepfold.data import datasets


@dataclass(frozen=True)
class RawColumns:
    """Names of the columns of a data set in a raw file; None for an absent column."""

    features: tuple[str, ...]
    label: str | None
    label_is_text: bool
    weight: str | None
    event_id: str | None
    subset: str | None
    extra: tuple[str, ...]

    @classmethod
    def of(
        cls, definition: datasets.Dataset, names: dict[str, str | None]
    ) -> "RawColumns":
        """The columns of a data set; `names` maps official names to the file's."""

        def named(official: str | None) -> str | None:
            """Name in the file of an official column."""
            return names.get(official, official) if official else None

        return cls(
            features=tuple(named(name) for name in definition.features),
            label=named(definition.label),
            label_is_text=all(isinstance(v, str) for v in definition.label_values),
            weight=named(definition.weight),
            event_id=named(definition.event_id),
            subset=named(definition.subset),
            extra=tuple(name for name in map(named, definition.extra) if name),
        )

    def without_truth(self) -> "RawColumns":
        """The columns of unlabeled events: features, and ids if there are any."""
        return replace(self, label=None, weight=None, subset=None, extra=())

    def all(self) -> list[str]:
        """Names of all columns that the file must have."""
        single = [self.label, self.weight, self.event_id, self.subset]
        return [*self.features, *filter(None, single), *self.extra]


@dataclass(frozen=True)
class RawEvents:
    """A part of a raw file, with its values unchanged.

    Inputs are float32 (n_events, n_features) in the order of the data set. The rest is
    (n_events,): label as number or text, weight float64, event id float64, subset
    text, extra float64. Event i stands at `{place} {first + i}`.
    """

    inputs: np.ndarray
    label: np.ndarray | None
    weight: np.ndarray | None
    event_id: np.ndarray | None
    subset: np.ndarray | None
    extra: dict[str, np.ndarray]
    place: str
    first: int

    def __len__(self) -> int:
        return len(self.inputs)

    def where(self, i_event: int) -> str:
        """File and line or number of an event of this part."""
        return f"{self.place} {self.first + i_event}"


def raw_events(
    table: dict[str, np.ndarray], raw_columns: RawColumns, place: str, first: int
) -> RawEvents:
    """Columns (n_events,) by name, as a part of a raw file that begins at `first`."""
    features = raw_columns.features
    inputs = np.empty((len(table[features[0]]), len(features)), "f4")
    for i, name in enumerate(features):
        inputs[:, i] = numbers(table, name, place)

    def float64(name: str | None) -> np.ndarray | None:
        """A column as float64, or None if the file has none."""
        return numbers(table, name, place).astype("f8") if name else None

    return RawEvents(
        inputs=inputs,
        label=table[raw_columns.label] if raw_columns.label else None,
        weight=float64(raw_columns.weight),
        event_id=float64(raw_columns.event_id),
        subset=table[raw_columns.subset] if raw_columns.subset else None,
        extra={name: float64(name) for name in raw_columns.extra},
        place=place,
        first=first,
    )


def numbers(table: dict[str, np.ndarray], name: str, place: str) -> np.ndarray:
    """A column (n_events,) of numbers; an error for any other type."""
    values = table[name]
    if values.dtype.kind not in "fiub":
        kind = "text or lists" if values.dtype.kind == "O" else values.dtype
        raise logs.InputError(f"{place}s: column {name!r} holds {kind}, not numbers")
    return values


@dataclass(frozen=True)
class Events:
    """Checked events: inputs float32 (n_events, n_features), missing values NaN.

    The rest is (n_events,): label int8, weight float32, event id int64, subset uint8 as
    position in `columns.SUBSETS`; extra columns float32.
    """

    inputs: np.ndarray
    label: np.ndarray
    weight: np.ndarray
    event_id: np.ndarray
    subset: np.ndarray
    extra: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.label)

    def take(self, chosen: np.ndarray) -> "Events":
        """The events at the given positions, or where a mask is true."""
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        # `np.take` gathers rows three times as fast as an index in brackets.
        return apply(lambda values: np.take(values[0], chosen, axis=0), [self])

    def rows(self, start: int, end: int) -> "Events":
        """The events from position `start` to before `end`, without a copy."""
        return apply(lambda values: values[0][start:end], [self])

    def with_weight(self, weight: np.ndarray) -> "Events":
        """The events with other weights (n_events,)."""
        return replace(self, weight=weight)

    def with_features(self, positions: list[int]) -> "Events":
        """The events with only the given columns of `inputs`."""
        return replace(self, inputs=np.take(self.inputs, positions, axis=1))


def concatenated(parts: Sequence[Events]) -> Events:
    """The events of all parts in order."""
    return parts[0] if len(parts) == 1 else apply(np.concatenate, parts)


def apply(
    function: Callable[[list[np.ndarray]], np.ndarray], parts: Sequence[Events]
) -> Events:
    """The events made by a function of the same array of all parts, array by array."""
    made = {
        f.name: function([getattr(part, f.name) for part in parts])
        for f in fields(Events)
        if f.name != "extra"
    }
    extra = {
        name: function([part.extra[name] for part in parts]) for name in parts[0].extra
    }
    return Events(**made, extra=extra)


def drawn_parts(
    events: Events, model: settings_models.BaseModel, seed: int
) -> list[Events]:
    """Training events and validation events of a model; the latter may be none.

    If the model sets `n_events`, so many are drawn first; `validation_fraction` of
    these are for validation.
    """
    draw = np.random.default_rng(seed)
    if model.n_events and model.n_events < len(events):
        chosen = draw.choice(len(events), model.n_events, replace=False)
        events = events.take(np.sort(chosen))
    in_validation = draw.random(len(events)) < model.validation_fraction
    return [events.take(~in_validation), events.take(in_validation)]


def checksums(parts: list[Events]) -> list[int]:
    """CRC-32 of each array, to detect that a model would resume on other events."""
    return [
        zlib.crc32(values)
        for part in parts
        for values in (part.inputs, part.label, part.weight)
    ]


def draw(events: Events, n_events: int, seed: int) -> Events:
    """At most `n_events` of the events, in the order of their ids.

    Every event is equally likely, whatever its weight; the choice does not depend on
    the order of the events.
    """
    order = np.argsort(events.event_id, kind="stable")
    if len(order) > n_events:
        rng = np.random.default_rng(seed)
        order = order[np.sort(rng.choice(len(order), n_events, replace=False))]
    return events.take(order)
