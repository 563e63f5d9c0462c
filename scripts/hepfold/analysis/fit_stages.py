"""Expected events before and after a fit, with bins and recorded events."""

import polars as pl

from hepfold.core import columns

PREFIT, POSTFIT = "prefit", "postfit"
# Name of the sum of all processes in tables of predictions.
TOTAL = "total"


def joined(predictions: list[dict], bins: list[dict], stage: str) -> pl.DataFrame:
    """Predictions of a stage with the edges of the bins and the recorded events.

    There is a row per bin, for each process and for their sum. There is no column
    `observed` without recorded events; it is null in bins that are blinded.
    """
    edges = pl.DataFrame(bins, infer_schema_length=None).with_columns(
        bin=pl.int_range(pl.len()).over("channel")
    )
    shown = ["channel", "bin", "low", "high"]
    shown += [name for name in ("observed", "blinded") if name in edges.columns]
    table = pl.DataFrame(predictions, infer_schema_length=None).filter(stage=stage)
    order = {
        name: i for i, name in enumerate(edges["channel"].unique(maintain_order=True))
    }
    return (
        table.join(
            edges.select(shown),
            on=["channel", "bin"],
            how="left",
            maintain_order="left",
        )
        .sort(
            pl.col("channel").replace_strict(order),
            columns.PROCESS,
            "bin",
            maintain_order=True,
        )
        .drop("bin")
    )
