"""Tests of the step `evaluate`: its output, and no output for invalid scores."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import public_sets
import pytest
from tests.conftest import EVALUATION

from evaluate import evaluate
from hepfold.analysis import score_tables
from hepfold.core import columns, files, logs, parsing
from hepfold.data import event_arrays, fold_file, folds, ingestion, reading_plan

PROCESSES = ("background", "signal")
SETTINGS = {
    "wildcards": {"dataset": "higgsml", "model": "mlp"},
    "title": "Higgs ML",
    "normalization": {"signal": 692.0, "background": 411_000.0},
    "b_reg": 10.0,
    "evaluation": parsing.as_dict(EVALUATION),
    "seed": 1,
}


def layout_of(dataset: str) -> fold_file.Layout:
    """Layout of a public data set."""
    plan = reading_plan.ReadingPlan(dataset, public_sets.DECLARED[dataset])
    return ingestion.layout_of(plan, PROCESSES)


def made_by(dataset: str) -> dict:
    """Origin of the folds of a data set."""
    return {
        "settings": {"dataset": public_sets.VALUES[dataset]},
        "source": ["events.csv"],
        "source_sha256": ["0"],
        "toy": False,
    }


LAYOUT = layout_of("higgsml")


def events_of(subset: str, n: int, first_id: int) -> event_arrays.Events:
    label = (np.arange(n) // 3 % 3 == 0).astype("i1")
    return event_arrays.Events(
        inputs=np.zeros((n, len(LAYOUT.features)), "f4"),
        label=label,
        weight=1 + np.arange(n) % 5.0,
        event_id=first_id + np.arange(n),
        subset=np.full(n, columns.SUBSETS.index(subset), "u1"),
        extra={columns.PROCESS: label.astype("u2")},
    )


class Scored:
    """Folds and scores in files, and the step on them."""

    def __init__(self, folder):
        self.folder = folder
        self.parts = [events_of("train", 300, 0), events_of("private", 150, 1000)]
        for name, part, n_folds in zip(
            ("train", "test"), self.parts, (3, 1), strict=True
        ):
            path = str(folder / f"{name}.h5")
            origin = made_by("higgsml")
            with fold_file.writing(path, n_folds, LAYOUT, origin) as writer:
                writer.append(part, np.arange(len(part)) % n_folds)
        for fold in range(3):
            self.write(fold, self.scores(fold))

    def scores(self, fold: int) -> pl.DataFrame:
        """Scores as a fold writes them, with signal higher by a third."""
        names = {**SETTINGS["wildcards"], "fold": fold}
        train, test = self.parts
        rng = np.random.default_rng(fold)
        return pl.concat(
            folds.score_table(
                part,
                (rng.random(len(part)) + part.label / 2) / 2,
                names,
                PROCESSES,
            )
            for part in (train.take(np.arange(300) % 3 == fold), test)
        )

    def path(self, fold: int) -> str:
        return str(self.folder / f"fold_{fold}.parquet")

    def write(self, fold: int, scores: pl.DataFrame) -> None:
        files.write_table(self.path(fold), [scores], {"seed": 1})

    def evaluate(
        self, threads: int = 1, n_trained: int = 3, settings: dict = SETTINGS
    ) -> list[bytes]:
        """Contents of the output of the step for the first folds."""
        names = ("merged.parquet", "replicas.parquet", "metrics.json")
        made = [self.folder / name for name in names]
        evaluate(
            [self.path(fold) for fold in range(n_trained)],
            str(self.folder / "train.h5"),
            str(self.folder / "test.h5"),
            settings,
            threads,
            *map(str, made),
        )
        return [path.read_bytes() for path in made]


@pytest.fixture
def scored(tmp_path) -> Scored:
    return Scored(tmp_path)


@pytest.mark.slow
def test_complete_scores_are_evaluated(scored):
    record = json.loads(scored.evaluate()[2])
    assert record["oof"]["n_events"] == 300 and record["private"]["n_events"] == 150
    assert record["title"] == "Higgs ML" and record["toy"] is False
    assert 0.5 < record["oof"]["auc"] < 1 and record["oof"]["auc_unc"] > 0
    merged = pl.read_parquet(scored.folder / "merged.parquet")
    assert sorted(merged["event_id"]) == [*range(300), *range(1000, 1150)]


def test_folds_that_were_not_trained_are_not_missed(scored):
    record = json.loads(scored.evaluate(n_trained=2)[2])
    assert record["oof"]["n_events"] == 200 and record["private"]["n_events"] == 150


@pytest.mark.slow
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
        (
            without_event,
            "299 out-of-fold scores of 299 events, expected one for each of 300",
        ),
        (
            lambda scores: scores[:-1],
            r"fold_0\.parquet: 149 scores for 150 test events",
        ),
        (
            with_score(float("nan")),
            r"fold_0\.parquet: the score of event 0 is nan, not",
        ),
        (with_score(1.5), "the score of event 0 is 1.5, not a number from 0 to 1"),
        (with_negative_weights, "weights of subset train sum to -"),
        (with_one_class, "subset private has 0 signal events"),
    ],
)
def test_wrong_scores_are_reported_in_one_line_and_nothing_is_written(
    scored, change, message
):
    scored.write(0, change(scored.scores(0)))
    with pytest.raises(logs.InputError, match=message) as error:
        scored.evaluate()
    assert "\n" not in str(error.value)
    assert not list(scored.folder.glob("[mr]*")) + list(scored.folder.glob(".*"))


def test_data_with_a_mass_hypothesis_are_evaluated_at_each(tmp_path):
    """A score that is right at 500 GeV and the same for all events at 1,000 GeV."""
    names = {"dataset": "hepmass", "model": "mlp"}
    layout, n = layout_of("hepmass"), 400
    paths = [str(tmp_path / name) for name in ("train.h5", "test.h5", "fold_0.parquet")]
    parts = []
    for path, subset, first_id in zip(paths, ("train", "test"), (0, n), strict=False):
        inputs = np.zeros((n, len(layout.features)), "f4")
        at_500 = np.arange(n) % 2 == 0
        inputs[:, layout.features.index("mass")] = np.where(at_500, 500, 1000)
        part = events_of(subset, n, first_id)
        part = event_arrays.Events(**vars(part) | {"inputs": inputs})
        with fold_file.writing(path, 1, layout, made_by("hepmass")) as writer:
            writer.append(part, np.zeros(n, int))
        score = np.where(at_500, part.label, 0.5)
        parts.append(folds.score_table(part, score, {**names, "fold": 0}, PROCESSES))
    files.write_table(paths[2], parts, {})
    settings = SETTINGS | {"wildcards": names}
    names = ("merged.parquet", "replicas.parquet", "metrics.json")
    made = [str(tmp_path / name) for name in names]
    evaluate(paths[2:], *paths[:2], settings, 1, *made)
    record = json.loads(Path(made[2]).read_text())
    for subset in ("oof", "test"):
        assert record[subset]["auc_500"] == 1
        assert record[subset]["auc_1000"] == 0.5
        assert record[subset]["auc_500_unc"] == 0


@pytest.mark.slow
def test_members_give_the_uncertainty_from_the_training(scored):
    """Two groups with scores above and below by 0.05 times a random number."""
    without = json.loads(scored.evaluate()[2])
    assert without["oof"]["training_from"] == "folds"
    for fold in range(3):
        scores = scored.scores(fold)
        away = 0.05 * np.random.default_rng(9 + fold).random(len(scores))
        groups = scores["score"].to_numpy()[:, None] + np.outer(away, [1, -1])
        column = pl.Series(columns.GROUP_SCORES, groups.astype("f4"))
        kind = pl.Array(pl.Float32, 2)
        scored.write(fold, scores.with_columns(column.cast(kind)))
    record = json.loads(scored.evaluate()[2])
    assert record["oof"]["training_from"] == "members"
    assert 0 < record["oof"]["auc_unc_training"] < record["oof"]["auc_unc"]
    assert record["oof"]["auc"] == without["oof"]["auc"]
    merged = pl.read_parquet(scored.folder / "merged.parquet")
    assert columns.GROUP_SCORES not in merged.columns


def test_replicas_belong_to_the_events_in_their_order(scored):
    scored.evaluate()
    path = str(scored.folder / "replicas.parquet")
    merged = pl.read_parquet(scored.folder / "merged.parquet")
    order = files.read_made_by(path)["order"]
    assert order == score_tables.order_digests(merged)
    assert len(files.read_table(path)) == 2 * (1 + EVALUATION.n_replicas)


@pytest.mark.slow
def test_ranks_make_folds_comparable_and_differences_are_logged(scored, caplog):
    for fold in range(3):
        scores = scored.scores(fold)
        scored.write(fold, scores.with_columns(pl.col("score") ** (1 + 2 * fold)))
    raw = json.loads(scored.evaluate()[2])
    text = parsing.as_dict(EVALUATION) | {"fold_scores": "rank"}
    ranks = json.loads(scored.evaluate(settings=SETTINGS | {"evaluation": text})[2])
    p_value = "background_efficiency_p_value"
    assert raw["folds"][p_value] < 1e-3 < 0.1 < ranks["folds"][p_value]
    assert caplog.text.count("scores of folds are not comparable: background") == 1
