"""The table of the weights of blends."""

import polars as pl

from hepfold.publish import table_formats

TITLE = "Weights of blends"
NOTE = (
    "The logit of the score is the mean of the logits of the parts with these weights. "
    "The weights of a fold are fitted to out-of-fold scores of the other folds, by log "
    "loss with the event weights of the training; none is negative, and their sum is "
    "one. The score of a test event is the mean over the folds. Log losses are those "
    "of the events of the fit, with the best scale and offset of the logit, averaged "
    "over the folds."
)


def table(records: list[dict]) -> pl.DataFrame:
    """One row for each part of a blend in a fold, from records of `blend_fold`."""
    rows = [
        {
            "dataset": record["dataset"],
            "model": record["model"],
            "fold": record["fold"],
            "part": part,
            "weight": weight,
            "log_loss": loss,
            "log_loss_of_blend": record["log_loss"],
            "n_events": record["n_events"],
        }
        for record in records
        for (part, weight), loss in zip(
            record["weights"].items(), record["log_loss_of_parts"], strict=True
        )
    ]
    return pl.DataFrame(rows)


def to_read(table: pl.DataFrame) -> pl.DataFrame:
    """One row for each part of a blend, with the weight in each fold.

    The last row has the log loss of the blend itself.
    """
    lines = []
    for (dataset, model), of_blend in table.group_by(
        ["dataset", "model"], maintain_order=True
    ):
        head = {"data set": dataset, "blend": model}
        for part in of_blend["part"].unique(maintain_order=True):
            of_part = of_blend.filter(part=part)
            values = ", ".join(f"{value:.3f}" for value in of_part["weight"])
            lines.append(head | cells(part, values, of_part["log_loss"]))
        losses = of_blend.unique("fold")["log_loss_of_blend"]
        lines.append(head | cells("all", table_formats.MISSING, losses))
    return pl.DataFrame(lines)


def cells(part: str, values: str, losses: pl.Series) -> dict[str, str]:
    """The cells of a row: name, value in each fold, and mean log loss."""
    return {
        "part": part,
        "weight in each fold": values,
        "mean log loss": f"{losses.mean():.5f}",
    }


def text(table: pl.DataFrame) -> str:
    """The weights and their explanation in Markdown."""
    return f"{table_formats.markdown(to_read(table))}\n\n{NOTE}\n"


def page(table: pl.DataFrame) -> str:
    """The weights and their explanation in HTML."""
    parts = {"Weights": to_read(table), "How to read it": NOTE}
    return table_formats.html_page(TITLE, parts)
