"""Tests of core.files: files are complete and verified."""

import os
import zipfile

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from safetensors.numpy import load_file

from hepfold.core import files, logs


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "record.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(path, {"a": float("nan")})
    assert files.read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_comes_back_with_its_origin(tmp_path):
    path = str(tmp_path / "table.parquet")
    parts = [pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [3]})]
    files.write_table(path, parts, {"seed": 5})
    assert files.read_table(path)["a"].to_list() == [1, 2, 3]
    assert files.read_made_by(path) == {"seed": 5}


def test_a_table_whose_parts_fail_is_not_there(tmp_path):
    def parts():
        yield pl.DataFrame({"a": [1]})
        raise logs.InputError("line 7")

    with pytest.raises(logs.InputError, match="line 7"):
        files.write_table(tmp_path / "table.parquet", parts(), {})
    assert list(tmp_path.iterdir()) == []


def test_tensors_come_back(tmp_path):
    path = tmp_path / "model.safetensors"
    files.write_tensors(path, {"w": np.arange(6.0).reshape(2, 3)}, {"seed": 1})
    np.testing.assert_array_equal(load_file(path)["w"], np.arange(6.0).reshape(2, 3))


def test_tensors_come_back_from_the_bytes_of_their_file(tmp_path):
    path = str(tmp_path / "model.safetensors")
    files.write_tensors(path, {"w": np.arange(6.0).reshape(2, 3)}, {"seed": 1})
    arrays, made_by = files.tensors_in(files.read_bytes(path))
    of_file, record = files.read_tensors(path)
    assert made_by == record == {"seed": 1}
    np.testing.assert_array_equal(arrays["w"], of_file["w"])


def test_an_empty_column_of_a_csv_file_is_numbers_if_it_is_named(tmp_path):
    frame = pl.DataFrame({"a": [1, 2], "b": [None, None]})
    files.write_csv(str(tmp_path / "a.csv"), frame)
    table = files.read_csv(str(tmp_path / "a.csv"), ("b",))
    assert table["b"].dtype == pl.Float64 and table["b"].is_null().all()


def test_an_archive_has_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    texts = {"a.yaml": "a: 1\n" * 100, "b/c.yaml": "±\n"}
    files.write_zip(str(tmp_path / "one.zip"), texts)
    monkeypatch.setattr("time.time", lambda: 2e9)
    files.write_zip(str(tmp_path / "two.zip"), texts)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {n: archive.read(n).decode() for n in archive.namelist()} == texts


def test_all_files_below_a_folder_are_named(tmp_path):
    files.write_text(str(tmp_path / "a/b/c.txt"), "1")
    files.write_text(str(tmp_path / "d"), "22")
    assert files.names_below(str(tmp_path)) == {"a/b/c.txt", "d"}


