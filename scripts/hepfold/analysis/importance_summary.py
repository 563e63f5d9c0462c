"""What the explanations of all folds and members of a model say together."""

import itertools
import math

import numpy as np
import polars as pl

# How the tables of embeddings are named among the tensors of a model.
EMBEDDINGS = "network.categories.tables"


def importance_summary(table: pl.DataFrame) -> pl.DataFrame:
    """Importances of features and groups, the largest of each kind first.

    `importance` is the mean over folds, `importance_unc` its standard error: it holds
    what events, permutations and trainings add, since all differ between folds.
    `member_importance` is the mean over members, and `member_sd` their spread within a
    fold.
    """
    keys = [*names(table), "kind", "feature"]
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
    kinds = of_ensemble["kind"].unique(maintain_order=True)
    order = pl.col("kind").replace_strict(kinds, range(len(kinds)))
    return of_ensemble.join(of_members, on=keys, maintain_order="left").sort(
        order, pl.col("importance"), descending=[False, True], maintain_order=True
    )


def names(table: pl.DataFrame) -> list[str]:
    """The columns that say what the rows belong to, of those that a table has."""
    return [name for name in ("dataset", "model") if name in table.columns]


def most_important(
    table: pl.DataFrame, n_features: int, azimuths: list[str]
) -> list[str]:
    """The features of the largest mean importance, the first first.

    Without azimuths: by symmetry no score depends on one azimuth alone.
    """
    of_features = importance_summary(table).filter(kind="feature")
    found = of_features.filter(~pl.col("feature").is_in(azimuths))
    return found["feature"].head(n_features).to_list()


def with_values(
    curves: pl.DataFrame, categorical: dict[str, tuple[float, ...]]
) -> pl.DataFrame:
    """Partial dependences with the values of categories in place of their codes."""
    value = pl.col("value")
    for name, values in categorical.items():
        of_code = value.replace_strict(dict(enumerate(values)), default=None)
        value = pl.when(pl.col("feature") == name).then(of_code).otherwise(value)
    return curves.with_columns(value)


def dependence_summary(curves: pl.DataFrame) -> pl.DataFrame:
    """Partial dependences, mean and standard deviation over folds."""
    keys = [*names(curves), "feature", "value"]
    score = pl.col("score")
    by_value = curves.drop_nulls("score").group_by(keys, maintain_order=True)
    return by_value.agg(score.mean(), score_sd=score.std())


def embedding_distances(
    tensors: dict[str, np.ndarray], categorical: dict[str, tuple[float, ...]]
) -> pl.DataFrame:
    """Distance between the learnt vectors of each two values, by member.

    Takes the tensors of one model and the values of the categorical features that it
    sees. Unlike the vectors themselves, distances do not depend on how a member has
    turned its vectors. `as_drawn` is the mean distance before training.
    """
    rows = []
    for i, (feature, values) in enumerate(categorical.items()):
        table = tensors[f"{EMBEDDINGS}.{i}"].astype("f8")
        expected = mean_distance(table.shape[2])
        for first, second in itertools.combinations(range(len(values)), 2):
            distance = np.linalg.norm(table[:, first] - table[:, second], axis=1)
            for member, found in enumerate(distance):
                pair = values[first], values[second]
                rows.append((feature, *pair, member, found, expected))
    columns = ["feature", "first", "second", "member", "distance", "as_drawn"]
    return pl.DataFrame(rows, columns, orient="row")


def mean_distance(size: int) -> float:
    """Mean distance of two vectors of standard normal numbers.

    Their difference has a variance of two in each of `size` directions: twice the mean
    of a chi distribution over the root of two.
    """
    return 2 * math.exp(math.lgamma((size + 1) / 2) - math.lgamma(size / 2))


def distance_summary(distances: pl.DataFrame) -> pl.DataFrame:
    """Distances of each two values, mean and spread over folds and members."""
    keys = [*names(distances), "feature", "first", "second"]
    distance = pl.col("distance")
    return distances.group_by(keys, maintain_order=True).agg(
        distance.mean(), distance_sd=distance.std(), as_drawn=pl.first("as_drawn")
    )
