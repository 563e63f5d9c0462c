"""Tests of data.text_streams: unpacked text in blocks of whole lines."""

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest
import zstandard

from hepfold.core import logs
from hepfold.data import sources, text_streams

LINES = [f"{i},{'x' * (i % 37)}" for i in range(500)]
TEXT = "\n".join([*LINES, ""]).encode()
# Does not get much smaller, so that half of a compressed file holds half of the text.
DENSE = b"".join(b"%d\n" % i for i in np.random.default_rng(1).integers(0, 1e9, 20_000))


def compress_zst(content: bytes) -> bytes:
    """Two frames, as from a compressor with several threads."""
    half = len(content) // 2
    frames = content[:half], content[half:]
    compressor = zstandard.ZstdCompressor(write_checksum=True)
    return b"".join(map(compressor.compress, frames))


COMPRESSORS = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lambda content: lzma.compress(content, preset=0),
    "zst": compress_zst,
}


def read(path: str | Path) -> bytes:
    return b"".join(text_streams.line_blocks(str(path)))


def fault(path: str | Path) -> str:
    with pytest.raises(logs.InputError) as error:
        read(path)
    message = str(error.value)
    assert message.isprintable() and str(path).partition("!")[0] in message
    return message


@pytest.mark.parametrize("block_bytes", [1, 7, 100, 1 << 20])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\r\n \n\n"])
def test_blocks_are_whole_lines(tmp_path, monkeypatch, block_bytes, end):
    """Blank lines at the end are left out, those within the text are not."""
    monkeypatch.setattr(text_streams, "BLOCK_BYTES", block_bytes)
    path = tmp_path / "a.csv"
    path.write_bytes(b"1\n\n\n2\n" + TEXT[:-1] + end)
    blocks = list(text_streams.line_blocks(str(path)))
    joined = b"".join(blocks).replace(b"\r", b"")
    assert joined == b"1\n\n\n2\n" + TEXT
    assert all(block.endswith(b"\n") for block in blocks)


@pytest.mark.parametrize("text", [b"", b"\n", b"\r\n\r\n", b" \n"])
def test_blank_text_has_no_blocks(tmp_path, text):
    (tmp_path / "a.csv").write_bytes(text)
    assert list(text_streams.line_blocks(str(tmp_path / "a.csv"))) == []


def test_a_byte_order_mark_is_left_out(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8-sig")
    assert read(tmp_path / "a.csv") == b"a,b\n1,2\n"


def packed(path: Path, members: dict[str, bytes], **how) -> str:
    with zipfile.ZipFile(path, "w", **how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


@pytest.mark.parametrize("name", COMPRESSORS)
def test_compressed_text_is_read_whatever_its_name(tmp_path, name):
    compress = COMPRESSORS[name]
    path = tmp_path / "a.csv"
    path.write_bytes(compress(TEXT))
    assert read(path) == TEXT
    path = packed(tmp_path / "a.zip", {"folder/a.csv": compress(TEXT)})
    assert read(path) == TEXT


def test_all_members_of_a_gzip_file_are_read(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"1\n2") + gzip.compress(b"3\n4\n"))
    assert read(path) == b"1\n23\n4\n"


@pytest.mark.parametrize("name", COMPRESSORS)
@pytest.mark.parametrize("n_lost", [1, 1000])
def test_truncated_text_is_reported(tmp_path, name, n_lost):
    path = tmp_path / "a.csv"
    path.write_bytes(COMPRESSORS[name](DENSE)[:-n_lost])
    assert f"truncated or corrupt {name} after" in fault(path)


@pytest.mark.parametrize("name", COMPRESSORS)
def test_corrupt_text_is_reported(tmp_path, name):
    content = bytearray(COMPRESSORS[name](DENSE))
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "a.csv").write_bytes(content)
    assert f"truncated or corrupt {name} after" in fault(tmp_path / "a.csv")


@pytest.mark.parametrize("method", text_streams.ZIP_METHODS)
def test_a_member_is_chosen_by_name(tmp_path, method):
    members = {"a.csv": b"1\n", "x/b.csv": TEXT, "__MACOSX/._a.csv": b"\0"}
    path = packed(tmp_path / "a.zip", members, compression=method)
    assert read(f"{path}!x/b.csv") == TEXT
    assert f"contains 2 files; choose one, as in {path}!a.csv" in fault(path)
    message = fault(f"{path}!c.csv")
    assert "a.zip!c.csv: no such member; the archive contains a.csv, x/b.c" in message


def test_the_archive_of_a_path(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.csv": TEXT})
    assert sources.archive_of(f"{path}!a.csv") == path
    assert sources.archive_of(path) == path
    (tmp_path / "new!.csv").write_bytes(TEXT)
    assert read(tmp_path / "new!.csv") == TEXT
    (tmp_path / "a.csv").write_bytes(TEXT)
    assert "not a zip archive, has no 'b.csv'" in fault(f"{tmp_path}/a.csv!b.csv")


def with_bytes(path: str, offset: int, content: bytes) -> str:
    """Write two bytes into the header of the member and of the directory of a zip."""
    archive = bytearray(Path(path).read_bytes())
    directory = archive.rfind(b"PK\x01\x02") + 2
    for start in (0, directory):
        archive[start + offset : start + offset + 2] = content
    Path(path).write_bytes(archive)
    return path


def test_members_that_cannot_be_read_are_reported(tmp_path):
    path = packed(tmp_path / "a.zip", {"a.csv": TEXT})
    assert fault(with_bytes(path, 6, b"\1\0")).endswith(
        "a.zip!a.csv: encrypted; unpack it with its password"
    )
    path = packed(tmp_path / "b.zip", {"a.csv": TEXT})
    assert "a.csv: compressed by method 9 (deflate64), which is not supported" in fault(
        with_bytes(path, 8, b"\x09\0")
    )


def test_a_corrupt_member_is_reported(tmp_path):
    deflated = {"compression": zipfile.ZIP_DEFLATED}
    path = Path(packed(tmp_path / "a.zip", {"a.csv": TEXT * 50}, **deflated))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert "corrupt zip archive" in fault(path)
    path.write_bytes(content[:-30])
    assert "corrupt zip archive" in fault(path)


def test_an_office_document_is_named(tmp_path):
    members = {"[Content_Types].xml": b"<", "xl/workbook.xml": b"<"}
    assert "an Excel or Office document" in fault(packed(tmp_path / "a.csv", members))


def test_an_absent_file_and_a_folder_are_reported(tmp_path):
    assert fault(tmp_path / "b.csv").endswith("b.csv: No such file or directory")
    assert fault(tmp_path).endswith("Is a directory")
    assert fault(f"{tmp_path}/b.zip!a.csv").endswith("a.csv: No such file or directory")
