"""Tests of scoring unlabeled events: in any format, in parts."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import uproot
from tests.conftest import TRUTH

import apply_model
from hepfold.core import files, logs
from hepfold.data import datasets, text_streams
from hepfold.models import zoo

CHOSEN = ("PRI_met", "DER_mass_MMC", "PRI_jet_num")


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


@pytest.fixture
def applied(tmp_path, monkeypatch):
    """A function that applies two models to a file and gives the table of scores."""
    loaded = {"one": Model(1.0), "two": Model(3.0)}
    monkeypatch.setattr(zoo, "load", lambda path, device: loaded[path])

    def run(path, dataset="higgsml", columns=None, trees=None) -> pl.DataFrame:
        settings = {
            "wildcards": {"dataset": dataset},
            "columns": columns or {},
            "trees": trees or {},
            "device": "cpu",
        }
        out = str(tmp_path / "scores.parquet")
        apply_model.apply_model(str(path), list(loaded), settings, 1, out)
        made_by = files.read_made_by(out)
        assert made_by["packages"]["torch"] and len(made_by["source_sha256"]) == 64
        assert made_by["source"] == [str(path).rpartition("/")[2]]
        return pl.read_parquet(out)

    run.models = loaded
    return run


def expected(frame: pl.DataFrame) -> np.ndarray:
    """Mean score of both models."""
    values = frame.select(CHOSEN).to_numpy().astype("f4").astype("f8")
    return 2 * (np.where(values == -999, 0, values) @ [100, 10, 1])


def test_score_is_the_mean_over_models_of_the_features_by_name(
    frame, applied, tmp_path
):
    frame.write_csv(tmp_path / "a.csv")
    scores = applied(tmp_path / "a.csv")
    assert scores.schema == {"EventId": pl.Int64, "score": pl.Float64}
    assert scores["EventId"].to_list() == frame["EventId"].to_list()
    np.testing.assert_allclose(scores["score"], expected(frame))


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
    scores = applied(tmp_path / "a.parquet", columns={"EventId": None})
    assert scores["row"].to_list() == list(range(400))
    np.testing.assert_allclose(scores["score"], expected(frame))


@pytest.mark.parametrize("roles", [("events",), ("signal", "background")])
def test_root_trees_are_read_one_after_the_other(frame, applied, tmp_path, roles):
    n = 400 // len(roles)
    with uproot.recreate(tmp_path / "a.root") as file:
        for i, role in enumerate(roles):
            part = frame[i * n : (i + 1) * n]
            file[role] = {name: part[name].to_numpy() for name in part.columns}
    scores = applied(tmp_path / "a.root", trees={role: role for role in roles})
    assert scores["EventId"].to_list() == frame["EventId"].to_list()
    np.testing.assert_allclose(scores["score"], expected(frame))


@pytest.mark.parametrize("names", [datasets.HIGGS.columns, datasets.HIGGS.features])
def test_without_header_the_number_of_columns_shows_whether_there_is_a_label(
    names, applied, tmp_path, monkeypatch
):
    for model in applied.models.values():
        model.preparation.schema.features = ("m_jj", "lepton_pt", "m_bb")
    values = np.random.default_rng(1).integers(0, 9, (20, len(names)))
    np.savetxt(tmp_path / "a.csv", values, fmt="%d", delimiter=",")
    scores = applied(tmp_path / "a.csv", dataset="higgs")
    i = [list(names).index(name) for name in ("m_jj", "lepton_pt", "m_bb")]
    np.testing.assert_allclose(scores["score"], 2 * (values[:, i] @ [100, 10, 1]))
    assert scores.columns == ["row", "score"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop("PRI_met"), "a.csv, line 1: no column 'PRI_met'"),
        (lambda frame: frame.drop("EventId"), "a.csv, line 1: no column 'EventId'"),
        (lambda frame: frame[:0], "a.csv: no events"),
        (
            lambda frame: frame.with_columns(PRI_met=pl.lit("x")),
            "a.csv, line 2, column 'PRI_met': 'x' is not a finite number",
        ),
        (
            lambda frame: frame.with_columns(PRI_jet_num=pl.lit(7)),
            "a.csv, line 2, column 'PRI_jet_num': 7.0 is not one of",
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
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
