"""Files that the workflow makes: events and scores (Parquet), folds (HDF5), records.

Every file is written under a temporary name beside its final one and renamed when it
is complete, so that a file that exists is whole. What later steps read holds a checksum
of its own bytes, which is verified when it is read.
"""

import hashlib
import json
import mmap
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import yaml
from isal import isal_zlib
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from hepfold.core import logs

# What has to be left on a disk beside the data: the HDF5 chunks of many folds.
DISK_RESERVE_BYTES = 64 << 20
# Behind it a file tells its CRC-32, whose digits count as zeros when it is taken.
MARK = "hepfold-crc32:"
SEAL = f"{MARK}00000000"
# The last line of a sealed CSV or YAML file.
CSV_SEAL = f"# {SEAL}\n"
REMEDY = "remove it, and the next run makes it again"


@contextmanager
def replacing(path: str, sealed: bool = False) -> Iterator[Path]:
    """A temporary path that becomes `path` at the end, or is removed on an error.

    A `sealed` file has SEAL in it, and gets its checksum there.
    """
    final = Path(path)
    temporary = final.with_name(f".{final.name}.part")
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        if sealed:
            seal(temporary)
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def seal(path: Path) -> None:
    """Write into a file its checksum, where it has SEAL."""
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        start = content.find(SEAL.encode()) + len(MARK)
        content[start : start + 8] = b"%08x" % isal_zlib.crc32(content)


def verify(path: str, sealed: bool = False) -> None:
    """Refuse a file that was altered or cut short since it was written.

    A file without a checksum is of another program, unless it has to be `sealed`.
    """
    now = Path(path).stat()
    if now.st_size == 0:
        raise logs.InputError(f"{path}: the file is empty; {REMEDY}")
    verify_once(path, sealed, now.st_ino, now.st_size, now.st_mtime_ns)


@cache
def verify_once(path: str, sealed: bool, *state: int) -> None:
    """Read a whole file to verify it, once in a job while its `state` is the same."""
    # The digits are set to zero in memory alone.
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as content,
    ):
        place = content.find(MARK.encode())
        digits = slice(place + len(MARK), place + len(SEAL))
        told = content[digits]
        if place < 0 and not sealed:
            return
        if place >= 0 and len(told) == 8:
            content[digits] = b"00000000"
        if told != b"%08x" % isal_zlib.crc32(content):
            raise logs.InputError(
                f"{path}: the file was altered or cut short since it was made; {REMEDY}"
            )


