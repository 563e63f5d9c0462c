"""Large data sets: read in parts, of which a change of one file redoes one."""

import os

import numpy as np
import polars as pl
import pytest
import yaml
from tests.conftest import Clone

from hepfold.data import fold_file

pytestmark = pytest.mark.analyses
ANALYSIS = {
    "run": {"datasets": ["many"], "models": ["mlp"]},
    "datasets": {
        "many": {
            "title": "Many files",
            "processes": {
                "sig": {"files": "raw/sig*.csv", "label": "signal"},
                "bkg": {"files": "raw/bkg*.csv", "label": "background"},
            },
            "id": "number",
            "features": ["x", "y"],
        }
    },
    "folds": {"n_folds": 2},
}
FOLDS = "results/folds/many/train.h5"
N_FILES, N_EVENTS = 6, 50


def write(clone: Clone, name: str, first: int) -> None:
    """Write a raw file whose ids begin at a number, and that is newer than others."""
    draw = np.random.default_rng(first)
    table = {"number": first + np.arange(N_EVENTS)}
    table |= {key: draw.random(N_EVENTS) for key in "xy"}
    pl.DataFrame(table).write_csv(clone.folder / f"raw/{name}.csv")


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """A copy of the workflow after a large data set was read."""
    clone = Clone(tmp_path_factory.mktemp("parts"))
    clone.edit("scripts/hepfold/data/reading_parts.py", "= 1 << 30", "= 5000")
    clone.edit("scripts/hepfold/data/reading_parts.py", "= 1 << 20", "= 0")
    (clone.folder / "raw").mkdir()
    for i in range(N_FILES):
        write(clone, f"sig{i}", 1000 * i)
        write(clone, f"bkg{i}", 1000 * i)
    (clone.folder / "tests.yaml").write_text(yaml.safe_dump(ANALYSIS))
    run = clone.run("--", FOLDS)
    assert run.returncode == 0, run.stdout + run.stderr
    return clone


def planned(clone: Clone) -> list[str]:
    """Rules of all jobs that a dry run lists, in alphabetical order."""
    run = clone.run("--dry-run", "--", FOLDS)
    assert run.returncode == 0, run.stdout + run.stderr
    lines = (run.stdout + run.stderr).splitlines()
    return sorted(line.split()[1][:-1] for line in lines if line.startswith("rule "))


def test_all_events_are_there_and_nothing_is_left_to_do(clone):
    parts = list((clone.folder / "results/folds/many/parts").glob("*_train.h5"))
    assert len(parts) > 3
    events = fold_file.read(str(clone.folder / FOLDS))
    assert len(events) == 2 * N_FILES * N_EVENTS
    assert planned(clone) == []


def test_a_changed_file_redoes_its_part_alone(clone):
    path = clone.folder / "raw/bkg3.csv"
    content, times = path.read_bytes(), path.stat()
    write(clone, "bkg3", 99_000)
    rules = planned(clone)
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert rules == ["gather_parts", "read_part"]


def test_an_added_file_redoes_its_part_alone(clone):
    write(clone, "sig9", 9000)
    rules = planned(clone)
    (clone.folder / "raw/sig9.csv").unlink()
    assert rules == ["gather_parts", "read_part"]


def test_a_title_redoes_nothing_and_a_selection_everything(clone):
    overlay = clone.folder / "tests.yaml"
    before = overlay.read_text()
    renamed = before.replace("Many files", "All files")
    overlay.write_text(renamed)
    assert planned(clone) == []
    overlay.write_text(before.replace("title:", "select: x < 0.9\n    title:"))
    rules = planned(clone)
    overlay.write_text(before)
    assert set(rules) == {"gather_parts", "read_part"} and len(rules) > 4
