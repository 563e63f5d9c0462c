"""Tests of data.varied_scores: held-out folds, and nominal events as a systematic."""

import shutil
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import uproot

import ingest
import read_varied_weights
import score_variation
from hepfold.core import logs, parsing, settings_datasets
from hepfold.data import fold_file, folds
from hepfold.models import zoo

N_FOLDS, SEED, N_EVENTS = 3, 1, 300
DECLARED = {
    "title": "Two processes",
    "tree": "nominal",
    "processes": {
        "sig": {"files": "sig.root", "label": "signal"},
        "bkg": {
            "files": "bkg.root",
            "label": "background",
            "xsec_pb": 2.0,
            "sum_of_weights": {"tree": "runs", "branch": "sumw"},
        },
    },
    "luminosity_ipb": 500,
    "weight": "w",
    "select": "x > 0.05",
    "id": "number",
    "test": "number % 5 == 4",
    "features": ["x", "y"],
    "spectrum": {"feature": "y", "title": "y"},
    "regions": {"SR": "y > 0.5", "CR": "y <= 0.5"},
    "systematics": {
        "same": {"up": {"tree": "nominal"}},
        "jes": {"up": {"tree": "up"}},
        "pileup": {"up": {"weight": "2 * w"}, "down": {"weight": "w / 2"}},
        "shower": {"up": {"files": {"bkg": "other.root"}}},
    },
}


