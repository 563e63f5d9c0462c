"""Tests of analysis.score_tables: scores are checked, merged and scaled."""

import math

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import score_tables
from hepfold.core import columns, logs, settings_datasets
from hepfold.data import event_arrays, fold_file

EXPECTED = settings_datasets.Normalization(signal=692.0, background=411_000.0)
PROCESSES = ("signal", "ttbar")


def test_every_subset_has_the_full_sums(scores):
    for events in score_tables.evaluated_subsets(scores, EXPECTED).values():
        s = events.weight[events.label == 1].sum()
        b = events.weight[events.label == 0].sum()
        assert s == pytest.approx(EXPECTED.signal)
        assert b == pytest.approx(EXPECTED.background)


def test_merged_scores_are_out_of_fold_and_mean(scores):
    first = scores.with_columns(fold=0)
    oof_of_second = first.filter(pl.col("subset") == "train").with_columns(
        fold=1, event_id=pl.col("event_id") + 1000
    )
    test_of_second = first.filter(pl.col("subset") != "train").with_columns(
        fold=1, score=pl.col("score") + 0.2
    )
    merged = score_tables.merge_scores([first, oof_of_second, test_of_second])
    is_test = merged["subset"] != "train"
    assert merged["event_id"].n_unique() == len(merged)
    assert merged["fold"].is_null().to_list() == is_test.to_list()
    expected = first.filter(pl.col("subset") != "train")["score"] + 0.1
    np.testing.assert_allclose(merged.filter(is_test)["score"], expected)


