"""Tests of exported models: from raw files to the scores of an ONNX model."""

import json
import re

import numpy as np
import onnx
import onnxruntime
import polars as pl
import public_sets
import pytest
from tests.conftest import TRUTH

import write_submission
from hepfold.core import files, logs
from hepfold.data import event_reader, event_samples
from hepfold.models import zoo

MODEL = "results/models/higgsml/mlp"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, finished, raw_lines):
    """A folder with raw events of another seed, and the exported model."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "data").mkdir()
    (folder / "data/events.csv").write_text("\n".join([*raw_lines, ""]))
    (folder / MODEL).mkdir(parents=True)
    name = f"{MODEL}/ensemble.onnx"
    (folder / name).write_bytes((finished.folder / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def expected(finished, folder) -> np.ndarray:
    """Scores of the engine for all raw events, in float32."""
    path = str(folder / "data/events.csv")
    reader = event_reader.EventReader("higgsml", public_sets.DECLARED["higgsml"])
    sample = event_samples.EventSample("files", (path,), tree=None, has_truth=False)
    inputs = np.concatenate([part.inputs for part in reader.read_unlabeled(sample)])
    assert np.isnan(inputs).any()
    paths = [str(finished.folder / MODEL / f"fold_{i}.safetensors") for i in range(2)]
    models = [zoo.load(path, "cpu", "float32") for path in paths]
    return np.mean([model.score(inputs) for model in models], axis=0)


@pytest.mark.workflow
def test_the_example_of_the_page_gives_the_scores_of_the_engine(
    repo, folder, expected, raw_lines, monkeypatch
):
    """Columns by name, in any order, from a file without labels."""
    text = (repo / "docs/howto/elsewhere.md").read_text()
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    monkeypatch.chdir(folder)
    frame = pl.read_csv("\n".join(raw_lines).encode()).drop(TRUTH)
    frame.select(sorted(frame.columns)).write_csv("data/fresh.csv")
    names = {}
    exec(code, names)
    assert len(names["score"]) == len(expected) == 400
    np.testing.assert_allclose(names["score"], expected, atol=1e-6)
    physical = names["events"].to_numpy().astype("f4")
    check_float32_copy("float32.onnx", physical, expected)


def check_float32_copy(path: str, physical: np.ndarray, expected: np.ndarray) -> None:
    """The copy has the scores of the engine, and no operator to merge with MatMul."""
    (score,) = onnxruntime.InferenceSession(path).run(None, {"features": physical})
    assert score.dtype == "f4"
    np.testing.assert_allclose(score, expected, atol=1e-5)
    nodes = onnx.load(path).graph.node
    products = {node.output[0] for node in nodes if node.op_type == "MatMul"}
    readers = {node.op_type for node in nodes if products & set(node.input)}
    assert readers == {"Identity"}


@pytest.mark.workflow
def test_the_model_tells_its_origin(folder):
    path = str(folder / MODEL / "ensemble.onnx")
    metadata = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert (metadata["dataset"], metadata["model"]) == ("higgsml", "mlp")
    assert json.loads(metadata["source"]) == ["toy"]
    assert json.loads(metadata["packages"])["onnx"]
    features = set(json.loads(metadata["features"]))
    assert features == set(public_sets.DATASETS["higgsml"].features)
    ranges = json.loads(metadata["ranges"])
    assert set(ranges) == features
    assert all(low <= high for low, high in ranges.values())
    assert ranges["PRI_jet_num"] == [0.0, 3.0]
    assert json.loads(metadata["define"]) == public_sets.DECLARED["higgsml"].define


def test_a_submission_classifies_the_test_events_at_the_chosen_cut(tmp_path, scores):
    files.write_table(str(tmp_path / "merged.parquet"), [scores])
    files.write_json(str(tmp_path / "metrics.json"), {"cuts": {"ams": 0.5}})
    paths = [str(tmp_path / n) for n in ("merged.parquet", "metrics.json", "a.csv")]
    write_submission.write_submission(*paths)
    test_scores = scores.filter(pl.col("subset") != "train").sort("event_id")
    table = pl.read_csv(paths[2])
    assert table.columns == ["EventId", "RankOrder", "Class"]
    assert table["EventId"].to_list() == test_scores["event_id"].to_list()
    assert (table["Class"] == "s").to_list() == (test_scores["score"] >= 0.5).to_list()


def test_without_test_events_no_submission_is_written(tmp_path, scores):
    train = scores.filter(pl.col("subset") == "train")
    files.write_table(str(tmp_path / "merged.parquet"), [train])
    files.write_json(str(tmp_path / "metrics.json"), {"cuts": {"ams": 0.5}})
    paths = [str(tmp_path / n) for n in ("merged.parquet", "metrics.json", "a.csv")]
    with pytest.raises(logs.InputError, match="no public or private events"):
        write_submission.write_submission(*paths)
    assert not (tmp_path / "a.csv").exists()
