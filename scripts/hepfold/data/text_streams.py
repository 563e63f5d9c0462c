"""Text of files, decompressed and taken out of archives, in blocks of whole lines."""

import bz2
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from isal import igzip, isal_zlib

from hepfold.core import logs
from hepfold.data import sources, text_formats

# Size of the text that is parsed at once: memory must not grow with the file.
BLOCK_BYTES = 8 << 20
ZIP_MAGIC = b"PK\x03\x04"
# Compression methods within a zip archive that `zipfile` reads.
ZIP_METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)
CORRUPT = (EOFError, OSError, zlib.error, isal_zlib.error, lzma.LZMAError)
UTF8_MARK = b"\xef\xbb\xbf"
# Characters of a blank line.
BLANK = b" \r\n"


class Compression(NamedTuple):
    """A compressed format: its name, first bytes of its files, and how to open them."""

    name: str
    begins: re.Pattern
    open: Callable[[BinaryIO], BinaryIO]


def open_zst(file: BinaryIO) -> BinaryIO:
    """Content of a zst file.

    The reader of `zstandard` raises no error if a file is truncated.
    """
    import pyarrow

    return pyarrow.CompressedInputStream(pyarrow.PythonFile(file, "r"), "zstd")


COMPRESSIONS = (
    Compression("gzip", re.compile(rb"\x1f\x8b"), lambda f: igzip.IGzipFile(fileobj=f)),
    Compression("bz2", re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), bz2.open),
    Compression("xz", re.compile(rb"\xfd7zXZ\0|]\0\0"), lzma.open),
    Compression("zst", re.compile(rb"\x28\xb5\x2f\xfd"), open_zst),
)


def line_blocks(path: str) -> Iterator[bytes]:
    """Text of a file, decompressed if necessary, in blocks of whole lines.

    Blank lines at the end of the file and a byte-order mark are left out. Raises
    `logs.InputError` for a file that is absent, corrupt or not text.
    """
    unfinished = b""
    for i_block, block in enumerate(blocks(path)):
        if i_block == 0:
            text_formats.check_text(path, block)
            block = block.removeprefix(UTF8_MARK)
        end = end_of_lines(block)
        if end:
            yield b"".join((unfinished, memoryview(block)[:end]))
            unfinished = block[end:]
        else:
            unfinished += block
    if unfinished.strip(BLANK):
        yield unfinished.rstrip(BLANK) + b"\n"


def end_of_lines(block: bytes) -> int:
    """Position after the last complete line of the block that is not blank, or 0."""
    end = block.rfind(b"\n") + 1
    while end and block[end - 1] in BLANK:
        end -= 1
    return block.find(b"\n", end) + 1 if end else 0


def blocks(path: str) -> Iterator[bytes]:
    """Content of a file, decompressed if necessary, in blocks."""
    n_bytes, kind = 0, "file"
    try:
        with opened(path) as (kind, file):
            while block := file.read(BLOCK_BYTES):
                n_bytes += len(block)
                yield block
    except zipfile.BadZipFile as error:
        raise logs.InputError(f"{path}: corrupt zip archive ({error})") from error
    except CORRUPT as error:
        if isinstance(error, OSError) and error.filename:  # it cannot be opened
            raise logs.InputError(f"{path}: {error.strerror}") from error
        raise logs.InputError(
            f"{path}: truncated or corrupt {kind} after {n_bytes} bytes of text "
            f"({error})"
        ) from error


@contextmanager
def opened(path: str) -> Iterator[tuple[str, BinaryIO]]:
    """Kind of a file and its content, unpacked according to its first bytes."""
    archive = sources.archive_of(path)
    member = path.removeprefix(archive).removeprefix(sources.MEMBER_SIGN)
    with open(archive, "rb") as file:
        if first_bytes(file).startswith(ZIP_MAGIC):
            with zipfile.ZipFile(file) as packed:
                info = member_info(path, archive, member, packed)
                with packed.open(info) as inner, decompressed(inner) as (kind, text):
                    yield ("zip archive" if kind == "file" else kind), text
        elif member:
            raise logs.InputError(f"{archive}: not a zip archive, has no {member!r}")
        else:
            with decompressed(file) as kind_and_text:
                yield kind_and_text


def member_info(
    path: str, archive: str, member: str, packed: zipfile.ZipFile
) -> zipfile.ZipInfo:
    """The requested member of an archive, or the only one."""
    # Archives made on macOS also contain a folder of attributes.
    members = {
        info.filename: info
        for info in packed.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    }
    names = [text_formats.printable(name) for name in members]
    if text_formats.OFFICE_MEMBER in members:
        raise logs.InputError(f"{path}: an Excel or Office document; save it as CSV")
    if member and member not in members:
        raise logs.InputError(
            f"{path}: no such member; the archive contains {', '.join(names)[:200]}"
        )
    if not member and len(members) != 1:
        raise logs.InputError(
            f"{path}: the archive contains {len(members)} files; choose one, as in "
            f"{archive}{sources.MEMBER_SIGN}{names[0] if names else 'events.csv'}"
        )
    info = members[member] if member else next(iter(members.values()))
    check_readable(f"{archive}{sources.MEMBER_SIGN}{member or names[0]}", info)
    return info


def check_readable(place: str, info: zipfile.ZipInfo) -> None:
    """Raise an error for a zip member that is encrypted or in an unknown format."""
    if info.flag_bits & 1:
        raise logs.InputError(f"{place}: encrypted; unpack it with its password")
    if info.compress_type not in ZIP_METHODS:
        method = info.compress_type
        name = zipfile.compressor_names.get(method, "unknown")
        raise logs.InputError(
            f"{place}: compressed by method {method} ({name}), which is not supported; "
            "unpack it"
        )


@contextmanager
def decompressed(file: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    """Name of the compression, or "file", and the content of the file."""
    beginning = first_bytes(file)
    for compression in COMPRESSIONS:
        if compression.begins.match(beginning):
            with compression.open(file) as text:
                yield compression.name, text
            return
    yield "file", file


def first_bytes(file: BinaryIO) -> bytes:
    """The bytes by which a format is recognized; the position returns to the start."""
    beginning = file.read(16)
    file.seek(0)
    return beginning
