"""The exported model as users apply it: from raw files to scores by ONNX."""

import json
import re

import numpy as np
import onnxruntime
import polars as pl
import pytest
import samples
from tests.conftest import TRUTH

import export_model
import ingest
import write_submission
from hepfold.core import files, logs
from hepfold.data import datasets, fold_file, readers
from hepfold.models import feature_schema, zoo

RAW = {"wildcards": {"dataset": "higgsml"}, "n_folds": 2, "seed": 1, "n_test": 0}
NAMES = {"dataset": "higgsml", "model": "mlp"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, raw_lines):
    """A folder with raw events, folds, the model of each fold and the ONNX model."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "data").mkdir()
    (folder / "data/events.csv").write_text("\n".join([*raw_lines, ""]))
    settings = {
        **RAW,
        "source": [str(folder / "data/events.csv")],
        "test_source": [],
        "columns": {},
        "trees": {},
    }
    train = str(folder / "train.h5")
    ingest.ingest(settings, "", "", train, str(folder / "test.h5"))
    paths = [str(folder / f"{i}.safetensors") for i in range(2)]
    schema, positions = feature_schema.read(train, "higgsml", "all")
    changes = {
        "preparation": {"scaling": "standard", "vectors": True, "pairs": True},
        "symmetry": {"use": "augmentation", "n_views": 2},
        "n_epochs": 1,
    }
    for i, path in enumerate(paths):
        events = fold_file.read(train, [1 - i]).with_features(positions)
        model, _ = samples.train(events, seed=i, schema_=schema, **changes)
        zoo.save(path, model, samples.record(**changes))
    onnx_path = str(folder / "results/models/higgsml/mlp/ensemble.onnx")
    export_model.export_model(paths, train, {"wildcards": NAMES}, 1, onnx_path)
    return folder


@pytest.fixture(scope="module")
def expected(folder) -> np.ndarray:
    """Mean scores of the models of the folds for all raw events."""
    path = str(folder / "data/events.csv")
    parts = readers.read_unlabeled(path, datasets.HIGGSML, {}, {})
    inputs = np.concatenate([inputs for inputs, _ in parts])
    assert np.isnan(inputs).any()
    folds = [zoo.load(str(folder / f"{i}.safetensors"), "cpu") for i in range(2)]
    return np.mean([model.score(inputs) for model in folds], axis=0)


def test_the_readme_example_reproduces_the_scores_of_the_models(
    repo, folder, expected, raw_lines, monkeypatch
):
    """From a file without truth, with columns in another order."""
    text = (repo / "README.md").read_text().split("## Use elsewhere")[1]
    (code,) = re.findall(r"```python\n(.*?)```", text.split("\n## ")[0], re.DOTALL)
    monkeypatch.chdir(folder)
    frame = pl.read_csv("\n".join(raw_lines).encode()).drop(TRUTH)
    frame.select(sorted(frame.columns)).write_csv("data/fresh.csv")
    names = {}
    exec(code, names)
    assert len(names["score"]) == len(expected) == 400
    np.testing.assert_allclose(names["score"], expected, atol=1e-6)


def test_the_metadata_hold_the_origin(folder):
    path = str(folder / "results/models/higgsml/mlp/ensemble.onnx")
    metadata = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert (metadata["dataset"], metadata["model"]) == ("higgsml", "mlp")
    assert json.loads(metadata["source"]) == ["events.csv"]
    assert json.loads(metadata["packages"])["onnx"]
    assert set(json.loads(metadata["features"])) == set(datasets.HIGGSML.features)


def test_a_submission_classifies_the_test_events_at_the_chosen_cut(tmp_path, scores):
    files.write_table(str(tmp_path / "merged.parquet"), [scores])
    files.write_json(str(tmp_path / "metrics.json"), {"cut": 0.5})
    paths = [str(tmp_path / n) for n in ("merged.parquet", "metrics.json", "a.csv")]
    write_submission.write_submission(*paths)
    submitted = scores.filter(pl.col("subset") != "train").sort("event_id")
    table = pl.read_csv(paths[2])
    assert table.columns == ["EventId", "RankOrder", "Class"]
    assert table["EventId"].to_list() == submitted["event_id"].to_list()
    assert (table["Class"] == "s").to_list() == (submitted["score"] >= 0.5).to_list()


def test_without_test_events_no_submission_is_written(tmp_path, scores):
    train = scores.filter(pl.col("subset") == "train")
    files.write_table(str(tmp_path / "merged.parquet"), [train])
    files.write_json(str(tmp_path / "metrics.json"), {"cut": 0.5})
    paths = [str(tmp_path / n) for n in ("merged.parquet", "metrics.json", "a.csv")]
    with pytest.raises(logs.InputError, match="no public or private events"):
        write_submission.write_submission(*paths)
    assert not (tmp_path / "a.csv").exists()
