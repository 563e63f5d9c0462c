"""Blocks of consecutive events of a fold file, in an order for training."""

from typing import NamedTuple

import h5py
import numpy as np

from hepfold.data import event_arrays, fold_file

# Rows of a block: whole HDF5 chunks of all columns. Small buffers have smaller blocks,
# since a buffer should hold many of them.
MAX_ROWS, MIN_ROWS, BLOCKS_PER_BUFFER = 32_768, 64, 128


class Block(NamedTuple):
    """Rows of one fold; `first` is the number of rows in all previous blocks."""

    fold: int
    start: int
    stop: int
    first: int


def divided(file: h5py.File, folds: tuple[int, ...], n_buffer: int) -> list[Block]:
    """All rows of the given folds, in blocks much smaller than `n_buffer` rows."""
    size = min(max(n_buffer // BLOCKS_PER_BUFFER, MIN_ROWS), MAX_ROWS)
    blocks, first = [], 0
    for i_fold in folds:
        n_rows = len(file[f"fold_{i_fold}/{fold_file.TARGETS}"])
        for start in range(0, n_rows, size):
            stop = min(start + size, n_rows)
            blocks.append(Block(i_fold, start, stop, first))
            first += stop - start
    return blocks


def read(file: h5py.File, block: Block, extra: tuple[str, ...]) -> event_arrays.Events:
    """The events of a block, with only the given extra columns."""
    rows = np.s_[block.start : block.stop]
    return fold_file.rows_of(file[f"fold_{block.fold}"], rows, block.first, extra)


def shuffled(n_blocks: int, n_buffers: int, seed: list[int]) -> np.ndarray:
    """A random order of blocks (n_blocks,) for an epoch of `n_buffers` buffers.

    Each buffer gets one of every `n_buffers` successive blocks, so it has events from
    all parts of the file, which is often ordered by process.
    """
    draw = np.random.default_rng(seed)
    n_groups = -(-n_blocks // n_buffers)
    i_buffer = draw.random((n_groups, n_buffers)).argsort(1).ravel()[:n_blocks]
    return np.lexsort((draw.random(n_blocks), i_buffer))
