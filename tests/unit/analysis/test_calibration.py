"""Tests of analysis.calibration: known distortions are undone, out of fold."""

import numpy as np
import polars as pl
import pytest
from scipy import special

from hepfold.analysis import calibration
from hepfold.core import columns

N_EVENTS = 40_000
SLOPE, INTERCEPT = 0.5, -0.7


def table(score: np.ndarray, label: np.ndarray, **changes) -> pl.DataFrame:
    n_events = len(score)
    values = {
        columns.FOLD: np.arange(n_events) % 4,
        columns.EVENT_ID: np.arange(n_events),
        columns.SUBSET: np.full(n_events, columns.TRAIN),
        columns.LABEL: label.astype("i1"),
        columns.WEIGHT: np.ones(n_events),
        columns.SCORE: score,
    }
    return pl.DataFrame(values | changes)


def drawn(n_events: int = N_EVENTS, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of signal for equal classes, and labels drawn with them."""
    rng = np.random.default_rng(seed)
    # Densities 2p and 2(1 - p) of signal and background.
    label = rng.random(n_events) < 0.5
    high = np.sqrt(rng.random(n_events))
    return np.where(label, high, 1 - high), label


def distorted(probability: np.ndarray) -> np.ndarray:
    """Scores whose calibration has the slope and the intercept above."""
    return special.expit((special.logit(probability) - INTERCEPT) / SLOPE)


def test_a_distortion_of_the_logit_is_found():
    probability, label = drawn()
    scores = table(distorted(probability), label)
    calibrated, record = calibration.with_calibrated(scores, "platt")
    assert record["slope"] == pytest.approx(SLOPE, rel=0.03)
    assert record["intercept"] == pytest.approx(INTERCEPT, abs=0.03)
    column = calibrated[columns.CALIBRATED].to_numpy()
    assert np.abs(column - probability).max() < 0.02


@pytest.mark.parametrize("power", [3.0, 0.3])
def test_any_monotonic_distortion_is_undone(power):
    probability, label = drawn()
    scores = table(probability**power, label)
    calibrated, record = calibration.with_calibrated(scores, "isotonic")
    column = calibrated[columns.CALIBRATED].to_numpy()
    assert np.abs(column - probability).mean() < 0.02
    assert (np.diff(record["probabilities"]) >= 0).all()


@pytest.mark.slow
def test_the_form_with_the_lowest_loss_is_chosen():
    probability, label = drawn()
    as_is = table(probability, label)
    step = table(np.where(probability > 0.6, 0.9, 0.6) * probability, label)
    by_logit = table(distorted(probability), label)
    for scores, kind in ((step, "isotonic"), (by_logit, "platt")):
        _, record = calibration.with_calibrated(scores, "best")
        assert record["kind"] == min(record["log_loss"], key=record["log_loss"].get)
        assert record["kind"] == kind
    _, record = calibration.with_calibrated(as_is, "best")
    raw = record["log_loss"]["none"]
    # Nothing is gained where nothing is wrong.
    assert all(abs(loss - raw) < 0.002 for loss in record["log_loss"].values())


def test_raw_scores_stay_as_they_are():
    probability, label = drawn(2000)
    scores, record = calibration.with_calibrated(table(probability, label), "none")
    assert scores[columns.CALIBRATED].to_list() == probability.tolist()
    assert set(record) == {"kind", "log_loss"}


@pytest.mark.parametrize("n_folds", [1, 4])
def test_an_event_does_not_calibrate_itself(n_folds):
    # With random labels, a fit to the same events would lower the log loss.
    probability, _ = drawn(4000)
    label = np.random.default_rng(5).random(4000) < 0.5
    fold = np.arange(4000) % n_folds
    scores = table(probability, label, **{columns.FOLD: fold})
    _, record = calibration.with_calibrated(scores, "isotonic")
    assert record["log_loss"]["isotonic"] > np.log(2)


def test_labels_of_a_fold_do_not_change_its_calibration():
    probability, label = drawn(4000)
    fold = np.arange(4000) % 4
    other = np.where(fold == 2, ~label, label)
    parts = [
        calibration.with_calibrated(table(probability, of), "platt")[0]
        for of in (label, other)
    ]
    same = np.array(parts[0][columns.CALIBRATED] == parts[1]["calibrated"])
    assert same[fold == 2].all() and not same[fold != 2].any()


def test_test_events_are_calibrated_by_all_folds():
    probability, label = drawn(4000)
    train = table(distorted(probability), label)
    test = train.with_columns(
        pl.lit(columns.TEST).alias(columns.SUBSET),
        pl.lit(None, pl.Int64).alias(columns.FOLD),
        (1 - pl.col(columns.LABEL)).alias(columns.LABEL),
    )
    scores, record = calibration.with_calibrated(pl.concat([train, test]), "platt")
    column = scores[columns.CALIBRATED][4000:].to_numpy()
    z = record["slope"] * special.logit(distorted(probability)) + record["intercept"]
    np.testing.assert_allclose(column, special.expit(z), rtol=1e-9, atol=2e-5)


def test_sums_of_weights_per_class_do_not_matter():
    probability, label = drawn(4000)
    weight = np.where(label, 3.0, 0.01)
    parts = [
        calibration.with_calibrated(table(probability, label, **changes), "platt")[1]
        for changes in ({}, {columns.WEIGHT: weight})
    ]
    assert parts[0]["slope"] == pytest.approx(parts[1]["slope"], rel=1e-4)


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_negative_weights_take_away_what_their_neighbors_have(kind):
    probability, label = drawn(8000)
    scores = table(probability, label)
    # An event of weight 1 is one of weight 2 and one of weight -1.
    split = pl.concat(
        [
            scores.with_columns(pl.lit(value).alias(columns.WEIGHT))
            for value in (2.0, -1.0)
        ]
    )
    column = [
        calibration.with_calibrated(part, kind)[0][columns.CALIBRATED][:8000]
        for part in (scores, split)
    ]
    # Twice the events make narrower bins.
    assert (column[0] - column[1]).abs().mean() < 0.005
