"""Checksums of whole files."""

import hashlib
import zlib
from pathlib import Path

from hepfold.core import logs


def file_digest(path: str, algorithm: str) -> str:
    """Checksum of a file as hexadecimal digits: `adler32` or a hashlib algorithm."""
    with open(path, "rb") as file:
        if algorithm != "adler32":
            return hashlib.file_digest(file, algorithm).hexdigest()
        value = 1
        while block := file.read(1 << 20):
            value = zlib.adler32(block, value)
        return f"{value:08x}"


def sha256(path: str) -> str:
    """SHA-256 of a file as hexadecimal digits."""
    return file_digest(path, "sha256")


def size_and_sha256(path: str) -> dict[str, str]:
    """Size in bytes and SHA-256 of a file, under their schema.org names."""
    return {"contentSize": str(Path(path).stat().st_size), "sha256": sha256(path)}


def verify_checksum(path: str, checksum: str | None, name: str) -> None:
    """Raise an `InputError` unless a file has the checksum `algorithm=digits`.

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
