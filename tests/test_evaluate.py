"""The step `evaluate` on files: what it writes, and that it writes nothing if wrong."""

import json

import numpy as np
import polars as pl
import pytest
from tests.conftest import EVALUATION

from evaluate import evaluate
from hepfold import arrays, columns, datasets, foldfile, folds, logs, store

LAYOUT = foldfile.Layout.of(datasets.HIGGSML, {"KaggleWeight": None})
SETTINGS = {
    "wildcards": {"dataset": "higgsml", "model": "mlp"},
    "ams": {"b_reg": 10.0},
    "evaluation": EVALUATION,
    "seed": 1,
}


def events_of(subset: str, n: int, first_id: int) -> arrays.Events:
    return arrays.Events(
        inputs=np.zeros((n, len(LAYOUT.features)), "f4"),
        label=(np.arange(n) % 3 == 0).astype("i1"),
        weight=1 + np.arange(n, dtype="f4") % 5,
        event_id=first_id + np.arange(n),
        subset=np.full(n, columns.SUBSETS.index(subset), "u1"),
    )


class Scored:
    """Folds and scores in files, and the step on them."""

    def __init__(self, folder):
        self.folder = folder
        self.parts = [events_of("train", 300, 0), events_of("private", 150, 1000)]
        made_by = {"source": ["events.csv"], "source_sha256": ["0"]}
        for name, part, n_folds in zip(
            ("train", "test"), self.parts, (3, 1), strict=True
        ):
            path = str(folder / f"{name}.h5")
            with foldfile.writing(path, n_folds, LAYOUT, made_by) as writer:
                writer.append(part, np.arange(len(part)) % n_folds)
        for fold in range(3):
            self.write(fold, self.scores(fold))

    def scores(self, fold: int) -> pl.DataFrame:
        """What a fold would write: signal scores higher by a third."""
        names = {**SETTINGS["wildcards"], "fold": fold}
        train, test = self.parts
        rng = np.random.default_rng(fold)
        return pl.concat(
            folds.score_table(part, (rng.random(len(part)) + part.label / 2) / 2, names)
            for part in (train.take(np.arange(300) % 3 == fold), test)
        )

    def path(self, fold: int) -> str:
        return str(self.folder / f"fold_{fold}.parquet")

    def write(self, fold: int, scores: pl.DataFrame) -> None:
        store.write_table(self.path(fold), [scores], {"seed": 1})

    def evaluate(self, threads: int = 1, n_trained: int = 3) -> list[bytes]:
        """Contents of what the step writes, of the first folds."""
        made = [self.folder / "merged.parquet", self.folder / "metrics.json"]
        evaluate(
            [self.path(fold) for fold in range(n_trained)],
            str(self.folder / "train.h5"),
            str(self.folder / "test.h5"),
            SETTINGS,
            threads,
            *map(str, made),
        )
        return [path.read_bytes() for path in made]


@pytest.fixture
def scored(tmp_path) -> Scored:
    return Scored(tmp_path)


def test_right_files_are_judged(scored):
    record = json.loads(scored.evaluate()[1])
    assert record["oof"]["n_events"] == 300 and record["private"]["n_events"] == 150
    assert 0.5 < record["oof"]["auc"] < 1 and record["oof"]["auc_unc"] > 0
    merged = pl.read_parquet(scored.folder / "merged.parquet")
    assert sorted(merged["event_id"]) == [*range(300), *range(1000, 1150)]


def test_folds_that_were_not_trained_are_not_missed(scored):
    record = json.loads(scored.evaluate(n_trained=2)[1])
    assert record["oof"]["n_events"] == 200 and record["private"]["n_events"] == 150


def test_same_input_gives_same_bytes_with_any_number_of_threads(scored):
    assert scored.evaluate() == scored.evaluate(threads=3)


def without_event(scores: pl.DataFrame) -> pl.DataFrame:
    return scores[1:]


def with_score(value: float):
    """A function that gives one event another score."""

    def change(scores: pl.DataFrame) -> pl.DataFrame:
        is_first = pl.int_range(pl.len()) == 0
        return scores.with_columns(
            score=pl.when(is_first).then(value).otherwise("score")
        )

    return change


def with_negative_weights(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.with_columns(weight=-10 * pl.col("weight"))


def with_one_class(scores: pl.DataFrame) -> pl.DataFrame:
    is_test = pl.col("subset") != "train"
    none = pl.lit(0, pl.Int8)
    return scores.with_columns(label=pl.when(is_test).then(none).otherwise("label"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_event, "299 out-of-fold scores of 299 events, but there are 300"),
        (lambda scores: scores[:-1], r"fold_0\.parquet: 149 scores of 150 test events"),
        (
            with_score(float("nan")),
            r"fold_0\.parquet: the score of event 0 is nan, not",
        ),
        (with_score(1.5), "the score of event 0 is 1.5, not a number from 0 to 1"),
        (with_negative_weights, "weights of subset train sum to -"),
        (with_one_class, "subset private has 0 signal events"),
    ],
)
def test_wrong_scores_are_told_in_one_line_and_nothing_is_written(
    scored, change, message
):
    scored.write(0, change(scored.scores(0)))
    with pytest.raises(logs.InputError, match=message) as error:
        scored.evaluate()
    assert "\n" not in str(error.value)
    assert not list(scored.folder.glob("m*")) + list(scored.folder.glob(".*"))