class Model:
    """A model whose score is its number plus a part of the first feature."""

    def __init__(self, number: float):
        schema = SimpleNamespace(features=("x", "y"))
        self.preparation, self.number = SimpleNamespace(schema=schema), number

    def score(self, inputs: np.ndarray) -> np.ndarray:
        return self.number + inputs[:, 0] / 100


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two processes with shared ids, a varied tree, and another sample of one."""
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(2)
    models = {f"fold {i}": Model(i / 8) for i in range(N_FOLDS)}
    monkeypatch.setattr(zoo, "load", lambda path, device: models[path])
    for name, sums in (("sig", 1.0), ("bkg", 250.0), ("other", 500.0)):
        events = {"number": np.arange(N_EVENTS)}
        events |= {key: draw.random(N_EVENTS) for key in ("x", "y", "w")}
        with uproot.recreate(f"{name}.root") as file:
            file["nominal"] = events
            file["up"] = events | {"x": events["x"] * 1.1}
            file["runs"] = {"sumw": np.array([sums])}
    ingest.ingest(settings({}), "", "", "train.h5", "test.h5")
    return tmp_path


def settings(names: dict, **changes) -> dict:
    declared = parsing.parse(DECLARED | changes, settings_datasets.Dataset)
    return {
        "wildcards": {"dataset": "two", "model": "mlp", **names},
        "dataset": parsing.as_dict(declared),
        "n_folds": N_FOLDS,
        "seed": SEED,
        "device": "cpu",
    }


def varied(systematic: str, direction: str = "up", **changes) -> pl.DataFrame:
    """The events of a variation with their scores."""
    names = {"systematic": systematic, "direction": direction}
    params, models = settings(names, **changes), [f"fold {i}" for i in range(N_FOLDS)]
    score_variation.score_variation(
        "train.h5", models, [], params, 1, "", "", "fetched", "v.parquet"
    )
    return pl.read_parquet("v.parquet")


def test_downloaded_files_are_scored_like_local_ones(folder):
    local = varied("shower")
    (folder / "fetched").mkdir()
    shutil.copy(folder / "other.root", folder / "fetched/far.root")
    far = {"shower": {"up": {"files": {"bkg": "s3://bucket/far.root"}}}}
    assert varied("shower", systematics=far).equals(local)


def weights(systematic: str, direction: str = "up") -> pl.DataFrame:
    names = {"systematic": systematic, "direction": direction}
    read_varied_weights.read_varied_weights(settings(names), "", "", "w.parquet")
    return pl.read_parquet("w.parquet")


def nominal() -> pl.DataFrame:
    """Process, id, subset, weight and region of the events of the fold files."""
    parts = []
    for path in ("train.h5", "test.h5"):
        layout = fold_file.read_layout(path)
        for part in fold_file.read_parts(path):
            named = folds.with_names(part.extra, layout.processes, layout.regions)
            names = {
                "event_id": part.event_id,
                "weight": part.weight,
                "y": part.inputs[:, 1],
            }
            names |= {k: named[k] for k in ("process", "region")}
            parts.append(pl.DataFrame({**names, "subset": path[:-3]}))
    return pl.concat(parts).sort("process", "event_id")


@pytest.mark.slow
def test_the_nominal_tree_as_its_own_systematic_is_nominal(folder):
    """The same events, subsets, weights, regions and spectrum."""
    events, expected = varied("same").sort("process", "event_id"), nominal()
    names = ["process", "event_id", "subset", "weight", "region", "y"]
    assert events.select(names).equals(expected.select(names))


@pytest.mark.slow
def test_an_event_that_was_trained_on_is_scored_by_the_fold_that_held_it_out(folder):
    events = varied("jes")
    trained = nominal().filter(subset="train").select("process", "event_id")
    is_trained = events.join(trained, on=["process", "event_id"], how="semi")
    for table, is_held_out in (
        (is_trained, True),
        (events.join(trained, on=["process", "event_id"], how="anti"), False),
    ):
        assert len(table) > 20
        fold = folds.assign(table["event_id"].to_numpy(), SEED, N_FOLDS)
        number = fold / 8 if is_held_out else np.full(len(table), 1 / 8)
        x = 100 * (table["score"].to_numpy() - number)
        assert ((x > 0.05) & (x < 1.2)).all()


@pytest.mark.slow
def test_the_selection_acts_on_varied_events(folder):
    """Events can enter the selection that fail it in the nominal tree."""
    one, other = varied("same"), varied("jes")
    entered = other.join(one, on=["process", "event_id"], how="anti")
    assert len(entered) >= 1 and len(other) > len(one)
    is_test = entered["event_id"] % 5 == 4
    assert (entered["subset"] == "test").to_list() == is_test.to_list()


def test_other_files_have_their_own_sum_of_weights(folder):
    events = varied("shower")
    assert events["process"].unique().to_list() == ["bkg"]
    with uproot.open("other.root") as file:
        raw = file["nominal"].arrays(["x", "w"], library="np")
    expected = raw["w"][raw["x"] > 0.05].sum() * 2 * 500 / 500
    assert events["weight"].sum() == pytest.approx(expected)


@pytest.mark.parametrize(("direction", "factor"), [("up", 2.0), ("down", 0.5)])
def test_weights_are_those_of_the_nominal_events(folder, direction, factor):
    table = weights("pileup", direction).sort("process", "event_id")
    expected = nominal()
    assert table.columns == ["event_id", "process", "weight"]
    assert table["event_id"].to_list() == expected["event_id"].to_list()
    np.testing.assert_allclose(table["weight"], factor * expected["weight"])


def test_repeated_ids_of_a_varied_tree_are_reported(folder):
    with uproot.open("bkg.root") as file:
        events = file["nominal"].arrays(library="np")
    events["number"][7] = events["number"][8]
    events["x"][:] = 0.5
    with uproot.recreate("other.root") as file:
        file["nominal"], file["runs"] = events, {"sumw": np.array([1.0])}
    with pytest.raises(logs.InputError, match="both events have the number 8"):
        varied("shower")


@pytest.mark.slow
def test_test_events_at_the_end_of_files_are_told_by_ids(folder):
    """For a data set with one file, whose varied tree may be shorter."""
    with uproot.open("bkg.root") as file:
        events = file["nominal"].arrays(library="np")
    events["label"] = np.arange(N_EVENTS) % 2
    with uproot.recreate("all.root") as file:
        file["nominal"] = events
        file["up"] = {name: values[:-10] for name, values in events.items()}
    changes = {
        "processes": {},
        "files": "all.root",
        "label": {"column": "label", "signal": 1, "background": 0},
        "test": {"last": 60},
        "luminosity_ipb": None,
        "systematics": {"jes": {"up": {"tree": "up"}}},
    }
    ingest.ingest(settings({}, **changes), "", "", "train.h5", "test.h5")
    table = varied("jes", **changes)
    in_test = set(nominal().filter(subset="test")["event_id"])
    assert set(table.filter(subset="test")["event_id"]) == {
        i for i in in_test if i < N_EVENTS - 10
    }
