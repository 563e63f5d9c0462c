"""Tests of core.stream_choice."""

import pytest
import samples

from hepfold.core import settings_training, stream_choice


@pytest.mark.parametrize(
    ("n_events", "above_gb", "expected"),
    [
        (10_000_001, 4.0, True),
        (10_000_000, 4.0, False),
        (1, 0.0, True),
        (10**12, None, False),
    ],
)
def test_events_above_a_size_are_streamed(n_events, above_gb, expected):
    """A hundred features of an event have 400 bytes."""
    streaming = settings_training.Streaming(above_gb=above_gb)
    model, forest = samples.model(), samples.model(samples.FOREST)
    chosen = stream_choice.is_streamed(model, n_events, streaming, 100)
    assert chosen is expected
    assert not stream_choice.is_streamed(forest, n_events, streaming, 100)
