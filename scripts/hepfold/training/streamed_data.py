"""Training data of which only a buffer is in memory, filled again and again."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import torch
from torch import Tensor

from hepfold.core import columns
from hepfold.data import event_arrays, event_streams
from hepfold.models import ensembles
from hepfold.training import decorrelation, event_rows


class StreamedData:
    """Prepared events of a stream, with the methods of `event_rows.EventRows`.

    Its rows have the size of the buffer; each buffer is prepared in place. `len` is the
    number of all training events.

    Parameters
    ----------
    ensemble
        Prepares the features, on its device.
    stream
        The training events.
    batch_size
        Events per update, of which a buffer holds a multiple.
    """

    def __init__(
        self,
        ensemble: ensembles.Ensemble,
        stream: event_streams.EventStream,
        batch_size: int,
    ):
        self.ensemble, self.stream, self.batch_size = ensemble, stream, batch_size
        self.n_buffer = stream.n_buffer(batch_size)
        n_columns = rows_of(ensemble, stream.sample.rows(0, 1)).shape[1]
        rows = torch.empty(self.n_buffer, n_columns, device=ensemble.device)
        has_spectrum = columns.SPECTRUM in stream.sample.extra
        self.buffer = event_rows.EventRows(rows, has_spectrum)

    def __len__(self) -> int:
        return len(self.stream)

    @property
    def rows(self) -> Tensor:
        """The rows of the buffer (n_buffer, n_columns)."""
        return self.buffer.rows

    def batch(self, positions: Tensor) -> event_rows.EventRows:
        """The events at positions in the buffer (n_members, n_batch)."""
        return self.buffer.batch(positions)

    def orders(self, epoch: int, i_update: int) -> Iterator[tuple[int, Tensor]]:
        """Number of the first update, and event order, of each buffer of an epoch.

        Fills the buffer first. Orders are (n_members, n_events). Starts with the buffer
        of a given update. Random numbers depend only on the seed, epoch and buffer.
        """
        per_buffer = self.n_buffer // self.batch_size
        i_buffer = i_update // per_buffer
        with closing(self.stream.buffers(epoch, i_buffer, self.n_buffer)) as buffers:
            for blocks in buffers:
                n_events = self.fill(blocks)
                yield i_buffer * per_buffer, self.order(n_events, epoch, i_buffer)
                i_buffer += 1

    def fill(self, blocks: list[event_arrays.Events]) -> int:
        """Prepare the events of a buffer; return their number.

        Empties the list, so that the next buffer may be read ahead in its place.
        """
        start, rows = 0, self.buffer.rows
        blocks.reverse()
        while blocks:
            block = blocks.pop()
            rows[start : start + len(block)] = rows_of(self.ensemble, block)
            start += len(block)
        if self.buffer.has_spectrum:
            rows[:start, -1] = decorrelation.standardized(rows[:start, -1])
        return start

    def order(self, n_events: int, epoch: int, i_buffer: int) -> Tensor:
        """A random order of the events of a buffer for each member."""
        seeds = np.random.SeedSequence([self.stream.draw.seed, epoch, i_buffer])
        device = self.rows.device
        generator = torch.Generator(device).manual_seed(int(seeds.generate_state(1)[0]))
        orders = [
            torch.randperm(
                n_events, generator=generator, device=device, dtype=torch.int32
            )
            for _ in range(self.ensemble.n_members)
        ]
        return torch.stack(orders)


def rows_of(ensemble: ensembles.Ensemble, events: event_arrays.Events) -> Tensor:
    """Rows of `event_rows.EventRows`; a spectrum is as it is in the events."""
    names = [columns.SPECTRUM] if columns.SPECTRUM in events.extra else []
    label = events.extra.get(columns.CLASS, events.label)
    further = [label, events.weight, *(events.extra[name] for name in names)]
    rows = ensemble.prepared(events.inputs, n_further=len(further))
    values = np.stack(further, axis=1, dtype="f4", casting="unsafe")
    rows[:, -len(further) :] = torch.from_numpy(values)
    return rows
