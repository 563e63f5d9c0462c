"""Tests of data.event_blocks: division of folds, and the order of an epoch."""

import h5py
import numpy as np
import pytest
import stream_samples

from hepfold.data import event_blocks, fold_file


def test_blocks_cover_the_rows_of_the_folds(tmp_path):
    path = str(tmp_path / "train.h5")
    stream_samples.source(path, 1003, n_buffer=1000)
    with fold_file.opened(path) as file:
        blocks = event_blocks.divided(file, (0, 3, 4), n_buffer=1000)
        for i_fold in (0, 3, 4):
            rows = [
                r for b in blocks if b.fold == i_fold for r in range(b.start, b.stop)
            ]
            assert rows == list(range(201 if i_fold < 3 else 200))
            expected = fold_file.read(path, [i_fold]).inputs
            parts = [event_blocks.read(file, b, ()) for b in blocks if b.fold == i_fold]
            read = np.concatenate([part.inputs for part in parts])
            np.testing.assert_array_equal(read, expected)
    before = 0
    for block in blocks:
        assert block.first == before
        before += block.stop - block.start


@pytest.mark.parametrize(
    ("n_buffer", "size"), [(1000, 64), (128_000, 1000), (10**9, 32_768)]
)
def test_a_buffer_has_many_blocks_of_limited_size(tmp_path, n_buffer, size):
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file.create_dataset("fold_0/targets", (10**6,), "i1")
        blocks = event_blocks.divided(file, (0,), n_buffer)
    assert {b.stop - b.start for b in blocks[:-1]} == {size}


@pytest.mark.parametrize("n_blocks", [1, 7, 40, 41])
@pytest.mark.parametrize("n_buffers", [1, 4, 10])
def test_each_buffer_has_one_of_every_few_successive_blocks(n_blocks, n_buffers):
    order = event_blocks.shuffled(n_blocks, n_buffers, [1, 2])
    assert sorted(order) == list(range(n_blocks))
    if n_blocks % n_buffers == 0:
        for buffer in np.split(order, n_buffers):
            groups = sorted(block // n_buffers for block in buffer)
            assert groups == list(range(n_blocks // n_buffers))


def test_orders_depend_on_the_seed():
    first, again, other = (
        event_blocks.shuffled(40, 4, seed).tolist() for seed in ([1, 2], [1, 2], [1, 3])
    )
    assert first == again != other


def test_every_block_is_in_every_buffer_equally_often():
    orders = [event_blocks.shuffled(8, 4, [seed]) for seed in range(4000)]
    buffer = np.argsort(orders, axis=1) // 2
    for block in range(8):
        counts = np.bincount(buffer[:, block], minlength=4)
        assert abs(counts - 1000).max() < 5 * np.sqrt(1000 * 3 / 4)
