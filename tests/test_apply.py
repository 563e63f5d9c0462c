"""Tests of scoring unlabeled events: in any format, in parts."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import public_sets
import pytest
import uproot
from tests.conftest import TRUTH

import apply_model
import ingest
from hepfold.core import files, logs, parsing, settings_datasets
from hepfold.data import fold_file, folds, ingestion, reading_plan, text_streams
from hepfold.models import zoo

pytestmark = pytest.mark.slow

# In the order of the fold file.
CHOSEN = ("DER_mass_MMC", "PRI_met", "PRI_jet_num")
FOLDS = {"n_folds": 2, "seed": 1}


class Model:
    """A model whose score is a sum of its features, with missing values as zero."""

    def __init__(self, factor: float):
        self.preparation = SimpleNamespace(schema=SimpleNamespace(features=CHOSEN))
        self.factor, self.largest = factor, 0

    def score(self, inputs: np.ndarray) -> np.ndarray:
        self.largest = max(self.largest, len(inputs))
        return self.factor * (np.nan_to_num(inputs).astype("f8") @ [100, 10, 1])


@pytest.fixture
def frame(raw_lines) -> pl.DataFrame:
    """Events without labels."""
    return pl.read_csv("\n".join(raw_lines).encode()).drop(TRUTH)


class Applied:
    """Two models, which stand for two folds, and a function that applies them."""

    def __init__(self, folder):
        self.folder = folder
        self.models = {"one": Model(1.0), "two": Model(3.0)}

    def train_on(self, dataset: str, declared: dict) -> None:
        """Write the fold file of the events in the folder, or one without events."""
        path = str(self.folder / "train.h5")
        settings = {"wildcards": {"dataset": dataset}, "dataset": declared}
        if Path(declared["files"]).exists():
            test_path = str(self.folder / "test.h5")
            ingest.ingest(settings | FOLDS, "", "", path, test_path)
            return
        plan = reading_plan.ReadingPlan(
            dataset, parsing.parse(declared, settings_datasets.Dataset)
        )
        layout = ingestion.layout_of(plan, ("background", "signal"))
        with fold_file.writing(path, 2, layout, {}):
            pass

    def __call__(self, path, dataset="higgsml", tree=None, **changes) -> pl.DataFrame:
        """Scores of the events of a file; `changes` are keys of the data set."""
        values = public_sets.VALUES[dataset] | {"files": "none.csv"} | changes
        declared = parsing.as_dict(parsing.parse(values, settings_datasets.Dataset))
        self.train_on(dataset, declared)
        sample = {"files": str(path), "tree": tree, "select": None, "process": None}
        settings = FOLDS | {
            "wildcards": {"dataset": dataset, "name": "more"},
            "dataset": declared,
            "sample": sample,
            "device": "cpu",
        }
        train_path, out = str(self.folder / "train.h5"), self.folder / "scores.parquet"
        apply_model.apply_model(
            train_path, list(self.models), [], settings, 1, "none", str(out)
        )
        made_by = files.read_made_by(str(out))
        assert made_by["packages"]["torch"] and len(made_by["source_sha256"][0]) == 64
        assert made_by["source"] == [str(path).rpartition("/")[2]]
        return pl.read_parquet(out)


@pytest.fixture
def applied(tmp_path, monkeypatch) -> Applied:
    applied = Applied(tmp_path)
    monkeypatch.setattr(zoo, "load", lambda path, device: applied.models[path])
    return applied


def values_of(frame: pl.DataFrame) -> np.ndarray:
    """Score of a model with factor 1."""
    values = frame.select(CHOSEN).to_numpy().astype("f4").astype("f8")
    return np.where(values == -999, 0, values) @ [100, 10, 1]


def expected(frame: pl.DataFrame) -> np.ndarray:
    """Mean score of both models."""
    return 2 * values_of(frame)


def test_score_is_the_mean_over_models_of_the_features_by_name(
    frame, applied, tmp_path
):
    frame.write_csv(tmp_path / "a.csv")
    scores = applied(tmp_path / "a.csv")
    assert scores.schema == {"EventId": pl.Int64, "score": pl.Float64}
    assert scores["EventId"].to_list() == frame["EventId"].to_list()
    np.testing.assert_allclose(scores["score"], expected(frame))


@pytest.mark.parametrize("has_ids", [True, False])
def test_an_event_that_was_trained_on_has_the_score_of_its_own_fold(
    raw_lines, frame, applied, write_raw, has_ids
):
    """By its id, or by its content if it has none; all others have the mean."""
    changes = {} if has_ids else {"rename": {"EventId": None}}
    trained = write_raw(raw_lines[:101], "trained.csv.gz")
    path = write_raw(raw_lines)
    score = applied(path, files=trained, test=None, **changes)["score"].to_numpy()
    factor = score / values_of(frame)
    np.testing.assert_allclose(factor[100:], 2)
    own = factor[:100].round(6)
    assert set(own) == {1.0, 3.0}
    if has_ids:
        fold = folds.assign(frame["EventId"].to_numpy(), n_folds=2, seed=1)
        assert own.tolist() == (1.0 + 2 * fold[:100]).tolist()


def test_labels_that_are_there_are_not_looked_at(raw_lines, applied, write_raw, frame):
    lines = [raw_lines[0], *(line.replace(",s,", ",?,") for line in raw_lines[1:])]
    np.testing.assert_allclose(applied(write_raw(lines))["score"], expected(frame))


def test_events_go_through_in_parts(frame, applied, tmp_path, monkeypatch):
    frame.write_csv(tmp_path / "a.csv")
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", 5000)
    np.testing.assert_allclose(applied(tmp_path / "a.csv")["score"], expected(frame))
    assert applied.models["one"].largest < 50


def test_without_ids_there_are_rows(frame, applied, tmp_path):
    frame.drop("EventId").write_parquet(tmp_path / "a.parquet")
    scores = applied(tmp_path / "a.parquet", rename={"EventId": None})
    assert scores["row"].to_list() == list(range(400))
    np.testing.assert_allclose(scores["score"], expected(frame))


@pytest.mark.parametrize("tree", ["events", None])
def test_a_root_tree_is_read_by_its_name_or_as_the_only_one(
    frame, applied, tmp_path, tree
):
    with uproot.recreate(tmp_path / "a.root") as file:
        file["events"] = {name: frame[name].to_numpy() for name in frame.columns}
    scores = applied(tmp_path / "a.root", tree=tree)
    assert scores["EventId"].to_list() == frame["EventId"].to_list()
    np.testing.assert_allclose(scores["score"], expected(frame))


@pytest.mark.parametrize("n_skipped", [0, 1])
def test_without_header_the_number_of_columns_shows_whether_there_is_a_label(
    n_skipped, applied, tmp_path
):
    names = public_sets.VALUES["higgs"]["header"][n_skipped:]
    chosen = ("lepton_pt", "m_jj", "m_bb")
    for model in applied.models.values():
        model.preparation.schema.features = chosen
    values = np.random.default_rng(1).integers(0, 9, (20, len(names)))
    np.savetxt(tmp_path / "a.csv", values, fmt="%d", delimiter=",")
    scores = applied(tmp_path / "a.csv", dataset="higgs")
    i = list(map(names.index, chosen))
    np.testing.assert_allclose(scores["score"], 2 * (values[:, i] @ [100, 10, 1]))
    assert scores.columns == ["row", "score"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop("PRI_met"), "a.csv, line 1: no column 'PRI_met'"),
        (lambda frame: frame.drop("EventId"), "a.csv, line 1: no column 'EventId'"),
        (
            lambda frame: frame[:0],
            "datasets.higgsml.apply.more.files: the files have no events",
        ),
        (
            lambda frame: frame.with_columns(PRI_met=pl.lit("x")),
            "a.csv, line 2, column 'PRI_met': 'x' is not a finite number",
        ),
    ],
)
def test_a_fault_is_placed_and_leaves_nothing(
    frame, applied, tmp_path, change, message
):
    change(frame).write_csv(tmp_path / "a.csv")
    with pytest.raises(logs.InputError) as error:
        applied(tmp_path / "a.csv")
    assert message in str(error.value) and "\n" not in str(error.value)
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "train.h5"}
