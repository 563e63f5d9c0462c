"""Training events that do not fit into memory: read from the fold file in every epoch.

In each epoch, blocks of consecutive events are read in a random order, and a buffer
holds many of them. Training shuffles the events of a buffer.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import h5py
import numpy as np

from hepfold.core import columns, prefetch, settings_models
from hepfold.data import (
    event_arrays,
    event_blocks,
    event_classes,
    fold_file,
    folds,
    weights,
)

# Largest number of events to which preparations of features are fitted.
N_SAMPLE = 1_000_000


@dataclass(frozen=True)
class Source:
    """Training events of a model in some folds of a fold file.

    `selected` makes the events of the model from those of the file with the `extra`
    columns; their weights are signed until the rule `negative_weights` changes them.
    A multi-class model has names of `classes`. Only `fraction` of the `n_rows` is used.
    """

    path: str
    folds: tuple[int, ...]
    n_rows: int
    selected: Callable[[event_arrays.Events], event_arrays.Events]
    extra: tuple[str, ...]
    negative_weights: str
    classes: tuple[str, ...]
    n_buffer: int
    fraction: float = 1.0

    def __len__(self) -> int:
        return self.n_rows

    def with_training_weights(self, events: event_arrays.Events) -> event_arrays.Events:
        """Events with weights that the rule for negative ones has changed."""
        weight = weights.for_training(events.weight, self.negative_weights)
        return events.with_weight(weight)

    def drawn(self, fraction: float) -> "Source":
        """The source with a fraction of its events."""
        return replace(self, fraction=self.fraction * fraction)

    def draw(self, model: settings_models.BaseModel, seed: int) -> "Draw":
        """How the events of a model are drawn.

        There are no more validation events than a buffer holds.
        """
        n_events = self.fraction * min(len(self), model.n_events or len(self))
        share = min(model.validation_fraction, self.n_buffer / n_events)
        return Draw(seed, n_events / len(self), share)


@dataclass(frozen=True)
class Draw:
    """Draws events for training and validation by a hash of their row and the seed."""

    seed: int
    fraction: float
    validation_fraction: float

    def parts(self, block: event_blocks.Block) -> list[np.ndarray]:
        """Positions of the training events and validation events of a block."""
        row = np.arange(block.first, block.first + block.stop - block.start)
        shift = folds.hashed(np.array([self.seed], "u8"))
        level = folds.hashed(row.astype("u8") + shift) / 2.0**64
        first = self.fraction * self.validation_fraction
        is_training = (level >= first) & (level < self.fraction)
        return [np.flatnonzero(is_training), np.flatnonzero(level < first)]


@dataclass
class Sums:
    """Number of events, and sums of weights, of each class (n_classes,).

    `weight` holds the weights that the training uses, `expected` the signed weights.
    """

    n_classes: int
    counts: np.ndarray = field(init=False)
    weight: np.ndarray = field(init=False)
    expected: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros(self.n_classes, int)
        self.weight, self.expected = np.zeros((2, self.n_classes))

    def add(self, events: event_arrays.Events, weight: np.ndarray) -> None:
        """Add events with signed weights, and the weights for their training."""
        code, n = events.extra.get(columns.CLASS, events.label), self.n_classes
        self.counts += np.bincount(code, minlength=n)
        self.weight += np.bincount(code, weight, n)
        self.expected += np.bincount(code, events.weight, n)


@dataclass(frozen=True)
class EventStream:
    """Training events that are read block by block; a sample of them is in memory.

    `counts` (n_blocks,) are the training events in each block. `sums` are those of the
    training events, `expected` (n_classes,) sums of signed weights of these and the
    validation events.
    """

    source: Source
    draw: Draw
    blocks: list[event_blocks.Block]
    counts: np.ndarray
    sums: Sums
    expected: np.ndarray
    sample: event_arrays.Events
    content_crc: int

    def __len__(self) -> int:
        return int(self.counts.sum())

    def checksum(self) -> int:
        """CRC-32 of all events, to detect that a model would resume on other events."""
        return self.content_crc

    @property
    def factors(self) -> np.ndarray:
        """Factors of the weights of each class, which balance them."""
        names = self.source.classes
        return event_classes.factors(self.sums.weight, self.sums.counts, names)

    def n_buffer(self, batch_size: int) -> int:
        """Events of a buffer: whole batches, in buffers of nearly equal size."""
        n_batches = -(-len(self) // batch_size)
        most = max(1, self.source.n_buffer // batch_size)
        return -(-n_batches // -(-n_batches // most)) * batch_size

    def buffers(
        self, epoch: int, first: int, n_buffer: int
    ) -> Iterator[list[event_arrays.Events]]:
        """The buffers of an epoch from number `first` on, as lists of blocks.

        One buffer is read ahead in a thread. Weights have the mean one, and equal sums
        in all classes.
        """
        n_buffers = -(-len(self) // n_buffer)
        order = event_blocks.shuffled(
            len(self.blocks), n_buffers, [self.draw.seed, epoch]
        )
        ends = self.counts[order].cumsum()
        spans = [
            (start, min(start + n_buffer, len(self)))
            for start in range(first * n_buffer, len(self), n_buffer)
        ]
        read = self.read_spans(order, ends, spans)
        with closing(prefetch.made_ahead(read, depth=1)) as ahead:
            yield from ahead

    def read_spans(
        self, order: np.ndarray, ends: np.ndarray, spans: list[tuple[int, int]]
    ) -> Iterator[list[event_arrays.Events]]:
        """Blocks with the events of each span, positions in the order of an epoch."""
        starts = ends - self.counts[order]
        with fold_file.opened(self.source.path) as file:
            for start, stop in spans:
                places = np.flatnonzero((starts < stop) & (ends > start))
                parts = []
                for place in places:
                    events = self.training_events(file, self.blocks[order[place]])
                    low = max(start - starts[place], 0)
                    parts.append(
                        events.rows(low, min(stop - starts[place], ends[place]))
                    )
                yield parts

    def training_events(
        self, file: h5py.File, block: event_blocks.Block
    ) -> event_arrays.Events:
        """The training events of a block with balanced weights."""
        signed, _ = drawn_parts(file, block, self.source, self.draw)
        events = self.source.with_training_weights(signed)
        code = events.extra.get(columns.CLASS, events.label)
        return events.with_weight(events.weight * self.factors[code])

    def in_memory(self, n_events: int) -> event_arrays.Events:
        """At most `n_events` of the training events, from all parts of the file."""
        n_events = min(n_events, self.source.n_buffer, len(self))
        with closing(self.buffers(1, 0, n_events)) as buffers:
            return event_arrays.concatenated(next(buffers))


# Training and validation events of a model.
Parts = list[event_arrays.Events | EventStream]


def divided(source: Source, draw: Draw) -> tuple[EventStream, event_arrays.Events]:
    """Training events as a stream, and validation events in memory. Reads all once."""
    sums = [Sums(len(source.classes or columns.CLASS_NAMES)) for _ in range(2)]
    step, counts, content_crc = math.ceil(len(source) / N_SAMPLE), [], 0
    sampled, validation, negative = [], [], np.zeros(4)
    with fold_file.opened(source.path) as file:
        blocks = event_blocks.divided(file, source.folds, source.n_buffer)
        for block in blocks:
            parts = drawn_parts(file, block, source, draw)
            first = -int(sums[0].counts.sum()) % step
            sampled.append(parts[0].take(np.arange(first, len(parts[0]), step)))
            for part, of_part in zip(parts, sums, strict=True):
                of_part.add(part, source.with_training_weights(part).weight)
                negative += weights.negative_sums(part.weight)
                content_crc = part.checksum(content_crc)
            counts.append(len(parts[0]))
            validation.append(parts[1])
    weights.log_negative_sums(negative, source.negative_weights)
    stream = EventStream(
        source,
        draw,
        blocks,
        np.array(counts),
        sums[0],
        sums[0].expected + sums[1].expected,
        source.with_training_weights(event_arrays.concatenated(sampled)),
        content_crc,
    )
    held = event_arrays.concatenated(validation)
    return stream, source.with_training_weights(held)


def drawn_parts(
    file: h5py.File, block: event_blocks.Block, source: Source, draw: Draw
) -> list[event_arrays.Events]:
    """Training and validation events of a block, with signed weights."""
    events = event_blocks.read(file, block, source.extra)
    return [source.selected(events.take(chosen)) for chosen in draw.parts(block)]
