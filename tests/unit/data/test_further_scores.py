"""Tests of scores of further events: held-out folds, processes, weights, rows."""

import shutil
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import uproot

import apply_model
import export_scores
import ingest
from hepfold.core import logs, parsing, settings_datasets
from hepfold.data import fold_file, folds
from hepfold.models import zoo

N_FOLDS, SEED = 3, 1
N_EVENTS = 300


class Model:
    """A model whose score is its number."""

    def __init__(self, number: float):
        schema = SimpleNamespace(features=("x", "y"))
        self.preparation, self.number = SimpleNamespace(schema=schema), number

    def score(self, inputs: np.ndarray) -> np.ndarray:
        return np.full(len(inputs), self.number)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two processes with shared ids, a varied tree, and recorded events."""
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(2)
    models = {f"fold {i}": Model(i / 8) for i in range(N_FOLDS)}
    monkeypatch.setattr(zoo, "load", lambda path, device: models[path])
    for name in ("sig", "bkg", "seen"):
        events = {
            "number": np.arange(N_EVENTS),
            "x": draw.random(N_EVENTS),
            "y": draw.random(N_EVENTS),
            "w": draw.random(N_EVENTS) - 0.1,
        }
        varied = events | {"x": events["x"] * 1.1}
        if name == "seen":
            del events["w"], varied["w"]
        with uproot.recreate(f"{name}.root") as file:
            file["nominal"], file["up"] = events, varied
            file["runs"] = {"sumw": np.array([100.0, 150.0])}
    return tmp_path


DECLARED = {
    "title": "Two processes",
    "tree": "nominal",
    "processes": {
        "sig": {"files": "sig.root", "label": "signal"},
        "bkg": {
            "files": "bkg.root",
            "label": "background",
            "select": "x < 0.9",
            "xsec_pb": 2.0,
            "sum_of_weights": {"tree": "runs", "branch": "sumw"},
        },
    },
    "luminosity_ipb": 500,
    "weight": "w",
    "id": "number",
    "test": "number % 5 == 4",
    "features": ["x", "y"],
    "keep": ["y"],
}


# Folder of the downloads, and table of the scores.
FETCHED, SCORES = "fetched", "scores.parquet"


def settings_of(declared: dict, **others) -> dict:
    full = parsing.as_dict(parsing.parse(declared, settings_datasets.Dataset))
    return {"wildcards": {"dataset": "two"}, "dataset": full, **others}


def scored(sample: dict, name: str = "more", declared: dict = DECLARED) -> pl.DataFrame:
    """The table of scores of a sample, by the folds of the declared events."""
    common = {"n_folds": N_FOLDS, "seed": SEED}
    ingest.ingest(settings_of(declared, **common), "", "", "train.h5", "test.h5")
    full = {"tree": None, "select": None, "process": None, **sample}
    params = settings_of(declared, **common, sample=full, device="cpu")
    params["wildcards"]["name"] = name
    models = [f"fold {i}" for i in range(N_FOLDS)]
    apply_model.apply_model("train.h5", models, [], params, 1, FETCHED, SCORES)
    export_scores.export_scores(SCORES, params, FETCHED, "scores.root")
    return pl.read_parquet(SCORES)


def held_out(table: pl.DataFrame, trained: np.ndarray) -> np.ndarray:
    fold = folds.assign(table["number"].to_numpy(), SEED, N_FOLDS)
    return np.where(trained, fold / 8, 1 / 8)


@pytest.mark.parametrize("tree", ["nominal", "up"])
def test_trained_events_are_scored_by_the_fold_that_held_them_out(folder, tree):
    table = scored({"files": "bkg.root", "tree": tree, "process": "bkg"})
    number = table["number"].to_numpy()
    ids = fold_file.read("train.h5")
    trained = np.isin(number, ids.event_id[ids.label == 0])
    assert 0.5 < trained.mean() < 0.9 and not trained[number % 5 == 4].any()
    assert table["score"].to_list() == held_out(table, trained).tolist()


def test_a_process_gives_selection_and_normalization(folder):
    table = scored({"files": "bkg.root", "process": "bkg", "select": "y > 0.2"})
    events = uproot.open("bkg.root:nominal").arrays(library="np")
    rows = np.flatnonzero((events["x"] < 0.9) & (events["y"] > 0.2))
    assert table["row"].to_list() == rows.tolist()
    assert table["process"].unique().to_list() == ["bkg"]
    weight = events["w"][rows] * (2.0 * 500 / 250)
    np.testing.assert_allclose(table["weight"], weight, rtol=1e-15)
    assert table["y"].to_list() == events["y"][rows].tolist()


@pytest.mark.slow
def test_downloaded_events_are_scored_like_local_ones(folder):
    """Both after each other, in the order in which they are listed."""
    (folder / FETCHED).mkdir()
    shutil.copy(folder / "bkg.root", folder / FETCHED / "far.root")
    far = "root://example.org//far.root#md5=00000000000000000000000000000000"
    both = scored({"files": [far, "seen.root"]}, declared=DECLARED | {"weight": "1"})
    assert len(both) == 2 * N_EVENTS
    near = scored(
        {"files": ["bkg.root", "seen.root"]}, declared=DECLARED | {"weight": "1"}
    )
    assert both.equals(near)


def test_without_a_process_the_ids_of_all_are_held_out(folder):
    """Ids repeat between processes, and any of them may be the event."""
    table = scored({"files": "bkg.root"})
    trained = table["number"].to_numpy() % 5 != 4
    assert table["score"].to_list() == held_out(table, trained).tolist()
    assert table.columns == ["number", "weight", "y", "score"]


def test_recorded_events_are_scored_by_all_folds_and_have_no_weight(folder):
    declared = DECLARED | {"data": {"files": "seen.root"}}
    table = scored({"files": "seen.root"}, "data", declared)
    assert table.columns == ["number", "y", "score"]
    assert set(table["score"]) == {1 / 8}


@pytest.mark.slow
def test_recorded_events_alone_have_their_spectrum(folder):
    """For the fit; a spectrum that is not a feature is kept for all events."""
    declared = DECLARED | {"data": {"files": "seen.root"}}
    assert "x" not in scored({"files": "seen.root"}, "data", declared).columns
    declared |= {"spectrum": {"feature": "x", "title": "x"}}
    table = scored({"files": "seen.root"}, "data", declared)
    assert table["x"].is_between(0, 1).all()
    assert "x" not in scored({"files": "seen.root"}, declared=declared).columns


@pytest.mark.slow
def test_files_without_the_weight_have_none(folder):
    assert "weight" not in scored({"files": "seen.root"}).columns
    with pytest.raises(logs.InputError, match=r"seen\.root.*'w'"):
        scored({"files": "seen.root", "process": "sig"})


@pytest.mark.slow
def test_kept_columns_that_further_files_lack_are_missing(folder):
    """`seen.root` has no branch w; a feature cannot be absent."""
    declared = DECLARED | {"keep": ["y", "w"], "weight": "1"}
    both = scored({"files": ["seen.root", "bkg.root"]}, declared=declared)["w"]
    assert both[:N_EVENTS].is_nan().all() and both[N_EVENTS:].is_finite().all()
    as_data = scored(
        {"files": "seen.root"}, "data", declared | {"data": {"files": "x"}}
    )
    assert as_data["w"].is_nan().all() and as_data["y"].is_finite().all()


def test_rows_go_on_over_files_without_ids(folder):
    declared = DECLARED | {"id": None, "test": None}
    table = scored(
        {"files": ["bkg.root", "sig.root"], "select": "x > 0.5"}, "more", declared
    )
    x = [
        uproot.open(f"{name}.root:nominal")["x"].array(library="np")
        for name in ("bkg", "sig")
    ]
    assert table["row"].to_list() == np.flatnonzero(np.concatenate(x) > 0.5).tolist()


def test_the_tree_of_scores_is_a_friend(folder):
    """It has as many entries as the trees, also after a selection."""
    table = scored({"files": ["sig.root", "bkg.root"], "select": "y < 0.5"})
    tree = uproot.open("scores.root")["scores"].arrays(library="np")
    assert len(tree["score"]) == 2 * N_EVENTS
    passed = np.zeros(2 * N_EVENTS, bool)
    passed[table["row"].to_numpy()] = True
    assert tree["score"][passed].tolist() == table["score"].to_list()
    assert tree["number"][passed].tolist() == table["number"].to_list()
    assert set(tree["score"][~passed]) == {-1.0} and set(tree["number"][~passed]) == {
        -1
    }
    assert np.isnan(tree["weight"][~passed]).all()
    assert tree["row"].tolist() == list(range(2 * N_EVENTS))


def test_a_process_must_be_declared():
    declared = DECLARED | {"apply": {"more": {"files": "a.root", "process": "ttZ"}}}
    with pytest.raises(logs.InputError, match=r"apply\.more\.process: 'ttZ'"):
        parsing.parse(declared, settings_datasets.Dataset)


@pytest.mark.slow
def test_categories_that_no_model_knows_are_reported(folder):
    """The nominal events have no third jet, the others do."""
    names = {"sig": 2, "bkg": 2, "seen": 4}
    for name, n_values in names.items():
        events = uproot.open(f"{name}.root:nominal").arrays(library="np")
        events["jets"] = np.arange(N_EVENTS) % n_values
        with uproot.recreate(f"{name}.root") as file:
            file["nominal"] = events
            file["runs"] = {"sumw": np.array([250.0])}
    declared = DECLARED | {"features": ["x", "y", "jets"]}
    declared |= {"categories": {"jets": [0, 1]}}
    message = (
        r"^datasets\.two\.apply\.more\.files: jets of 150 events is none of 0, 1; "
        r"no model was trained on other values: .* `categories\.jets`$"
    )
    with pytest.raises(logs.InputError, match=message):
        scored({"files": "seen.root"}, declared=declared)
    declared["categories"] = {"jets": [0]}
    assert len(scored({"files": "seen.root"}, declared=declared)) == N_EVENTS
