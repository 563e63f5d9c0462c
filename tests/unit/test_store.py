"""Tests of hepfold.store: a file that exists is whole."""

import zipfile
import zlib

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from hepfold import logs, store


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "record.json"
    store.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        store.write_json(path, {"a": float("nan")})
    assert store.read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_comes_back_with_its_origin(tmp_path):
    path = str(tmp_path / "table.parquet")
    parts = [pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [3]})]
    store.write_table(path, parts, {"seed": 5})
    assert store.read_table(path)["a"].to_list() == [1, 2, 3]
    assert store.read_made_by(path) == {"seed": 5}


def test_a_table_whose_parts_fail_is_not_there(tmp_path):
    def parts():
        yield pl.DataFrame({"a": [1]})
        raise logs.InputError("line 7")

    with pytest.raises(logs.InputError, match="line 7"):
        store.write_table(tmp_path / "table.parquet", parts(), {})
    assert list(tmp_path.iterdir()) == []


def test_tensors_come_back(tmp_path):
    path = tmp_path / "model.safetensors"
    store.write_tensors(path, {"w": np.arange(6.0).reshape(2, 3)}, {"seed": 1})
    np.testing.assert_array_equal(load_file(path)["w"], np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize("algorithm", ["adler32", "sha256", "md5"])
def test_checksum_tells_one_changed_byte(tmp_path, algorithm):
    path = tmp_path / "raw"
    path.write_bytes(b"x" * 3_000_000)
    checksum = f"{algorithm}={store.file_digest(path, algorithm)}"
    store.verify_checksum(path, checksum, "raw")
    path.write_bytes(b"x" * 2_999_999 + b"y")
    with pytest.raises(logs.InputError, match=f"raw: wrong checksum, {algorithm}"):
        store.verify_checksum(path, checksum, "raw")


def test_adler32_is_that_of_zlib(tmp_path):
    path = tmp_path / "raw"
    path.write_bytes(bytes(range(256)) * 9000)
    expected = f"{zlib.adler32(path.read_bytes()):08x}"
    assert store.file_digest(path, "adler32") == expected


def test_an_empty_column_of_a_csv_file_is_numbers_if_it_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,\n2,\n")
    table = store.read_csv(str(tmp_path / "a.csv"), ("b",))
    assert table["b"].dtype == pl.Float64 and table["b"].is_null().all()


def test_an_archive_has_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    texts = {"a.yaml": "a: 1\n" * 100, "b/c.yaml": "±\n"}
    store.write_zip(str(tmp_path / "one.zip"), texts)
    monkeypatch.setattr("time.time", lambda: 2e9)
    store.write_zip(str(tmp_path / "two.zip"), texts)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {n: archive.read(n).decode() for n in archive.namelist()} == texts


def test_all_files_below_a_folder_are_named(tmp_path):
    store.write_text(str(tmp_path / "a/b/c.txt"), "1")
    store.write_text(str(tmp_path / "d"), "22")
    assert store.names_below(str(tmp_path)) == {"a/b/c.txt", "d"}
    told = store.size_and_sha256(str(tmp_path / "d"))
    assert told["contentSize"] == "2" and len(told["sha256"]) == 64
