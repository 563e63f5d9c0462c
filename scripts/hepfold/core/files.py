"""Atomic writers and verifying readers of files.

Every file is written under a temporary name and renamed when complete, so that a file
under its final name is never partial. Files of folds, scores, models and records embed
a checksum, which readers verify.
"""

import json
import mmap
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import yaml
from isal import isal_zlib
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save_file

from hepfold.core import logs

# Free space to require beyond the data: HDF5 allocates chunks for every fold.
DISK_RESERVE_BYTES = 64 << 20
# In a sealed file, this mark precedes the CRC-32 of the file as eight hexadecimal
# digits, which are taken as zeros when the CRC is computed.
MARK = "hepfold-crc32:"
SEAL = f"{MARK}00000000"
REMEDY = "remove it and start again to recreate it"


@contextmanager
def replacing(path: str, sealed: bool = False) -> Iterator[Path]:
    """Temporary path that is renamed to `path` at the end, or removed on an error.

    If `sealed`, the caller writes SEAL into the file; its digits are then replaced by
    the checksum.
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
    """Replace the digits of SEAL in a file by the checksum of the file."""
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        start = content.find(SEAL.encode()) + len(MARK)
        content[start : start + 8] = b"%08x" % isal_zlib.crc32(content)


def verify(path: str) -> None:
    """Raise an `InputError` if a file was altered or truncated after it was written.

    A file without a mark has no checksum and is only checked for being empty.
    """
    now = Path(path).stat()
    if now.st_size == 0:
        raise logs.InputError(f"{path}: the file is empty; {REMEDY}")
    verify_once(path, now.st_ino, now.st_size, now.st_mtime_ns)


@cache
def verify_once(path: str, *state: int) -> None:
    """Verify a whole file, once per job unless its `state` changes."""
    # The digits are set to zero in memory only.
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as content,
    ):
        start = content.find(MARK.encode())
        if start < 0:
            return
        place = slice(start + len(MARK), start + len(SEAL))
        digits = content[place]
        if len(digits) == 8:
            content[place] = b"00000000"
        if digits != b"%08x" % isal_zlib.crc32(content):
            raise logs.InputError(
                f"{path}: the file was altered or cut short since it was made; {REMEDY}"
            )


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Verify a file before it is read, and turn read errors into an `InputError`."""
    verify(path)
    try:
        yield
    except (
        OSError,
        ValueError,
        yaml.YAMLError,
        pl.exceptions.PolarsError,
        SafetensorError,
    ) as error:
        reason = str(error).splitlines()[0]
        raise logs.InputError(
            f"{path}: the file cannot be read ({reason}); {REMEDY}"
        ) from error


def write_json(path: str, record: dict, sealed: bool = True) -> None:
    """Write a record as JSON with one key per line."""
    record = record | ({"checksum": SEAL} if sealed else {})
    with replacing(path, sealed) as temporary:
        temporary.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n")


def read_json(path: str) -> dict:
    """The record in a JSON file, without its checksum."""
    with reading(path):
        record = json.loads(Path(path).read_text())
        record.pop("checksum", None)
        return record


def write_csv(path: str, table: pl.DataFrame) -> None:
    """Write a table as CSV."""
    with replacing(path) as temporary:
        table.write_csv(temporary)


def read_csv(path: str, numbers: tuple[str, ...]) -> pl.DataFrame:
    """The table in a CSV file; the columns `numbers` are float64 even if empty."""
    overrides = dict.fromkeys(numbers, pl.Float64)
    with reading(path):
        return pl.read_csv(path, schema_overrides=overrides, infer_schema_length=None)


def write_yaml(path: str, record: dict) -> None:
    """Write a record as YAML."""
    with replacing(path) as temporary:
        temporary.write_text(yaml.safe_dump(record, sort_keys=False))


def read_yaml(path: str) -> dict:
    """The record in a YAML file."""
    with reading(path):
        return yaml.safe_load(Path(path).read_text())