FRAME = pl.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})
ARRAYS = {"w": np.arange(60.0)}
WRITERS = {
    "a.json": lambda path: files.write_json(path, {"a": 1}, sealed=True),
    "a.parquet": lambda path: files.write_table(path, [FRAME], {"seed": 5}),
    "a.safetensors": lambda path: files.write_tensors(path, ARRAYS, {"seed": 5}),
}
READERS = {
    ".json": files.read_json,
    ".parquet": files.read_table,
    ".safetensors": files.read_tensors,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_flipped_byte_or_a_lost_end_is_detected_anywhere(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](str(path))
    read = READERS[path.suffix]
    whole = path.read_bytes()
    # What is verified once is verified again if it is younger.
    os.utime(path, (0, 0))
    read(str(path))
    start = whole.index(files.MARK.encode())
    mark = range(start, start + len(files.MARK))
    for place in [*range(0, len(whole), max(1, len(whole) // 97)), len(whole) - 1]:
        if place in mark:
            continue  # the file is then one without a checksum, its content whole
        path.write_bytes(flipped(whole, place))
        with pytest.raises(logs.InputError, match=f"{name}: the file .* remove it"):
            read(str(path))
    for end in (0, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(logs.InputError, match=f"{name}: the file .* remove it"):
            read(str(path))


def flipped(content: bytes, place: int) -> bytes:
    """The content with one bit flipped."""
    turned = bytes([content[place] ^ 1])
    return content[:place] + turned + content[place + 1 :]


def test_an_altered_file_is_not_copied(tmp_path):
    path, copy = tmp_path / "a.json", tmp_path / "copy.json"
    files.write_json(str(path), {"a": 1})
    files.copy(str(path), str(copy))
    assert copy.read_bytes() == path.read_bytes()
    path.write_text(path.read_text().replace('"a": 1', '"a": 2'))
    copy.unlink()
    with pytest.raises(logs.InputError, match="altered"):
        files.copy(str(path), str(copy))
    assert not copy.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"a,b\n1.5,x\n2.5,y,3\n", "more fields"),
        (b"a,b\n1.5,x\n2x5,y\n", "could not parse `2x5`"),
        (b"a,b\n1.5,\xff\xfe\n", "utf-8"),
        (bytes(range(256)), "cannot be read"),
    ],
)
def test_a_csv_file_that_is_no_table_is_named_in_one_line(tmp_path, content, reason):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(logs.InputError, match="remove it") as caught:
        files.read_csv(str(path), ("a",))
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and reason in message and "\n" not in message


def test_a_csv_file_is_the_table_alone(tmp_path):
    files.write_csv(str(tmp_path / "a.csv"), FRAME)
    assert (tmp_path / "a.csv").read_text() == "a,b\n1.5,x\n2.5,y\n"


@pytest.mark.slow
def test_a_figure_has_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    for now, name in (("1000000000", "one"), ("2000000000", "two")):
        # The date that Matplotlib writes, where it writes one.
        monkeypatch.setenv("SOURCE_DATE_EPOCH", now)
        figure = Figure(figsize=(1, 1))
        figure.add_subplot().plot([1, 2])
        paths = (str(tmp_path / f"{name}.{kind}") for kind in ("pdf", "png"))
        files.write_figure(figure, *paths)
    for kind in ("pdf", "png"):
        one, two = (tmp_path / f"{name}.{kind}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_files_of_others_have_no_checksum_and_are_read(tmp_path):
    (tmp_path / "a.json").write_text('{"a": 1}')
    assert files.read_json(str(tmp_path / "a.json")) == {"a": 1}


def test_a_file_is_verified_once_as_long_as_it_is_the_same(tmp_path, monkeypatch):
    path = str(tmp_path / "a.json")
    files.write_json(path, {"a": 1})
    read = []
    crc32 = files.isal_zlib.crc32
    monkeypatch.setattr(
        files.isal_zlib, "crc32", lambda content: read.append(1) or crc32(content)
    )
    for _ in range(3):
        files.read_json(path)
    assert len(read) == 1
    os.utime(path, (0, 0))
    files.read_json(path)
    assert len(read) == 2


def test_yaml_comes_back_and_what_is_none_is_named(tmp_path):
    path = tmp_path / "best.yaml"
    record = {"models": {"mlp": {"network": {"width": 28}, "learning_rate": 1e-05}}}
    files.write_yaml(str(path), record)
    assert files.read_yaml(str(path)) == record
    path.write_text("models: {mlp: {")
    with pytest.raises(logs.InputError, match=f"{path}: the file cannot be read"):
        files.read_yaml(str(path))


def test_a_table_is_read_without_columns(tmp_path):
    path = str(tmp_path / "table.parquet")
    arrays = pl.Series("b", [[1.0, 2.0], [3.0, 4.0]], pl.Array(pl.Float32, 2))
    files.write_table(path, [pl.DataFrame([pl.Series("a", [1, 2]), arrays])])
    assert files.read_table(path, ("b", "absent")).columns == ["a"]
    assert files.read_table(path)["b"].to_numpy().tolist() == [[1, 2], [3, 4]]
