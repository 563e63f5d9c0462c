"""Figures of merit in replicas as a table, for the comparison of models in pairs."""

import numpy as np
import polars as pl

from hepfold.core import columns

# Figures of merit in which models are compared.
COMPARED = ("auc", "auc_weighted", "ams", "significance", "significance_syst")


def of_subsets(replicas: dict[str, dict[str, np.ndarray]]) -> pl.DataFrame:
    """Columns subset and those in COMPARED; the first row of a subset is the sample.

    Takes arrays (1 + n_replicas,) by subset and name.
    """
    return pl.concat(
        pl.DataFrame({name: by_name[name] for name in COMPARED}).select(
            pl.lit(subset).alias(columns.SUBSET), pl.all()
        )
        for subset, by_name in replicas.items()
    )


def of_subset(table: pl.DataFrame, subset: str) -> dict[str, np.ndarray]:
    """Arrays (1 + n_replicas,) by name, of one subset."""
    part = table.filter(pl.col(columns.SUBSET) == subset)
    return {name: part[name].to_numpy() for name in COMPARED}
