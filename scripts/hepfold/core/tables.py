"""Tables of results: every row carries the names that it belongs to."""

import polars as pl


def named_rows(rows: pl.DataFrame | dict | list, names: dict) -> pl.DataFrame:
    """A table whose first columns are the same in every row: dataset, model, fold."""
    head = [pl.lit(value).alias(name) for name, value in names.items()]
    return pl.DataFrame(rows).select(*head, pl.all())
