"""Tests of training.candidates: candidates, rungs and results of trials."""

import msgspec
import polars as pl
import pytest

from hepfold.core import logs, settings_training
from hepfold.training import candidates

SPACE = {"network.width": [28, 56, 84, 112], "learning_rate": [1e-2, 1e-3, 1e-4]}
RANGES = {
    "learning_rate": settings_training.Range(1e-4, 1e-2, True),
    "network.width": settings_training.Range(10, 20, False),
}
SEARCH = settings_training.Search(10, 3, "accuracy", 0.2, SPACE)


def result(values: dict, merit: float | None, n_epochs=1, **names) -> dict:
    at = {"dataset": "hepmass", "model": "small", "fold": 0, "bracket": 2, "rung": 0}
    loss = None if merit is None else 1 - merit
    merits = {"accuracy": merit, "auc": merit, "log_loss": loss}
    return {**at, "trial": 0, **names, "n_epochs": n_epochs, "values": values, **merits}


def test_candidates_differ_and_depend_on_the_seed_only():
    drawn = candidates.candidates(SPACE, 9, seed=2**40)
    assert len({tuple(values.items()) for values in drawn}) == 9
    assert drawn == candidates.candidates(SPACE, 9, seed=2**40)
    assert drawn != candidates.candidates(SPACE, 9, seed=1)
    assert drawn == candidates.candidates(SPACE, 12, seed=2**40)[:9]


def test_all_are_drawn_where_there_are_few():
    drawn = candidates.candidates(SPACE, 100, seed=1)
    assert {tuple(values.values()) for values in drawn} == {
        (width, rate) for width in SPACE["network.width"] for rate in (1e-2, 1e-3, 1e-4)
    }


def test_ranges_are_drawn_within_their_ends():
    drawn = pl.DataFrame(candidates.candidates(RANGES, 200, seed=1))
    assert drawn["network.width"].dtype == pl.Int64
    assert drawn["network.width"].min() == 10 and drawn["network.width"].max() == 20
    rates = drawn["learning_rate"]
    assert rates.is_between(1e-4, 1e-2).all()
    assert rates.median() == pytest.approx(1e-3, rel=0.4)


def test_a_range_with_too_few_values_is_rejected(monkeypatch):
    monkeypatch.setattr(candidates, "MAX_REPEATS", 100)
    with pytest.raises(logs.InputError, match="fewer than 9"):
        candidates.candidates({"n": settings_training.Range(1, 2, False)}, 9, seed=1)


@pytest.mark.parametrize("merit", candidates.RISES)
def test_a_rung_goes_on_with_the_best_of_the_one_before(merit):
    search = msgspec.structs.replace(SEARCH, merit=merit)
    first = candidates.rung(search, 2, 0, 1, [])
    assert first["n_epochs"] == 1 and len(first["candidates"]) == 9
    done = [result(v, i / 10) for i, v in enumerate(first["candidates"])]
    second = candidates.rung(search, 2, 1, 1, done)
    assert second["n_epochs"] == 3
    assert second["candidates"] == [first["candidates"][i] for i in (8, 7, 6)]


def test_the_best_has_all_epochs():
    tried = [
        result({"a": 1}, 0.9),
        result({"a": 2}, 0.7, 10),
        result({"a": 3}, None, 10),
    ]
    assert candidates.best(tried, "accuracy")["values"] == {"a": 2}
    with pytest.raises(logs.InputError, match="diverged"):
        candidates.best([result({"a": 1}, None)], "accuracy")


def test_the_table_has_a_row_per_trial_and_no_merit_is_null():
    values = {"network.width": 28, "learning_rate": 0.01}
    table = candidates.table([result(values, None), result(values, 0.5, trial=1)])
    assert table["accuracy"].to_list() == [None, 0.5]
    assert table["network.width"].to_list() == [28, 28]
    assert set(candidates.NAMES) < set(table.columns)


def test_the_setting_that_matters_is_the_most_important():
    drawn = candidates.candidates(SPACE, 12, seed=1)
    tried = [result(values, 1 - 50 * values["learning_rate"]) for values in drawn]
    importance = candidates.importance(candidates.table(tried), SPACE, "accuracy")
    assert max(importance, key=importance.get) == "learning_rate"
    assert sum(importance.values()) == pytest.approx(1)
    assert importance["n_epochs"] == 0
    assert importance == candidates.importance(
        candidates.table(tried), SPACE, "accuracy"
    )
