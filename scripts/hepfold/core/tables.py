"""Tables of results: every row names its data set, model and fold."""

import polars as pl


def named_rows(rows: pl.DataFrame | dict | list, names: dict) -> pl.DataFrame:
    """A table with leading constant columns, such as dataset, model and fold."""
    head = [pl.lit(value).alias(name) for name, value in names.items()]
    return pl.DataFrame(rows).select(*head, pl.all())
