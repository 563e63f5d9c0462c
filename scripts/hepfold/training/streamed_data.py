"""Training data of which only a buffer is in memory, filled again and again."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import torch
from torch import Tensor

from hepfold.core import columns
from hepfold.data import event_arrays, event_streams
from hepfold.models import ensembles
from hepfold.training import decorrelation


class StreamedData:
    """Prepared events of a stream, in the attributes of `loop.Data`.

    The tensors have the size of the buffer; each buffer is prepared in place. `len` is
    the number of all training events.

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
        sample, device = stream.sample, ensemble.device
        n_prepared = ensemble.prepared(sample.inputs[:1]).shape[1]
        self.x = torch.empty(self.n_buffer, n_prepared, device=device)
        self.label, self.weight = torch.empty(2, self.n_buffer, device=device)
        self.spectrum = None
        if columns.SPECTRUM in sample.extra:
            self.spectrum = torch.empty(self.n_buffer, device=device)

    def __len__(self) -> int:
        return len(self.stream)

    def orders(self, epoch: int, i_update: int) -> Iterator[tuple[int, Tensor]]:
        """Number of the first update, and event order, of each buffer of an epoch.

        Fills the buffer before. Orders are (n_members, n_events). It begins with the
        buffer of an update. Random numbers depend on the seed, epoch and buffer alone.
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
        start = 0
        blocks.reverse()
        while blocks:
            start += self.prepare(blocks.pop(), start)
        if self.spectrum is not None:
            self.spectrum[:start] = decorrelation.standardized(self.spectrum[:start])
        return start

    def prepare(self, block: event_arrays.Events, start: int) -> int:
        """Prepare the events of a block at a position; return their number."""
        rows = slice(start, start + len(block))
        label = block.extra.get(columns.CLASS, block.label)
        self.x[rows] = self.ensemble.prepared(block.inputs)
        self.label[rows] = torch.from_numpy(label)
        self.weight[rows] = torch.from_numpy(block.weight)
        if self.spectrum is not None:
            self.spectrum[rows] = torch.from_numpy(block.extra[columns.SPECTRUM])
        return len(block)

    def order(self, n_events: int, epoch: int, i_buffer: int) -> Tensor:
        """A random order of the events of a buffer for each member."""
        seeds = np.random.SeedSequence([self.stream.draw.seed, epoch, i_buffer])
        device = self.x.device
        generator = torch.Generator(device).manual_seed(int(seeds.generate_state(1)[0]))
        orders = [
            torch.randperm(n_events, generator=generator, device=device)
            for _ in range(self.ensemble.n_members)
        ]
        return torch.stack(orders)
