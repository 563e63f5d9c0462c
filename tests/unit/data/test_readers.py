"""Tests of data.readers: the format of a file decides what reads it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import uproot

from hepfold.core import logs
from hepfold.data import raw_tables, readers

VALUES = {"x": np.array([0.5, 1.5]), "n": np.array([2**53 + 1, 2])}
KINDS = {"x": raw_tables.NUMBER32, "n": raw_tables.INTEGER}
FORMATS = {
    "a.csv": readers.CSV,
    "a.parquet": readers.PARQUET,
    "a.root": readers.ROOT,
}


def write(path: Path) -> str:
    """Write two events in the format of the name of a file."""
    if path.suffix == ".root":
        with uproot.recreate(path) as file:
            file["events"] = VALUES
    elif path.suffix == ".parquet":
        pl.DataFrame(VALUES).write_parquet(path)
    else:
        pl.DataFrame(VALUES).write_csv(path)
    return str(path)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_recognized_by_content(tmp_path, name):
    path = Path(write(tmp_path / name))
    other = path.rename(tmp_path / "events.data")
    assert readers.format_of(str(other)) == FORMATS[name]
    (table,) = readers.read(str(other), KINDS, None, None, "datasets.own.files")
    assert table.columns["x"].tolist() == [0.5, 1.5]
    assert table.columns["x"].dtype == np.float32
    assert table.columns["n"].tolist() == [2**53 + 1, 2]


@pytest.mark.parametrize("name", FORMATS)
def test_the_header_tells_the_columns(tmp_path, name):
    holds = readers.columns(write(tmp_path / name), None, None, "datasets.own.files")
    types = {"x": "double", "n": "int64"}
    untyped = dict.fromkeys(types, readers.UNTYPED)
    assert holds == (untyped if name == "a.csv" else types)


def test_a_file_without_a_header_has_the_declared_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,2\n3,4\n")
    holds = readers.columns(str(path), None, ("u", "v"), "datasets.own.files")
    assert list(holds) == ["u", "v"]


def test_text_that_begins_like_another_format_is_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("root,x\n1,2\n")
    assert readers.format_of(str(path)) == readers.CSV


def test_a_column_of_any_kind_is_a_number_in_text():
    kinds = KINDS | {"a": raw_tables.ANY, "t": raw_tables.TEXT}
    expected = KINDS | {"a": raw_tables.NUMBER64, "t": raw_tables.TEXT}
    assert readers.csv_kinds(kinds) == expected


def test_an_absent_file_and_a_folder_are_reported(tmp_path):
    with pytest.raises(logs.InputError, match=r"absent.csv: No such file"):
        readers.format_of(str(tmp_path / "absent.csv"))
    with pytest.raises(logs.InputError, match="Is a directory"):
        readers.format_of(str(tmp_path))
    with pytest.raises(logs.InputError, match=r"absent.zip!a.csv: No such file"):
        readers.format_of(f"{tmp_path}/absent.zip!a.csv")


READ = """
import sys
sys.path.insert(0, {scripts!r})
from hepfold.data import readers
list(readers.read({path!r}, {kinds!r}, None, None, "datasets.own.files"))
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("a.parquet", "pyarrow"),
        pytest.param("a.csv", "numba", marks=pytest.mark.slow),
        pytest.param("a.root", "uproot", marks=pytest.mark.slow),
    ],
)
def test_libraries_of_other_formats_are_not_imported(repo, tmp_path, name, needed):
    """Other libraries load PyArrow too: awkward, which Numba and uproot load."""
    path = write(tmp_path / name)
    code = READ.format(scripts=str(repo / "scripts"), path=path, kinds=KINDS)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert needed in loaded, run.stderr
    assert not loaded & ({"numba", "requests", "uproot"} - {needed})
