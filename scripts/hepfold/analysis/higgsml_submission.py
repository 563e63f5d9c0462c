"""Submission to the Higgs ML challenge of 2014: every test event ranked and classified.

Rules of kaggle.com/c/higgs-boson/details/evaluation: the submission has exactly the
test events (550,000 in the official file); ranks are a permutation of 1 to their
number, with the most signal-like event last; every `s` ranks above every `b`.
"""

import polars as pl

from hepfold.core import columns, logs


def ranked(scores: pl.DataFrame, cut: float) -> pl.DataFrame:
    """EventId, RankOrder and Class of scored test events.

    In merged scores, these are the public and private events; in scores of a file
    without truth, all events. If scores are equal, the event with the larger id ranks
    higher. Events that pass the cut, as in `metrics.ams_at_cut`, are `s`.
    """
    events = test_events(scores)
    event_id = columns.EVENT_ID if columns.EVENT_ID in events.columns else "EventId"
    passes = pl.col(columns.SCORE) >= cut
    table = events.sort(columns.SCORE, event_id).select(
        EventId=event_id,
        RankOrder=pl.int_range(1, pl.len() + 1),
        Class=pl.when(passes).then(pl.lit("s")).otherwise(pl.lit("b")),
    )
    return table.sort("EventId")


def test_events(scores: pl.DataFrame) -> pl.DataFrame:
    """The scores of the events that a submission ranks; an error if there are none."""
    if columns.SUBSET in scores.columns:
        is_test = pl.col(columns.SUBSET).is_in([columns.PUBLIC, columns.PRIVATE])
        scores = scores.filter(is_test)
    if scores.is_empty():
        raise logs.InputError(
            "no public or private events in the scores, which a submission ranks; for "
            "a file without labels, see workflow/studies/kaggle.yaml"
        )
    return scores
