"""The lines of the log of a training after each epoch."""

import logging
import math


def log(history: list[dict], n_members: int, n_left: int, left_s: float) -> None:
    """Log the mean losses of the last epoch, and warn of members that diverged.

    At most `n_left` epochs are left, which take `left_s` seconds.
    """
    rows = history[-n_members:]
    for row in rows:
        if not math.isfinite(row["loss"]):
            logging.warning(
                "The loss of member %d is not finite; only its earlier epochs can "
                "be used. Try a lower learning_rate.",
                row["member"],
            )
    epoch = rows[0]["epoch"]
    logging.info(
        "Epoch %d of %d: %s, learning rate %.2g, at most %.0f s left.",
        epoch,
        epoch + n_left,
        losses(rows),
        rows[0]["learning_rate"],
        left_s,
    )


def losses(rows: list[dict]) -> str:
    """Mean losses of the members in an epoch, as text."""
    text = f"loss {mean(rows, 'loss'):.4f}"
    if rows[0]["validation_loss"] is None:
        return text
    return f"{text}, validation loss {mean(rows, 'validation_loss'):.4f}"


def mean(rows: list[dict], name: str) -> float:
    """Mean over members of one of their losses."""
    return sum(row[name] for row in rows) / len(rows)