def check_free_space(path: str, n_bytes: int) -> None:
    """Raise an `InputError` if the disk has no room for another `n_bytes`.

    HDF5 crashes on a full disk, so its writers have to check first.
    """
    free = shutil.disk_usage(Path(path).parent).free
    if free < n_bytes + DISK_RESERVE_BYTES:
        raise logs.InputError(
            f"{path}: the disk is full, {free >> 20} MB free, "
            f"{(n_bytes + DISK_RESERVE_BYTES) >> 20} MB needed; free some space and "
            "start again"
        )


def write_text(path: str, text: str) -> None:
    """Write a text file."""
    with replacing(path) as temporary:
        temporary.write_text(text)


def read_bytes(path: str) -> bytes:
    """The content of a file."""
    with reading(path):
        return Path(path).read_bytes()


def write_bytes(path: str, content: bytes) -> None:
    """Write a binary file."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def copy(source: str, path: str) -> None:
    """Copy a file after verifying its checksum."""
    verify(source)
    with replacing(path) as temporary:
        shutil.copyfile(source, temporary)


def write_zip(path: str, texts: dict[str, str]) -> None:
    """Write a zip archive of text files; the bytes depend only on the texts."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, text in texts.items():
            # The default date is constant: the earliest one that the format allows.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)


def write_figure(figure, pdf_path: str, png_path: str) -> None:
    """Write a figure as PDF and PNG; the bytes depend only on the figure."""
    with replacing(pdf_path) as pdf, replacing(png_path) as png:
        figure.savefig(pdf, format="pdf", metadata={"CreationDate": None})
        # The second drawing reuses the layout of the first.
        figure.set_layout_engine("none")
        figure.savefig(png, format="png", dpi=150)


def write_tensors(path: str, tensors: dict[str, np.ndarray], made_by: dict) -> None:
    """Write arrays as safetensors, a format without executable code."""
    # A single entry, because safetensors does not fix the order of several entries.
    metadata = {"hepfold": json.dumps({**made_by, "checksum": SEAL})}
    with replacing(path, sealed=True) as temporary:
        save_file(tensors, temporary, metadata)


def read_tensors(path: str) -> tuple[dict[str, np.ndarray], dict]:
    """Arrays by name, and the record `made_by` that `write_tensors` stored."""
    with reading(path), safe_open(path, "numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        made_by = json.loads(file.metadata()["hepfold"])
        made_by.pop("checksum", None)
        return arrays, made_by


def tensors_in(content: bytes) -> tuple[dict[str, np.ndarray], dict]:
    """Arrays and record of a file of `write_tensors`, from its bytes.

    The file starts with the length of its header, which is JSON.
    """
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    made_by = json.loads(metadata["hepfold"])
    made_by.pop("checksum", None)
    return load(content), made_by


def write_table(
    path: str, parts: Iterable[pl.DataFrame], made_by: dict | None = None
) -> None:
    """Write a table as Parquet, part by part, with the provenance record `made_by`."""
    import pyarrow.parquet as pq  # 0.1 s, which most steps need not spend

    writer = None
    with replacing(path, sealed=True) as temporary:
        try:
            for part in parts:
                chunk = part.to_arrow()
                if writer is None:
                    metadata = {"hepfold": json.dumps(made_by), "checksum": SEAL}
                    schema = chunk.schema.with_metadata(metadata)
                    writer = pq.ParquetWriter(temporary, schema, compression="zstd")
                writer.write_table(chunk.cast(writer.schema))
        finally:
            if writer is not None:
                writer.close()


def read_table(path: str, without: tuple[str, ...] = ()) -> pl.DataFrame:
    """A Parquet table; columns in `without` are not read, and need not exist."""
    with reading(path):
        return pl.scan_parquet(path).drop(without, strict=False).collect()


def read_made_by(path: str) -> dict:
    """The provenance record `made_by` that `write_table` stored."""
    import pyarrow.parquet as pq

    with reading(path):
        return json.loads(pq.read_schema(path).metadata[b"hepfold"])


def names_below(folder: str) -> set[str]:
    """Relative paths of all files in a folder and its subfolders."""
    paths = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in paths}
