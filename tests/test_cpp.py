"""Tests of the C++ example: it gives the scores of the models for the same events."""

import shutil
import subprocess
from pathlib import Path

import cpp_library
import numpy as np
import polars as pl
import pytest
import samples
from tests.conftest import REPO

from hepfold.models import onnx_export

pytestmark = pytest.mark.analyses
EXAMPLE = REPO / "docs/examples/cpp"
CATEGORY = onnx_export.InputFormat({"x4": (1.0, 5.0, 7.0)}, (-999.0,))
TREES = {"base": samples.FOREST}
NETWORKS = {
    kind: {"kind": kind, "n_epochs": 1, "network": samples.NETWORK | {"width": 8}}
    for kind in ("mlp", "residual", "tabm")
}


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    """The compiled example."""
    if not shutil.which("cmake") or not shutil.which("c++"):
        pytest.skip("needs CMake and a C++ compiler")
    folders = [tmp_path_factory.mktemp(name) for name in ("headers", "library", "cpp")]
    headers = cpp_library.headers(folders[0])
    library = cpp_library.library(folders[1])
    return cpp_library.build(EXAMPLE, headers, library, folders[2])


def scored(program: Path, model: Path, events: Path) -> subprocess.CompletedProcess:
    """The end of the program for a model and a file of events."""
    return subprocess.run([program, model, events], capture_output=True, text=True)


@pytest.fixture(scope="module")
def events():
    """Events of several batches, with missing values and a category."""
    events = samples.with_category(samples.two_gaussians(700))
    inputs = events.inputs.copy()
    inputs[::3, 1] = np.nan
    inputs[1::5, 2:4] = np.nan
    return samples.events_of(inputs, events.label)


@pytest.fixture(scope="module")
def csv(events, tmp_path_factory) -> Path:
    """The events with their columns in another order, and one more."""
    physical = CATEGORY.physical(events.inputs).astype("f8")
    columns = {f"x{i}": physical[:, i] for i in (3, 0, 4, 2)}
    table = pl.DataFrame(columns | {"id": range(len(physical)), "x1": physical[:, 1]})
    path = tmp_path_factory.mktemp("events") / "events.csv"
    table.fill_nan(None).write_csv(path)
    return path


@pytest.mark.parametrize("changes", [*NETWORKS.values(), TREES], ids=[*NETWORKS, "xgb"])
def test_scores_are_those_of_the_models(program, events, csv, changes, tmp_path):
    schema = samples.schema(5, n_values=(3,))
    models = [samples.train(events, seed, schema, **changes)[0] for seed in (1, 2)]
    path = tmp_path / "ensemble.onnx"
    path.write_bytes(onnx_export.exported(models, CATEGORY, {}))
    run = scored(program, path, csv)
    assert run.returncode == 0, run.stderr
    score = np.array(run.stdout.split(), "f8")
    expected = np.mean([model.score(events.inputs) for model in models], axis=0)
    assert len(score) == len(expected) == 700 and np.std(score) > 1e-3
    difference = np.abs(score - expected).max()
    print(f"largest difference: {difference:.1e}")
    assert difference < 1e-6


def test_a_missing_column_is_reported(program, events, csv, tmp_path):
    model = samples.train(events, 1, samples.schema(5, (3,)), **NETWORKS["mlp"])[0]
    path = tmp_path / "ensemble.onnx"
    path.write_bytes(onnx_export.exported([model], CATEGORY, {}))
    lacking = tmp_path / "lacking.csv"
    pl.read_csv(csv).drop("x2").write_csv(lacking)
    run = scored(program, path, lacking)
    assert (run.returncode, run.stderr) == (1, "score_events: no column x2\n")
