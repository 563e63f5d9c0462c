"""Training curves and figures of merit as one table, for programs that track runs."""

from collections.abc import Iterator

import polars as pl

from hepfold.publish import comparison

# Columns of a training history that may be empty, and all that become curves.
VALIDATION = ("validation_loss", "validation_auc")
CURVES = ("loss", *VALIDATION, "learning_rate")
SCHEMA = {
    "run": pl.String,
    "group": pl.String,
    "name": pl.String,
    "step": pl.Int64,
    "value": pl.Float64,
}


def table(histories: list[pl.DataFrame], record: dict) -> pl.DataFrame:
    """One row per value of a model, without values that are missing or not finite.

    Columns are those of SCHEMA: for curves, `run` is `fold_<fold>/member_<member>` and
    `step` the epoch; for figures of merit, the subset and 0.
    """
    curves = map(curves_of_fold, histories)
    merits = pl.DataFrame([*merits_of(record)], SCHEMA, orient="row")
    return pl.concat([*curves, merits]).filter(pl.col("value").is_finite())


def curves_of_fold(history: pl.DataFrame) -> pl.DataFrame:
    """The training curves of the members of a fold, one after the other."""
    run = pl.format("fold_{}/member_{}", "fold", "member").alias("run")
    index = [run, pl.col("epoch").alias("step")]
    values = history.select(*index, *CURVES).unpivot(
        CURVES, index=("run", "step"), variable_name="name"
    )
    values = values.with_columns(group=pl.lit("training")).sort(
        "run", maintain_order=True
    )
    return values.select(list(SCHEMA)).cast(SCHEMA)


def merits_of(record: dict) -> Iterator[tuple[str, str, str, int, float]]:
    """Rows of the figures of merit, their uncertainties, and the cuts on the score."""
    for subset in comparison.SUBSETS:
        for name, value in record.get(subset, {}).items():
            if isinstance(value, int | float):
                group = "uncertainties" if "_unc" in name else "merits"
                yield subset, group, name, 0, float(value)
    for name, cut in record["cuts"].items():
        yield comparison.SUBSETS[0], "cuts", name, 0, cut