@contextmanager
def reading(path: str, sealed: bool = False) -> Iterator[None]:
    """Verify a file that is read next, and tell in one line if it is none."""
    verify(path, sealed)
    try:
        yield
    except (OSError, ValueError, pl.exceptions.PolarsError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise logs.InputError(
            f"{path}: the file cannot be read: {reason}; {REMEDY}"
        ) from error


def write_json(path: str, record: dict, sealed: bool = True) -> None:
    """Write a record as JSON, readable by people too."""
    record = record | ({"checksum": SEAL} if sealed else {})
    with replacing(path, sealed) as temporary:
        temporary.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n")


def read_json(path: str) -> dict:
    """The record in a JSON file, without the checksum of that."""
    with reading(path):
        record = json.loads(Path(path).read_text())
        record.pop("checksum", None)
        return record


def write_csv(path: str, table: pl.DataFrame, sealed: bool = True) -> None:
    """Write a table as CSV; its checksum is a comment in the last line."""
    with replacing(path, sealed) as temporary, open(temporary, "wb") as file:
        table.write_csv(file)
        file.write(CSV_SEAL.encode() * sealed)


def read_text(path: str) -> str:
    """The text in a file."""
    return Path(path).read_text()


def write_yaml(path: str, record: dict) -> None:
    """Write a record as YAML; its checksum is a comment in the last line."""
    with replacing(path, sealed=True) as temporary:
        temporary.write_text(yaml.safe_dump(record, sort_keys=False) + CSV_SEAL)


def read_yaml(path: str) -> dict:
    """The record in a YAML file."""
    with reading(path):
        return yaml.safe_load(read_text(path))


def read_csv(path: str, numbers: tuple[str, ...]) -> pl.DataFrame:
    """The table in a CSV file; the named columns are numbers though they be empty."""
    overrides = dict.fromkeys(numbers, pl.Float64)
    with reading(path, sealed=True):
        return pl.read_csv(
            path,
            schema_overrides=overrides,
            infer_schema_length=None,
            comment_prefix=f"# {MARK}",
        )


def refuse_full_disk(path: str, n_bytes: int) -> None:
    """Refuse to write where the disk would be full after `n_bytes` more.

    HDF5 has to be asked first: it crashes on a disk that is full.
    """
    free = shutil.disk_usage(Path(path).parent).free
    if free < n_bytes + DISK_RESERVE_BYTES:
        raise logs.InputError(
            f"{path}: the disk is full, {free >> 20} MB are left where "
            f"{(n_bytes + DISK_RESERVE_BYTES) >> 20} MB are needed to go on"
        )


def write_text(path: str, text: str) -> None:
    """Write a text file."""
    with replacing(path) as temporary:
        temporary.write_text(text)


def write_bytes(path: str, content: bytes) -> None:
    """Write a file of any kind."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def copy(source: str, path: str) -> None:
    """Copy a file that is as it was made; of CSV the table alone."""
    verify(source, sealed=Path(source).suffix in (".pdf", ".png"))
    with replacing(path) as temporary:
        shutil.copyfile(source, temporary)
        if Path(source).suffix == ".csv" and MARK.encode() in temporary.read_bytes():
            os.truncate(temporary, temporary.stat().st_size - len(CSV_SEAL))


def write_zip(path: str, texts: dict[str, str]) -> None:
    """Write an archive of text files, the same bytes at any time."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, text in texts.items():
            # The default date of ZipInfo is the first that the format can hold.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)


def write_figure(figure, pdf_path: str, png_path: str) -> None:
    """Write a figure twice, the same bytes at any time."""
    about = {"CreationDate": None, "Keywords": SEAL}
    with replacing(pdf_path, True) as pdf, replacing(png_path, True) as png:
        figure.savefig(pdf, format="pdf", metadata=about)
        figure.savefig(png, format="png", dpi=150)
        # What is behind the end of a picture is not looked at.
        with open(png, "ab") as file:
            file.write(SEAL.encode())


def write_tensors(path: str, tensors: dict[str, np.ndarray], made_by: dict) -> None:
    """Write arrays as safetensors: no code in the file, none run to read it."""
    # One entry alone: of several, safetensors writes them in any order.
    about = {"hepfold": json.dumps({**made_by, "checksum": SEAL})}
    with replacing(path, sealed=True) as temporary:
        save_file(tensors, temporary, about)


def read_tensors(path: str) -> tuple[dict[str, np.ndarray], dict]:
    """Arrays by name, and what was noted of how they came about."""
    with reading(path), safe_open(path, "numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        made_by = json.loads(file.metadata()["hepfold"])
        made_by.pop("checksum", None)
        return arrays, made_by


def write_table(
    path: str, parts: Iterable[pl.DataFrame], made_by: dict | None = None
) -> None:
    """Write a table as Parquet, part by part; `made_by` says how it came about."""
    writer = None
    with replacing(path, sealed=True) as temporary:
        try:
            for part in parts:
                chunk = part.to_arrow()
                if writer is None:
                    note = {"hepfold": json.dumps(made_by), "checksum": SEAL}
                    schema = chunk.schema.with_metadata(note)
                    writer = pq.ParquetWriter(temporary, schema, compression="zstd")
                writer.write_table(chunk.cast(writer.schema))
        finally:
            if writer is not None:
                writer.close()


def read_table(path: str) -> pl.DataFrame:
    """A whole Parquet table."""
    with reading(path):
        return pl.read_parquet(path)


def read_made_by(path: str) -> dict:
    """What `write_table` noted of how the table came about."""
    with reading(path):
        return json.loads(pq.read_schema(path).metadata[b"hepfold"])


def file_digest(path: str, algorithm: str) -> str:
    """Checksum of a file as hexadecimal digits: `adler32` or a name of hashlib."""
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
    """Bytes of a file and their SHA-256, as schema.org names them."""
    return {"contentSize": str(Path(path).stat().st_size), "sha256": sha256(path)}


def names_below(folder: str) -> set[str]:
    """Paths of all files in a folder and those in it, relative to it."""
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in found}


def verify_checksum(path: str, checksum: str | None, name: str) -> None:
    """Refuse a file whose checksum is not `algorithm=digits`; `name` is told."""
    if checksum is None:
        return
    algorithm, _, expected = checksum.partition("=")
    found = file_digest(path, algorithm)
    if found != expected.lower():
        told = f"{algorithm} is {found}, not {expected}"
        raise logs.InputError(f"{name}: wrong checksum, {told}")
