"""Importances, partial dependences and embeddings, averaged over folds and members."""

import itertools
import math
from collections.abc import Collection

import numpy as np
import polars as pl

# Name prefix of embedding tables among the tensors of a model.
EMBEDDINGS = "network.categories.tables"
# Separator of the names of features that are permuted together.
SEPARATOR = ", "


def importance_summary(table: pl.DataFrame) -> pl.DataFrame:
    """Importances of features and bodies in decreasing order, then those of sets.

    `importance` is the mean over folds and `importance_unc` its standard error, which
    includes events, permutations and training, since all of these differ between folds.
    `member_importance` is the mean over members, `member_sd` their spread in a fold.
    """
    keys = [*names(table), "kind", "feature", "permuted"]
    unc = pl.col("importance").std() / pl.len().sqrt()
    of_ensemble = (
        table.filter(pl.col("member").is_null())
        .group_by(keys, maintain_order=True)
        .agg(pl.col("auc", "importance").mean(), importance_unc=unc)
    )
    of_members = (
        table.filter(pl.col("member").is_not_null())
        .group_by([*keys, "fold"], maintain_order=True)
        .agg(pl.col("importance").mean(), variance=pl.col("importance").var())
        .group_by(keys, maintain_order=True)
        .agg(
            member_importance=pl.col("importance").mean(),
            member_sd=pl.col("variance").mean().sqrt(),
        )
    )
    return of_ensemble.join(of_members, on=keys, maintain_order="left").sort(
        pl.col("kind") == "set",
        pl.col("importance"),
        descending=[False, True],
        maintain_order=True,
    )


def names(table: pl.DataFrame) -> list[str]:
    """The identifying columns, `dataset` and `model`, that a table has."""
    return [name for name in ("dataset", "model") if name in table.columns]


def most_important(
    table: pl.DataFrame, n_features: int, momenta: Collection[str]
) -> list[str]:
    """The features with the largest mean importance, in decreasing order.

    A body is represented by its feature in `momenta`, the names of transverse momenta:
    by symmetry, no score depends on a single azimuth.
    """
    ranked = importance_summary(table).filter(pl.col("kind") != "set")
    features = []
    for kind, permuted in ranked.select("kind", "permuted").iter_rows():
        together = permuted.split(SEPARATOR)
        features += [n for n in together if kind == "feature" or n in momenta]
    return features[:n_features]


def with_values(
    curves: pl.DataFrame, categorical: dict[str, tuple[float, ...]]
) -> pl.DataFrame:
    """Partial dependences with category values instead of codes."""
    value = pl.col("value")
    for name, values in categorical.items():
        of_code = value.replace_strict(dict(enumerate(values)), default=None)
        value = pl.when(pl.col("feature") == name).then(of_code).otherwise(value)
    return curves.with_columns(value)


def dependence_summary(curves: pl.DataFrame) -> pl.DataFrame:
    """Partial dependences: mean and standard deviation over folds."""
    keys = [*names(curves), "feature", "value"]
    score = pl.col("score")
    by_value = curves.drop_nulls("score").group_by(keys, maintain_order=True)
    return by_value.agg(score.mean(), score_sd=score.std())


def embedding_distances(
    tensors: dict[str, np.ndarray], categorical: dict[str, tuple[float, ...]]
) -> pl.DataFrame:
    """Distance between the learned vectors of each pair of values, by member.

    Takes the tensors of one model and the values of its categorical features. Unlike
    the vectors, distances are invariant under rotation. `as_drawn` is the mean distance
    before training.
    """
    rows = []
    for i, (feature, values) in enumerate(categorical.items()):
        table = tensors[f"{EMBEDDINGS}.{i}"].astype("f8")
        expected = mean_distance(table.shape[2])
        for first, second in itertools.combinations(range(len(values)), 2):
            distance = np.linalg.norm(table[:, first] - table[:, second], axis=1)
            rows += [
                (feature, values[first], values[second], member, of_member, expected)
                for member, of_member in enumerate(distance)
            ]
    columns = ["feature", "first", "second", "member", "distance", "as_drawn"]
    return pl.DataFrame(rows, columns, orient="row")


def mean_distance(size: int) -> float:
    """Mean distance between two vectors of standard normal numbers.

    Their difference has variance two in each of `size` dimensions, so that the mean is
    sqrt(2) times that of a chi distribution.
    """
    return 2 * math.exp(math.lgamma((size + 1) / 2) - math.lgamma(size / 2))


def distance_summary(distances: pl.DataFrame) -> pl.DataFrame:
    """Distances of each pair of values: mean and spread over folds and members."""
    keys = [*names(distances), "feature", "first", "second"]
    distance = pl.col("distance")
    return distances.group_by(keys, maintain_order=True).agg(
        distance.mean(), distance_sd=distance.std(), as_drawn=pl.first("as_drawn")
    )
