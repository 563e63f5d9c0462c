"""Tests of training.progress: the log of an epoch."""

import logging
import math

import pytest

from hepfold.models import histories
from hepfold.training import progress


def rows(epoch: int, *losses: float, validation: float | None = None) -> list[dict]:
    return [
        histories.row(epoch, i, 0.01, loss, validation) for i, loss in enumerate(losses)
    ]


@pytest.mark.parametrize(
    ("validation", "losses"),
    [(None, "loss 0.5000"), (0.75, "loss 0.5000, validation loss 0.7500")],
)
def test_the_last_epoch_is_logged(caplog, validation, losses):
    history = rows(1, 9.0, 9.0) + rows(2, 0.4, 0.6, validation=validation)
    with caplog.at_level(logging.INFO):
        progress.log(history, 2, 3, 7.4)
    expected = f"Epoch 2 of 5: {losses}, learning rate 0.01, at most 7 s left."
    assert caplog.messages == [expected]


def test_a_member_that_diverged_is_named(caplog):
    progress.log(rows(1, 0.4, math.nan), 2, 0, 0.0)
    assert "The loss of member 1 is not finite" in caplog.text
