"""Submission to the Higgs ML challenge of 2014: every test event ranked and classified.

The rules are those of kaggle.com/c/higgs-boson/details/evaluation: exactly the test
events, 550,000 in the official file; ranks are a permutation of 1 to their number,
the largest most signal-like; and every `s` ranks above every `b`.
"""

import polars as pl

from hepfold.core import columns, logs


def ranked(scores: pl.DataFrame, cut: float) -> pl.DataFrame:
    """EventId, RankOrder and Class of the public and private events of merged scores.

    Of equal scores, the event of the larger id ranks higher. Those that pass the cut,
    as `metrics.ams_at_cut` has it, are `s`.
    """
    is_asked = pl.col(columns.SUBSET).is_in([columns.PUBLIC, columns.PRIVATE])
    events = scores.filter(is_asked).sort(columns.SCORE, columns.EVENT_ID)
    if events.is_empty():
        raise logs.InputError(
            "there are no public or private events, which a submission ranks"
        )
    passes = pl.col(columns.SCORE) >= cut
    table = events.select(
        EventId=columns.EVENT_ID,
        RankOrder=pl.int_range(1, pl.len() + 1),
        Class=pl.when(passes).then(pl.lit("s")).otherwise(pl.lit("b")),
    )
    return table.sort("EventId")
