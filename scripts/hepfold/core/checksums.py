"""Checksums of whole files."""

import hashlib
import os
import zlib
from pathlib import Path
from typing import BinaryIO

from hepfold.core import logs


def file_digest(path: str, algorithm: str) -> str:
    """Checksum of a file as hexadecimal digits: `adler32` or a hashlib algorithm.

    Raises an `InputError` if fewer bytes were read than the file holds, because a
    network file system may end a file early without an error.
    """
    with open(path, "rb") as file:
        if algorithm == "adler32":
            digits = f"{adler32(file):08x}"
        else:
            digits = hashlib.file_digest(file, algorithm).hexdigest()
        n_read, n_bytes = file.tell(), os.fstat(file.fileno()).st_size
    if n_read != n_bytes:
        raise logs.InputError(
            f"{path}: {n_read:,} of {n_bytes:,} bytes could be read; the file has "
            "changed or its file system is at fault; copy it to a local disk"
        )
    return digits


def adler32(file: BinaryIO) -> int:
    """Adler-32 of the rest of an open file."""
    value = 1
    while block := file.read(1 << 20):
        value = zlib.adler32(block, value)
    return value


def sha256(path: str) -> str:
    """SHA-256 of a file as hexadecimal digits."""
    return file_digest(path, "sha256")


def size_and_sha256(path: str) -> dict[str, str]:
    """Size in bytes and SHA-256 of a file, under their schema.org names."""
    return {"contentSize": str(Path(path).stat().st_size), "sha256": sha256(path)}


def verify_checksum(path: str, checksum: str | None, name: str) -> None:
    """Raise an `InputError` if the checksum of a file is not `algorithm=digits`.

    The message calls the file `name`.
    """
    if checksum is None:
        return
    algorithm, _, expected = checksum.partition("=")
    actual = file_digest(path, algorithm)
    if actual != expected.lower():
        raise logs.InputError(
            f"{name}: wrong checksum, {algorithm} is {actual}, not {expected}"
        )
