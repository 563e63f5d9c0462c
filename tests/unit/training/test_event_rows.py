"""Tests of training.event_rows: a batch holds the columns of its events."""

import pytest
import torch

from hepfold.training import event_rows


def rows(has_spectrum: bool) -> event_rows.EventRows:
    """Events whose every value is 10 times the event plus the column."""
    values = 10.0 * torch.arange(5)[:, None] + torch.arange(5 + has_spectrum)
    return event_rows.EventRows(values, has_spectrum)


@pytest.mark.parametrize("has_spectrum", [False, True])
def test_columns_are_features_then_label_weight_and_spectrum(has_spectrum):
    events = rows(has_spectrum)
    assert len(events) == 5 and events.n_prepared == 3
    assert events.x[2].tolist() == [20, 21, 22]
    assert events.label[2] == 23 and events.weight[2] == 24
    if has_spectrum:
        assert events.spectrum[2] == 25
    else:
        assert events.spectrum is None


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_a_batch_has_the_events_of_each_member_in_order(dtype):
    events = rows(True)
    positions = torch.tensor([[4, 0, 0], [1, 2, 3]], dtype=dtype)
    batch = events.batch(positions)
    assert torch.equal(batch.x, events.x[positions.long()])
    for name in ("label", "weight", "spectrum"):
        expected = getattr(events, name)[positions.long()]
        assert torch.equal(getattr(batch, name), expected)