def test_events_of_two_processes_with_one_id_are_merged_apart(scores):
    """Ids repeat across processes: 150 pairs of signal and background events."""
    pairs = scores.with_columns(event_id=pl.col("event_id") // 2, subset=pl.lit("test"))
    folds = [pairs, pairs.with_columns(score=pl.col("score") / 3)]
    merged = score_tables.merge_scores(folds).sort("event_id", "process")
    expected = pairs.sort("event_id", "process")
    assert merged["process"].to_list() == expected["process"].to_list()
    np.testing.assert_allclose(merged["score"], expected["score"] * 2 / 3)


@pytest.mark.parametrize(
    ("label", "weight", "message"),
    [
        (0, 1.0, "subset public has 0 signal events: evaluation needs at least 20"),
        (None, -1.0, "the signal weights of subset public sum to -"),
        (None, float("nan"), "the signal weights of subset public sum to nan"),
    ],
)
def test_subsets_that_cannot_be_evaluated_are_rejected(scores, label, weight, message):
    """Too few events, a negative or NaN sum: the message names the subset."""
    is_public = pl.col("subset") == "public"
    corrupt = scores.with_columns(
        label=pl.when(is_public).then(pl.lit(label)).fill_null(pl.col("label")),
        weight=pl.when(is_public).then(weight).otherwise("weight"),
    )
    with pytest.raises(logs.InputError, match=message):
        score_tables.evaluated_subsets(corrupt, EXPECTED)


def of_folds(scores: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The scores of each of three folds: its training events and all test events."""
    train = scores.filter(pl.col("subset") == "train")
    test = scores.filter(pl.col("subset") != "train")
    return {f"fold_{i}": pl.concat([train[i::3], test]) for i in range(3)}


def test_valid_scores_are_accepted(scores):
    score_tables.check_complete(of_folds(scores), 100, 200)


def test_events_are_counted_by_process_and_id(scores):
    """Signal and background events share their ids here, which is valid."""
    shared = scores.with_columns(event_id=pl.col("event_id") // 2)
    score_tables.check_complete(of_folds(shared), 100, 200)
    as_one = {n: part.drop("process") for n, part in of_folds(shared).items()}
    with pytest.raises(logs.InputError, match="different test events"):
        score_tables.check_complete(as_one, 100, 200)


@pytest.mark.parametrize("wrong", [float("nan"), -0.1, 1.001, None])
def test_scores_that_are_no_probabilities_are_rejected(scores, wrong):
    parts = of_folds(scores)
    event = parts["fold_1"]["event_id"][7]
    parts["fold_1"] = parts["fold_1"].with_columns(
        score=pl.when(pl.col("event_id") == event).then(wrong).otherwise("score")
    )
    message = f"fold_1: the score of event {event} is {wrong}, not a number from 0 to 1"
    with pytest.raises(logs.InputError, match=message):
        score_tables.check_complete(parts, 100, 200)


def test_scores_that_are_not_one_per_event_are_rejected(scores):
    parts = of_folds(scores)
    with pytest.raises(logs.InputError, match="200 scores for 201 test events"):
        score_tables.check_complete(parts, 100, 201)
    with pytest.raises(logs.InputError, match="expected one for each of 99 training"):
        score_tables.check_complete(parts, 99, 200)
    twice = {**parts, "fold_2": parts["fold_1"]}
    with pytest.raises(logs.InputError, match="100 out-of-fold scores of 67 events"):
        score_tables.check_complete(twice | {"fold_0": parts["fold_0"]}, 100, 200)
    is_test = pl.col("subset") != "train"
    other = pl.when(is_test).then(-pl.col("event_id")).otherwise("event_id")
    moved = {**parts, "fold_2": parts["fold_2"].with_columns(event_id=other)}
    with pytest.raises(logs.InputError, match="different test events"):
        score_tables.check_complete(moved, 100, 200)


def write_folds(path, events: list[tuple[str, int, float]]) -> str:
    """Write a fold file of events with process, id and mass; gives its path."""
    n = len(events)
    process, event_id, mass = map(list, zip(*events, strict=True))
    part = event_arrays.Events(
        inputs=np.array([[0.0, m] for m in mass], "f4"),
        label=np.zeros(n, "i1"),
        weight=np.ones(n),
        event_id=np.array(event_id),
        subset=np.zeros(n, "u1"),
        extra={columns.PROCESS: np.array(list(map(PROCESSES.index, process)), "u2")},
    )
    layout = fold_file.Layout(
        ("x", "m"), {}, processes=PROCESSES, extra=(columns.PROCESS,)
    )
    with fold_file.writing(str(path), 2, layout, {}) as writer:
        writer.append(part, np.arange(n) % 2)
    return str(path)


def test_masses_find_their_events(tmp_path):
    """An event is known by its process and its id, which repeats across processes."""
    train = [("signal", 3, 30.0), ("ttbar", 7, 71.0), ("signal", 9, 90.0)]
    test = [("ttbar", 5, math.nan), ("signal", 7, 70.0)]
    paths = [
        write_folds(tmp_path / "train.h5", train),
        write_folds(tmp_path / "test.h5", test),
    ]
    scores = pl.DataFrame(
        {
            "process": ["ttbar", "signal", "signal", "ttbar"],
            "event_id": [7, 7, 3, 5],
            "score": [0.1, 0.2, 0.3, 0.4],
        }
    )
    joined = score_tables.with_mass(scores, paths, "m")
    assert joined.drop("mass").equals(scores)
    np.testing.assert_array_equal(joined["mass"], [71.0, 70.0, 30.0, math.nan])
    with pytest.raises(logs.InputError, match="only 2 of 4 scored events"):
        score_tables.with_mass(scores, paths[:1], "m")


def test_the_mean_score_of_a_test_event_is_over_folds(scores):
    test = scores.filter(subset="private")
    others = test.with_columns(pl.col("score") + 0.1)
    mean = score_tables.mean_scores([test, others.reverse()])
    np.testing.assert_allclose(mean["score"], test["score"] + 0.05)
    assert mean["event_id"].to_list() == test["event_id"].to_list()
    assert mean["fold"].null_count() == len(mean)


def test_digests_are_of_the_events_in_their_order(scores):
    digests = score_tables.order_digests(scores)
    assert set(digests) == {"oof", "public", "private"}
    others = scores.with_columns(score=1 - pl.col("score"), model=pl.lit("other"))
    assert score_tables.order_digests(others) == digests
    turned = score_tables.order_digests(scores.reverse())
    assert all(turned[name] != digest for name, digest in digests.items())


def test_a_subset_is_chosen_by_its_key(scores):
    assert set(score_tables.in_subset(scores, "oof")["subset"]) == {"train"}
    assert set(score_tables.in_subset(scores, "private")["subset"]) == {"private"}


def test_a_fold_needs_events_and_positive_weights_of_both_classes(scores):
    assert score_tables.has_enough(scores)
    assert not score_tables.has_enough(scores.filter(pl.col("event_id") < 100))
    negative = pl.when(pl.col("label") == 0).then(-1.0).otherwise(1.0)
    assert not score_tables.has_enough(scores.with_columns(weight=negative))
