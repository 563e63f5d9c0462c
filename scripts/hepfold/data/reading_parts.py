"""Parts of a large data set: groups of files that are read side by side."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hepfold.core import settings_datasets, settings_samples
from hepfold.data import event_samples, sources

# A larger set is read in parts of at most this many bytes. A job needs half a minute to
# read them, and two seconds to start.
MOST_BYTES = 1 << 30
# Opening a ROOT file takes as long as reading this many bytes.
BYTES_TO_OPEN = 1 << 20
N_DIGITS = 12


@dataclass(frozen=True)
class Part:
    """Files of one sample of a data set, which one job reads.

    `i_sample` is the position of the sample in `event_samples.of`. The name stays the
    same as long as the first file does.
    """

    name: str
    i_sample: int
    files: tuple[str, ...]


def of(name: str, declared: settings_datasets.Dataset) -> list[Part]:
    """The parts of a data set in the order of its files; none if one job reads all."""
    if not can_split(declared):
        return []
    samples = event_samples.of(name, declared, "", "")
    if sum(map(cost, event_samples.paths(samples))) <= MOST_BYTES:
        return []
    return [
        Part(f"{sample.process or sample.subset}_{digest(group[0])}", i_sample, group)
        for i_sample, sample in enumerate(samples)
        for group in groups(sample.files)
    ]


def can_split(declared: settings_datasets.Dataset) -> bool:
    """Whether all files exist at the start and their events are independent."""
    needs_all = declared.units == "recovered" or event_samples.n_last(declared)
    entries = event_samples.entries(declared)
    return not (
        needs_all or event_samples.is_toy(declared) or sources.addresses(entries)
    )


def groups(paths: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Consecutive files of at most `MOST_BYTES` together, or single ones.

    A group also ends before a file if a digest of its path says so, about as rarely as
    groups are full. After a file is added or has grown, the groups from the next such
    file on are therefore unchanged.
    """
    group, size = [], 0
    for path in paths:
        share = cost(path) / MOST_BYTES
        is_first = int(digest(path), 16) < share * 16**N_DIGITS
        if group and (is_first or size + share > 1):
            yield tuple(group)
            group, size = [], 0
        group.append(path)
        size += share
    if group:
        yield tuple(group)


def cost(path: str) -> int:
    """Cost of reading a file in bytes; small for a missing file."""
    location = Path(sources.archive_of(path))
    return BYTES_TO_OPEN + (location.stat().st_size if location.is_file() else 0)


def digest(path: str) -> str:
    """Hexadecimal digits that depend on a path."""
    return hashlib.sha256(path.encode()).hexdigest()[:N_DIGITS]


def declared_part(declared: dict, part: Part) -> dict:
    """The declaration of a data set, as plain values, for the files of one part.

    Its last sample is that of the part. Earlier processes are reduced to their labels,
    so that codes of processes are those of the data set. Keys that normalize weights
    are left out, as normalization depends on all files of a process.
    """
    checksums = dict(sources.checksums(entries_of(declared, part)))
    files = [f"{p}#{checksums[p]}" if p in checksums else p for p in part.files]
    if not declared["processes"]:
        if part.i_sample == 0:
            has_files = isinstance(declared["test"], dict) and declared["test"]["files"]
            test = None if has_files else declared["test"]
            return declared | {"files": files, "test": test}
        return declared | {"files": "-", "test": declared["test"] | {"files": files}}
    every = list(declared["processes"].items())[: part.i_sample + 1]
    processes = {
        name: dict.fromkeys(process) | {"label": process["label"], "files": "-"}
        for name, process in every
    }
    name, process = every[-1]
    unnormalized = {"files": files, "xsec_pb": None, "sum_of_weights": None}
    processes[name] = process | unnormalized
    return declared | {"processes": processes, "luminosity_ipb": None}


def entries_of(declared: dict, part: Part) -> tuple[str, ...]:
    """Entries of the setting of files that include a part, with their checksums."""
    if declared["processes"]:
        process = list(declared["processes"].values())[part.i_sample]
        return settings_samples.entries(process["files"])
    files = declared["files"] if part.i_sample == 0 else declared["test"]["files"]
    return settings_samples.entries(files)
