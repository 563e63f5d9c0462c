"""Where raw events come from: addresses, files that a user has, or simulation."""

import glob

SIMULATION = "toy"


def entries(source: str | list[str]) -> list[str]:
    """The parts of a source, which may be one text or a list."""
    return [source] if isinstance(source, str) else list(source)


def split(entry: str) -> tuple[str, str | None]:
    """Address or path and its checksum: `file.csv.gz#sha256=0123...`."""
    location, _, checksum = entry.partition("#")
    return location, checksum or None


def is_address(entry: str) -> bool:
    """Whether an entry has to be downloaded."""
    return entry.startswith(("https://", "http://"))


def addresses(source: str | list[str]) -> list[str]:
    """The entries of a source that have to be downloaded."""
    return [entry for entry in entries(source) if is_address(entry)]


def local_files(source: str | list[str]) -> list[str]:
    """Files that a user has, in order; those of a pattern sorted by name.

    A pattern that no file fits stays as it is, so that it is named as missing.
    """
    found = []
    for location, _ in map(split, entries(source)):
        if not is_address(location) and location != SIMULATION:
            found += sorted(glob.glob(location)) or [location]
    return found


def files(source: str | list[str], simulated: str, downloaded: str) -> list[str]:
    """All raw files of a source, in order.

    `simulated` is the file that simulation makes, `downloaded` the folder of downloads.
    """
    found = []
    for location, _ in map(split, entries(source)):
        if location == SIMULATION:
            found.append(simulated)
        elif is_address(location):
            found.append(f"{downloaded}/{file_name(location)}")
        else:
            found += local_files(location)
    return found


def checksums(source: str | list[str]) -> list[tuple[str, str]]:
    """File and checksum of each entry that a user has and tells a checksum of."""
    return [
        (location, checksum)
        for location, checksum in map(split, entries(source))
        if checksum and not is_address(location)
    ]


def mirrors_of(address: str, mirrors: list[str]) -> list[str]:
    """Addresses of mirrors that hold the same file, by itself or in a zip archive.

    A mirror is the address of a folder, ending in `/`, or of an archive.
    """
    name = file_name(address)
    return [mirror + name if mirror.endswith("/") else mirror for mirror in mirrors]


def file_name(location: str) -> str:
    """The last part of an address or path."""
    return location.rpartition("/")[2]


def told(source: str | list[str]) -> list[str]:
    """A source without the folders of the machine that it is on."""
    locations = [split(entry)[0] for entry in entries(source)]
    return [where if is_address(where) else file_name(where) for where in locations]


def is_simulated(source: str | list[str]) -> bool:
    """Whether events come from the simulation of this project."""
    return SIMULATION in entries(source)
