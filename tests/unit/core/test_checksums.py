"""Tests of core.checksums: known values, and changed files."""

import hashlib
import os
import zlib

import pytest

from hepfold.core import checksums, logs


@pytest.mark.parametrize("algorithm", ["adler32", "sha256", "md5"])
def test_checksum_detects_one_changed_byte(tmp_path, algorithm):
    path = tmp_path / "raw"
    path.write_bytes(b"x" * 3_000_000)
    checksum = f"{algorithm}={checksums.file_digest(path, algorithm)}"
    checksums.verify_checksum(path, checksum, "raw")
    path.write_bytes(b"x" * 2_999_999 + b"y")
    with pytest.raises(logs.InputError, match=f"raw: wrong checksum, {algorithm}"):
        checksums.verify_checksum(path, checksum, "raw")


def test_adler32_is_that_of_zlib(tmp_path):
    path = tmp_path / "raw"
    path.write_bytes(bytes(range(256)) * 9000)
    expected = f"{zlib.adler32(path.read_bytes()):08x}"
    assert checksums.file_digest(path, "adler32") == expected


def test_size_and_checksum_have_names_of_schema_org(tmp_path):
    path = tmp_path / "raw"
    path.write_bytes(b"22")
    digest = hashlib.sha256(b"22").hexdigest()
    expected = {"contentSize": "2", "sha256": digest}
    assert checksums.size_and_sha256(str(path)) == expected


@pytest.mark.parametrize("algorithm", ["adler32", "sha256"])
def test_a_file_that_ends_early_is_reported(tmp_path, monkeypatch, algorithm):
    path = tmp_path / "raw"
    path.write_bytes(b"22")
    stat = os.stat_result((0, 0, 0, 0, 0, 0, 3, 0, 0, 0))
    monkeypatch.setattr(checksums.os, "fstat", lambda descriptor: stat)
    with pytest.raises(logs.InputError, match=f"{path}: 2 of 3 bytes could be read"):
        checksums.file_digest(path, algorithm)
