"""Tests of analysis.blended_scores: nesting, event weights and the jackknife."""

import numpy as np
import polars as pl
import pytest
from scipy import special

from hepfold.analysis import blended_scores, training_spread
from hepfold.data import weights
from hepfold.training import blend_weights

N, N_FOLDS = 600, 3
WEIGHTS = np.array([0.6, 0.4])


def fold_of(i_fold: int, quality: float, name: str, n_groups: int = 0) -> pl.DataFrame:
    """Scores of one fold by a model; the last third are test events."""
    events = np.random.default_rng(i_fold)
    label = events.integers(0, 2, N)
    noise = np.random.default_rng([i_fold, len(name)]).normal(size=N)
    score = special.expit(quality * (2 * label - 1) + noise)
    table = pl.DataFrame(
        {
            "dataset": "higgsml",
            "model": name,
            "fold": i_fold,
            "event_id": np.arange(N) + 1000 * i_fold,
            "subset": ["train"] * (2 * N // 3) + ["test"] * (N // 3),
            "label": label.astype("i1"),
            "weight": events.uniform(0.5, 1.5, N) * np.where(label, 0.01, 3.0),
            "score": score,
        }
    )
    if not n_groups:
        return table
    spread = np.random.default_rng(9).normal(0, 0.01, (n_groups, N))
    groups = score + spread - spread.mean(axis=0)
    kind = pl.Array(pl.Float32, n_groups)
    return table.with_columns(
        pl.Series("group_scores", groups.T.astype("f4"), kind),
    )


def tables() -> list[list[pl.DataFrame]]:
    """Scores of a good and of a worse part in all folds."""
    return [
        [fold_of(i, quality, name) for i in range(N_FOLDS)]
        for name, quality in (("one", 1.0), ("second", 0.6))
    ]


def changed(parts, i_fold: int, change: pl.Expr) -> list[list[pl.DataFrame]]:
    """The scores with a change of one fold in all parts."""
    return [
        [t.with_columns(change) if i == i_fold else t for i, t in enumerate(folds)]
        for folds in parts
    ]


def values(fit: blend_weights.Fit) -> list[float]:
    return [*fit.weights, fit.log_loss]


POISONS = {
    "labels": (1 - pl.col("label")).alias("label"),
    "scores": (1 - pl.col("score")).alias("score"),
    "weights": (100 * pl.col("weight")).alias("weight"),
}


@pytest.mark.parametrize("poison", POISONS)
def test_the_fit_for_a_fold_never_sees_it(poison):
    parts = tables()
    poisoned = changed(parts, 1, POISONS[poison])
    fits = [
        [values(blended_scores.without_fold(p, i, "absolute")[0]) for i in range(3)]
        for p in (parts, poisoned)
    ]
    assert fits[0][1] == fits[1][1]
    assert fits[0][0] != fits[1][0] and fits[0][2] != fits[1][2]


def test_the_fit_does_not_see_test_events():
    parts = tables()
    is_test = pl.col("subset") == "test"
    other = pl.when(is_test).then(1 - pl.col("label")).otherwise("label")
    poisoned = changed(parts, 0, other.alias("label").cast(pl.Int8))
    fit, record = blended_scores.without_fold(parts, 1, "absolute")
    again, _ = blended_scores.without_fold(poisoned, 1, "absolute")
    assert values(again) == values(fit)
    assert record["n_events"] == 2 * (2 * N // 3)


def test_both_classes_count_equally():
    """A factor for the weights of one class changes nothing."""
    parts, scaled = tables(), tables()
    factor = pl.when(pl.col("label") == 1).then(7.0).otherwise(1.0)
    for i in range(N_FOLDS):
        scaled = changed(scaled, i, pl.col("weight") * factor)
    fit, record = blended_scores.without_fold(parts, 0, "absolute")
    again, _ = blended_scores.without_fold(scaled, 0, "absolute")
    np.testing.assert_allclose(values(again), values(fit), rtol=1e-6)
    assert fit.log_loss < min(record["log_loss_of_parts"]) < np.log(2)


@pytest.mark.parametrize("rule", ["absolute", "zero", "keep"])
def test_negative_weights_follow_the_rule_of_the_training(rule):
    sign = pl.when(pl.col("event_id") % 10 == 0).then(-1).otherwise(1)
    signed, ruled = tables(), tables()
    for i in range(N_FOLDS):
        signed = changed(signed, i, pl.col("weight") * sign)
        weight = weights.for_training(signed[0][i]["weight"].to_numpy(), rule)
        ruled = changed(ruled, i, pl.Series("weight", weight))
    fit, _ = blended_scores.without_fold(signed, 0, rule)
    again, _ = blended_scores.without_fold(ruled, 0, "keep")
    assert values(fit) == values(again)


def test_different_events_are_rejected():
    first, second = fold_of(0, 1.0, "one"), fold_of(1, 1.0, "one")
    with pytest.raises(RuntimeError, match="scored different events"):
        blended_scores.table([first, second], "blend", WEIGHTS)


def test_the_table_is_that_of_the_parts_with_blended_scores():
    parts = [fold_of(0, 1.0, "one", 4), fold_of(0, 0.6, "second")]
    table = blended_scores.table(parts, "blend", WEIGHTS)
    logits = special.logit(np.array([part["score"].to_numpy() for part in parts]))
    expected = special.expit(WEIGHTS @ logits)
    np.testing.assert_allclose(table["score"], expected, rtol=1e-12)
    assert set(table["model"]) == {"blend"}
    assert table.drop("model", "score").equals(parts[1].drop("model", "score"))


def test_probabilities_of_classes_of_a_part_are_not_those_of_a_blend():
    parts = [
        table[0].with_columns(probability_ttH=0.3, probability_top=0.7)
        for table in tables()
    ]
    blended = blended_scores.table(parts, "blend", WEIGHTS)
    assert set(blended.columns) == set(tables()[0][0].columns)


def test_the_jackknife_leaves_a_group_out_of_all_parts():
    """What it takes for the score without a group is the blend of both without it."""
    parts = [fold_of(0, 1.0, "one", 4), fold_of(0, 0.6, "second", 4)]
    table = blended_scores.table(parts, "blend", WEIGHTS)
    groups = table["group_scores"].to_numpy()
    scores = training_spread.FoldScores([table], lambda i: groups)
    logits = [
        special.logit(part["group_scores"].to_numpy().astype("f8")[:, 1:].mean(axis=1))
        for part in parts
    ]
    expected = special.expit(WEIGHTS @ logits)
    without_first = next(scores.without_members(0))["score"]
    np.testing.assert_allclose(without_first, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("numbers", "n_common"), [((4, 4), 4), ((4, 2), 2), ((5, 4), 0), ((4, 0), 0)]
)
def test_parts_share_as_many_groups_as_divide_theirs(numbers, n_common):
    parts = [fold_of(0, 1.0, name, n) for name, n in zip("ab", numbers, strict=True)]
    groups = blended_scores.common_groups(parts)
    assert (0 if groups is None else groups.shape[1]) == n_common
    if n_common:
        np.testing.assert_allclose(
            groups.mean(axis=1), [part["score"] for part in parts], atol=1e-6
        )
    if n_common == 2:
        of_four = parts[0]["group_scores"].to_numpy()
        np.testing.assert_allclose(groups[0, 1], of_four[:, [1, 3]].mean(axis=1))
