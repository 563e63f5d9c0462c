"""Tests of analysis.higgsml_submission: the organizers' rules, and what breaks them."""

import polars as pl
import pytest

from hepfold.analysis import higgsml_submission
from hepfold.core import logs


def fault(text: str, event_ids: list[int]) -> str | None:
    """The first rule of the organizers that a submission breaks, or None."""
    header, *lines = text.splitlines()
    if header != "EventId,RankOrder,Class":
        return "header"
    rows = [line.split(",") for line in lines]
    if sorted(int(row[0]) for row in rows) != sorted(event_ids):
        return "events"
    if sorted(int(row[1]) for row in rows) != list(range(1, len(event_ids) + 1)):
        return "ranks"
    if {row[2] for row in rows} - {"s", "b"}:
        return "classes"
    by_rank = "".join(row[2] for row in sorted(rows, key=lambda row: int(row[1])))
    return "order" if "sb" in by_rank else None


@pytest.mark.parametrize(
    ("text", "broken_rule"),
    [
        ("1,1,b\n2,3,s\n3,2,b", None),
        ("3,2,b\n2,3,s\n1,1,b", None),
        ("1,1,s\n2,3,s\n3,2,s", None),
        ("1,1,b\n2,3,s", "events"),
        ("1,1,b\n2,3,s\n4,2,b", "events"),
        ("1,1,b\n2,3,s\n3,2,b\n3,4,s", "events"),
        ("1,0,b\n2,2,s\n3,1,b", "ranks"),
        ("1,1,b\n2,2,s\n3,2,b", "ranks"),
        ("1,1,b\n2,3,S\n3,2,b", "classes"),
        ("1,1,s\n2,3,s\n3,2,b", "order"),
        ("1,1,b\n2,3,b\n3,2,s", "order"),
    ],
)
def test_the_rules(text, broken_rule):
    assert fault("EventId,RankOrder,Class\n" + text, [1, 2, 3]) == broken_rule
    assert fault("EventId,Class,RankOrder\n" + text, [1, 2, 3]) == "header"


@pytest.fixture
def events(scores) -> pl.DataFrame:
    """Events, of which some have the same score, some no part in the challenge."""
    subset = pl.Series(["train", "public", "private", "unused"] * 75)
    return scores.with_columns(subset=subset, score=pl.col("score").round(1))


@pytest.mark.parametrize("cut", [-1.0, 0.4, 0.45, 2.0])
def test_a_submission_keeps_the_rules(events, cut):
    ranked_events = events.filter(pl.col("subset").is_in(["public", "private"]))
    table = higgsml_submission.ranked(events, cut)
    assert fault(table.write_csv(), ranked_events["event_id"].to_list()) is None
    both = table.join(ranked_events, left_on="EventId", right_on="event_id")
    assert len(both) == len(ranked_events) == 150
    passes = both["score"] >= cut
    assert (passes == (both["Class"] == "s")).all()
    assert both.sort("RankOrder")["score"].is_sorted()


def test_the_order_of_events_changes_nothing(events):
    """Not even among equal scores."""
    assert events["score"].n_unique() < 20
    shuffled = events.sample(fraction=1, shuffle=True, seed=1)
    assert higgsml_submission.ranked(shuffled, 0.4).equals(
        higgsml_submission.ranked(events, 0.4)
    )


def test_without_test_events_there_is_none(events):
    train = events.filter(pl.col("subset").is_in(["train", "unused"]))
    with pytest.raises(logs.InputError, match="no public or private events"):
        higgsml_submission.ranked(train, 0.4)


def test_all_events_of_a_file_without_labels_are_ranked(events):
    unlabeled = events.select(pl.col("event_id").alias("EventId"), "score")
    table = higgsml_submission.ranked(unlabeled, 0.4)
    assert fault(table.write_csv(), unlabeled["EventId"].to_list()) is None
    assert table["Class"].to_list().count("s") == (events["score"] >= 0.4).sum()
