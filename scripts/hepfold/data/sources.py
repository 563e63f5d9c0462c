"""Sources of raw events: addresses, local files and the toy generator."""

import glob
import os
import re
from urllib.parse import unquote

# Addresses over HTTP, XRootD and S3, whose files are downloaded.
ADDRESS = re.compile(r"(https?|root|s3)://")
FILE_SCHEME = "file://"
TOYS = "toy"
# `archive.zip!member` is one member of an archive.
MEMBER_SIGN = "!"


def entries(source: str | list[str]) -> list[str]:
    """Entries of a source, which is one string or a list."""
    return [source] if isinstance(source, str) else list(source)


def split(entry: str) -> tuple[str, str | None]:
    """Address or path of `file.csv.gz#sha256=0123...`, and its checksum if given."""
    location, _, checksum = entry.partition("#")
    return expanded(location), checksum or None


def expanded(location: str) -> str:
    """An address or path with the values of `$VARIABLES` and `~`, without `file://`.

    Unset variables are kept, so that an error message shows them.
    """
    location = os.path.expandvars(location)
    if location.startswith(FILE_SCHEME):
        path = location.removeprefix(FILE_SCHEME).removeprefix("localhost")
        # Any other host is kept, so that an error message shows it.
        return unquote(path) if path.startswith("/") else location
    return os.path.expanduser(location)


def is_address(entry: str) -> bool:
    """Whether an entry is downloaded."""
    return bool(ADDRESS.match(split(entry)[0]))


def addresses(source: str | list[str]) -> list[str]:
    """Entries of a source that are downloaded."""
    return [entry for entry in entries(source) if is_address(entry)]


def local_files(source: str | list[str]) -> list[str]:
    """Local files of a source in order; those of a pattern are sorted by name.

    A pattern without matching files is kept, so that an error reports it as missing.
    """
    paths = []
    for location, _ in map(split, entries(source)):
        if not is_address(location) and location != TOYS:
            paths += sorted(glob.glob(location)) or [location]
    return paths


def files(source: str | list[str], toys: str, downloaded: str) -> list[str]:
    """All raw files of a source in order.

    `toys` is the path of the generated file, `downloaded` the folder of downloads.
    """
    paths = []
    for location, _ in map(split, entries(source)):
        if location == TOYS:
            paths.append(toys)
        elif is_address(location):
            paths.append(f"{downloaded}/{file_name(location)}")
        else:
            paths += local_files(location)
    return paths


def checksums(source: str | list[str]) -> list[tuple[str, str]]:
    """Path and checksum of each local file that has a checksum."""
    return [
        (location, checksum)
        for location, checksum in map(split, entries(source))
        if checksum and not is_address(location)
    ]


def mirrors_of(address: str, mirrors: list[str]) -> list[str]:
    """Addresses at which mirrors have the same file, or an archive that contains it.

    A mirror is the address of a folder, ending in `/`, or of a zip archive.
    """
    name = file_name(address)
    return [mirror + name if mirror.endswith("/") else mirror for mirror in mirrors]


def file_name(location: str) -> str:
    """The last part of an address or path."""
    return location.rpartition("/")[2]


def archive_of(path: str) -> str:
    """The file on disk that holds a raw file: its archive, or the file itself."""
    return path if os.path.exists(path) else path.partition(MEMBER_SIGN)[0]


def without_folders(source: str | list[str]) -> list[str]:
    """Addresses and file names of a source, without local folders and checksums."""
    names = []
    for entry in entries(source):
        is_local = not is_address(entry) and entry != TOYS
        names += map(file_name, local_files(entry)) if is_local else [split(entry)[0]]
    return names


def is_toy(source: str | list[str]) -> bool:
    """Whether the source contains toy events."""
    return TOYS in entries(source)
