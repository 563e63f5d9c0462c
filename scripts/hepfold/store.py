"""Files that the workflow makes: events and scores (Parquet), folds (HDF5), records.

Every file is written under a temporary name beside its final one and renamed when it
is complete, so that a file that exists is whole.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import yaml
from safetensors import safe_open
from safetensors.numpy import save_file

from hepfold import logs

# What has to be left on a disk beside the data: the HDF5 chunks of many folds.
DISK_RESERVE_BYTES = 64 << 20


@contextmanager
def replacing(path: str) -> Iterator[Path]:
    """A temporary path that becomes `path` at the end, or is removed on an error."""
    final = Path(path)
    temporary = final.with_name(f".{final.name}.part")
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: str, record: dict) -> None:
    """Write a record as JSON, readable by people too."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n")


def read_json(path: str) -> dict:
    """The record in a JSON file."""
    return json.loads(Path(path).read_text())


def write_csv(path: str, table: pl.DataFrame) -> None:
    """Write a table as CSV."""
    with replacing(path) as temporary:
        table.write_csv(temporary)


def read_text(path: str) -> str:
    """The text in a file."""
    return Path(path).read_text()


def read_yaml(path: str) -> dict:
    """The record in a YAML file."""
    return yaml.safe_load(read_text(path))


def read_csv(path: str, numbers: tuple[str, ...]) -> pl.DataFrame:
    """The table in a CSV file; the named columns are numbers though they be empty."""
    overrides = dict.fromkeys(numbers, pl.Float64)
    return pl.read_csv(path, schema_overrides=overrides, infer_schema_length=None)


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
    """Copy a file."""
    with replacing(path) as temporary:
        shutil.copyfile(source, temporary)


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
    with replacing(pdf_path) as pdf, replacing(png_path) as png:
        figure.savefig(pdf, format="pdf", metadata={"CreationDate": None})
        figure.savefig(png, format="png", dpi=150)


def write_tensors(path: str, tensors: dict[str, np.ndarray], made_by: dict) -> None:
    """Write arrays as safetensors: no code in the file, none run to read it."""
    with replacing(path) as temporary:
        save_file(tensors, temporary, {"hepfold": json.dumps(made_by)})


def read_tensors(path: str) -> tuple[dict[str, np.ndarray], dict]:
    """Arrays by name, and what was noted of how they came about."""
    with safe_open(path, "numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return arrays, json.loads(file.metadata()["hepfold"])


def write_table(
    path: str, parts: Iterable[pl.DataFrame], made_by: dict | None = None
) -> None:
    """Write a table as Parquet, part by part; `made_by` says how it came about."""
    writer = None
    with replacing(path) as temporary:
        try:
            for part in parts:
                chunk = part.to_arrow()
                if writer is None:
                    note = {"hepfold": json.dumps(made_by)}
                    schema = chunk.schema.with_metadata(note)
                    writer = pq.ParquetWriter(temporary, schema, compression="zstd")
                writer.write_table(chunk.cast(writer.schema))
        finally:
            if writer is not None:
                writer.close()


def read_table(path: str) -> pl.DataFrame:
    """A whole Parquet table."""
    return pl.read_parquet(path)


def read_made_by(path: str) -> dict:
    """What `write_table` noted of how the table came about."""
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
    top = Path(folder)
    return {str(p.relative_to(top)) for p in top.rglob("*") if p.is_file()}


def verify_checksum(path: str, checksum: str | None, name: str) -> None:
    """Refuse a file whose checksum is not `algorithm=digits`; `name` is told."""
    if checksum is None:
        return
    algorithm, _, expected = checksum.partition("=")
    found = file_digest(path, algorithm)
    if found != expected.lower():
        raise logs.InputError(
            f"{name}: wrong checksum, {algorithm} is {found}, not {expected}"
        )
