"""Tests of models.histories: rows of training histories."""

import torch

from hepfold.models import histories

KEYS = [
    "epoch",
    "member",
    "learning_rate",
    "loss",
    "validation_loss",
    "validation_auc",
]


def test_an_epoch_has_a_row_for_each_member():
    metrics = {
        "validation_loss": torch.tensor([3.0, 4.0]),
        "validation_auc": torch.tensor([0.5, 0.75]),
    }
    rows = histories.epoch_rows(7, 0.1, torch.tensor([1.0, 2.0]), metrics)
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [list(row.values()) for row in rows] == [
        [7, 0, 0.1, 1.0, 3.0, 0.5],
        [7, 1, 0.1, 2.0, 4.0, 0.75],
    ]


def test_without_validation_events_their_columns_are_none():
    (row,) = histories.epoch_rows(1, 0.1, torch.tensor([1.0]), {})
    assert row["validation_loss"] is None and row["validation_auc"] is None


def test_a_booster_has_a_row_for_each_round():
    losses = {"train": {"logloss": [2.0, 1.0]}}
    rows = histories.booster_rows(3, 0.1, losses)
    assert [list(row.values()) for row in rows] == [
        [1, 3, 0.1, 2.0, None, None],
        [2, 3, 0.1, 1.0, None, None],
    ]
    losses["validation"] = {"logloss": [4.0, 3.0]}
    rows = histories.booster_rows(3, 0.1, losses)
    assert [row["validation_loss"] for row in rows] == [4.0, 3.0]
