"""Submission to the Higgs ML challenge of 2014: every test event ranked and classified.

Rules of kaggle.com/c/higgs-boson/details/evaluation: the submission has exactly the
test events (550,000 in the official file); ranks are a permutation of 1 to their
number, with the most signal-like event last; every `s` ranks above every `b`.
"""

import polars as pl

from hepfold.core import columns, logs


def ranked(scores: pl.DataFrame, cut: float) -> pl.DataFrame:
    """EventId, RankOrder and Class of the public and private events of merged scores.

    If scores are equal, the event with the larger id ranks higher. Events that pass the
    cut, as in `metrics.ams_at_cut`, are `s`.
    """
    is_test = pl.col(columns.SUBSET).is_in([columns.PUBLIC, columns.PRIVATE])
    events = scores.filter(is_test).sort(columns.SCORE, columns.EVENT_ID)
    if events.is_empty():
        raise logs.InputError(
            "no public or private events in the scores: a submission ranks these events"
        )
    passes = pl.col(columns.SCORE) >= cut
    table = events.select(
        EventId=columns.EVENT_ID,
        RankOrder=pl.int_range(1, pl.len() + 1),
        Class=pl.when(passes).then(pl.lit("s")).otherwise(pl.lit("b")),
    )
    return table.sort("EventId")
