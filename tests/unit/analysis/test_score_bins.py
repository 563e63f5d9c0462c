"""Tests of analysis.score_bins: what fills a bin, and that no bin is empty."""

import msgspec
import numpy as np
import polars as pl
import public_sets
import pytest

from hepfold.analysis import score_bins, score_tables
from hepfold.core import logs, settings

BINS = settings.Inference(6, 5.0, 0.2)
HIGGSML = public_sets.HIGGSML


def scored(n: int = 4000, seed: int = 1) -> score_tables.ScoredEvents:
    """Events of both classes, 200 expected of signal and 1000 of background."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    score = 1 / (1 + np.exp(-rng.normal(1.5 * label, 1.0)))
    weight = rng.uniform(0.5, 1.5, n) * np.where(label == 1, 200, 1000) * 2 / n
    return score_tables.ScoredEvents(score, label, weight)


def table(events: score_tables.ScoredEvents, subset: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "dataset": "higgsml",
            "model": "mlp",
            "subset": subset,
            "label": events.label,
            "weight": events.weight,
            "score": events.score,
        }
    )


def bins_of(events, **changes) -> pl.DataFrame:
    return score_bins.filled(
        events, score_bins.chosen_cuts(events, msgspec.structs.replace(BINS, **changes))
    )


def test_bins_have_equal_signal():
    bins = bins_of(scored(), min_background=0.1, max_uncertainty=1.0)
    assert len(bins) == BINS.n_bins
    np.testing.assert_allclose(bins["signal"], bins["signal"].sum() / 6, rtol=0.02)


@pytest.mark.parametrize("n_bins", [2, 6, 30])
@pytest.mark.parametrize(("least", "largest"), [(20.0, 1.0), (1e-3, 0.1), (40.0, 0.1)])
def test_every_bin_is_filled(n_bins, least, largest):
    changes = {"min_background": least, "max_uncertainty": largest}
    bins = bins_of(scored(), n_bins=n_bins, **changes)
    assert 2 <= len(bins) <= n_bins
    assert bins["background"].min() >= least * (1 - 1e-9)
    relative = bins["background_unc"] / bins["background"]
    assert relative.max() <= largest * (1 + 1e-9)


def test_sums_are_kept():
    events = scored()
    bins = bins_of(events)
    for label, name in ((1, "signal"), (0, "background")):
        of_class = events.weight[events.label == label]
        assert bins[name].sum() == pytest.approx(of_class.sum())
    squares = (events.weight[events.label == 0] ** 2).sum()
    assert (bins["background_unc"] ** 2).sum() == pytest.approx(squares)


def test_only_the_order_of_scores_counts():
    events = scored()
    bent = score_tables.ScoredEvents(events.score**3, events.label, events.weight)
    bins, expected = bins_of(bent), bins_of(events)
    np.testing.assert_allclose(bins["low"], expected["low"] ** 3)
    np.testing.assert_array_equal(
        bins.drop("low", "high"), expected.drop("low", "high")
    )


def test_the_order_of_events_does_not_count():
    events = scored()
    order = np.random.default_rng(0).permutation(len(events.score))
    shuffled = score_tables.ScoredEvents(
        events.score[order], events.label[order], events.weight[order]
    )
    cuts = score_bins.chosen_cuts(shuffled, BINS)
    np.testing.assert_array_equal(cuts, score_bins.chosen_cuts(events, BINS))


def test_equal_scores_share_a_bin():
    events = scored()
    coarse = np.round(events.score, 1)
    same = score_tables.ScoredEvents(coarse, events.label, events.weight)
    cuts = score_bins.chosen_cuts(same, BINS)
    assert set(cuts) <= set(coarse)
    high = score_bins.filled(same, cuts)[-1]
    passing = (coarse >= cuts[-1]) & (events.label == 0)
    assert high["background"].item() == pytest.approx(events.weight[passing].sum())


def test_negative_weights_leave_no_bin_negative():
    events = scored()
    weight = np.where(np.arange(len(events.score)) % 5, 1.5, -1.0) * events.weight
    bins = bins_of(score_tables.ScoredEvents(events.score, events.label, weight))
    assert len(bins) > 1
    assert bins["background"].min() >= 5 and bins["signal"].min() >= 0


def test_test_events_fill_the_bins_that_out_of_fold_events_choose():
    oof, test = scored(), scored(seed=2)
    scores = pl.concat([table(oof, "train"), table(test, "private")])
    bins, name = score_bins.binned_score(scores, HIGGSML, BINS)
    assert name == "private"
    is_test = pl.col("subset") == "private"
    moved = scores.with_columns(
        score=pl.when(is_test).then(pl.col("score") * 0.99).otherwise("score")
    )
    other, _ = score_bins.binned_score(moved, HIGGSML, BINS)
    assert other["low"].to_list() == bins["low"].to_list()
    assert other["signal"].to_list() != bins["signal"].to_list()
    alone, name = score_bins.binned_score(table(oof, "train"), HIGGSML, BINS)
    assert name == "oof"
    assert alone["low"].to_list() == bins["low"].to_list()
    assert bins["signal"].sum() == pytest.approx(HIGGSML.signal)


@pytest.mark.parametrize("emptied", [0, 3, 5])
def test_a_bin_that_test_events_leave_empty_is_merged(emptied, caplog):
    """The lowest bin with the next higher one, others with the next lower one."""
    oof, test = scored(), scored(seed=2)
    cuts = score_bins.chosen_cuts(oof, BINS)
    inside = np.searchsorted(cuts, test.score, side="right") == emptied
    kept = ~inside | (test.label == 1)
    lacking = score_tables.ScoredEvents(
        test.score[kept], test.label[kept], test.weight[kept]
    )
    merged = score_bins.merged_cuts(lacking, cuts, BINS)
    np.testing.assert_array_equal(merged, np.delete(cuts, max(emptied - 1, 0)))
    scores = pl.concat([table(oof, "train"), table(lacking, "private")])
    with caplog.at_level("INFO"):
        bins, _ = score_bins.binned_score(scores, HIGGSML, BINS)
    assert "Merged 1 bins with too few private events." in caplog.text
    assert bins["background"].min() > 0
    assert bins["background"].sum() == pytest.approx(HIGGSML.background)


def test_too_few_events_are_an_input_error():
    with pytest.raises(logs.InputError, match="the 50 oof events fill fewer than two"):
        score_bins.binned_score(table(scored(50), "train"), HIGGSML, BINS)
    few = pl.concat([table(scored(), "train"), table(scored(50), "private")])
    with pytest.raises(logs.InputError, match="the 50 private events fill fewer"):
        score_bins.binned_score(few, HIGGSML, BINS)


@pytest.mark.parametrize(
    ("present", "expected"),
    [(["oof", "public", "private"], "private"), (["oof", "test"], "test")],
)
def test_the_fit_uses_events_that_no_choice_was_made_on(present, expected):
    assert score_bins.filling_subset(present) == expected
    assert score_bins.filling_subset(["oof"]) == "oof"
