"""Tests of data.text_formats: files that are no CSV are named in one line."""

import gzip
import io
import tarfile

import pytest

from hepfold.core import logs
from hepfold.data import text_formats, text_streams

TEXT = b"1,2\n3,4\n"


def tar(mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (tar("w"), "a tar archive; unpack it"),
        (tar("w:gz"), "a tar archive; unpack it"),
        (gzip.compress(gzip.compress(TEXT)), "compressed twice; unpack it"),
        (gzip.compress(b"PAR1\x15\x04"), "a Parquet file that is compressed or in"),
        (b"PK\5\6" + bytes(18), "an empty zip archive or one within another"),
        ("1,2\n3,4\n".encode("utf-16"), "UTF-16 text; save it as UTF-8"),
        ("1,2\n3,4\n".encode("utf-16-le"), "UTF-16 text; save it as UTF-8"),
        ("1,2\n3,4\n".encode("utf-16-be"), "UTF-16 text; save it as UTF-8"),
        (b"\n<!DOCTYPE html>\n<html>", "an HTML or XML page, perhaps an error mess"),
        (b"<?xml version='1.0'?>", "an HTML or XML page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n",
            "a Git LFS pointer in place of the file; run `git lfs pull`",
        ),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document; convert it to CSV, Parquet or ROOT"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file; convert it"),
        (b"% HIGGS\n%\n@RELATION higgs\n", "an ARFF file; convert it"),
        (b'{"a": [1, 2]}', "JSON; convert it"),
        (b"1.0 1:0.869 2:-0.635 3:0.2257\n", "text in LIBSVM format; convert it"),
        (b"\x1b[31m\0\1\2", "binary data, not text; convert it"),
    ],
    # Compressed content has the time in it.
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_other_formats_are_named(tmp_path, content, message):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(logs.InputError) as error:
        list(text_streams.line_blocks(str(path)))
    assert str(error.value).startswith(f"{path}: {message}")
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        b"# label,pt\n",
        b"root,leaf\n",
        b"[GeV] pt,x\n",
        "Gr\u00f6\u00dfe,pt\n".encode(),
        b"-1e3,2\n",
    ],
)
def test_text_is_accepted(text):
    text_formats.check_text("a.csv", text)


def test_control_characters_are_not_printed():
    assert text_formats.printable("a\x1b[31m\n\u00e9") == "a?[31m?\u00e9"
