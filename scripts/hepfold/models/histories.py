"""Rows of training histories, which all kinds of model share."""

from torch import Tensor


def epoch_rows(
    epoch: int, rate: float, train_loss: Tensor, metrics: dict[str, Tensor]
) -> list[dict]:
    """One row per member for an epoch of networks.

    `metrics` is empty without validation events; their columns are then None. The AUC
    uses training weights, which differ from full weights only by one factor for signal
    and one for background; those of a multi-class model include shares of the expected
    events.
    """
    columns = [train_loss.tolist()]
    for name in ("validation_loss", "validation_auc"):
        missing = [None] * len(train_loss)
        columns.append(metrics[name].tolist() if name in metrics else missing)
    return [
        row(epoch, i, rate, *values)
        for i, values in enumerate(zip(*columns, strict=True))
    ]


def booster_rows(member: int, rate: float, losses: dict) -> list[dict]:
    """One row per round of a booster, of the losses that XGBoost recorded."""
    (name,) = losses["train"]
    train = losses["train"][name]
    validation = losses.get("validation", {}).get(name, [None] * len(train))
    return [
        row(i + 1, member, rate, loss, validation_loss)
        for i, (loss, validation_loss) in enumerate(zip(train, validation, strict=True))
    ]


def row(
    epoch: int,
    member: int,
    rate: float,
    loss: float,
    validation_loss: float | None,
    validation_auc: float | None = None,
) -> dict:
    """The record of one epoch, or round of trees, of one member."""
    return {
        "epoch": epoch,
        "member": member,
        "learning_rate": rate,
        "loss": loss,
        "validation_loss": validation_loss,
        "validation_auc": validation_auc,
    }
