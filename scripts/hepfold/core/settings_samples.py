"""Settings of the files of a data set: samples, and columns that classify events.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults.
"""

import re
from typing import Literal

from hepfold.core.settings_base import Count, NonNegative, Settings

# msgspec 0.22 corrupts memory for a union of constrained text and a constrained list.
Files = str | tuple[str, ...]
Cell = str | bool | int | float
Cells = str | bool | int | float | tuple[Cell, ...]
ENTRY = re.compile(r"[^#]+(#(adler32|md5|sha1|sha256|sha512)=[0-9a-fA-F]+)?")


def entries(files: Files) -> tuple[str, ...]:
    """Entries of a setting of files, which is one string or a list."""
    return (files,) if isinstance(files, str) else files


def check_entries(files: Files, name: str) -> None:
    """Raise ValueError for an empty list, or for an entry with an unknown checksum."""
    if not entries(files):
        raise ValueError(f"{name} must not be empty")
    for entry in entries(files):
        if not ENTRY.fullmatch(entry):
            raise ValueError(
                f"{entry!r} must be a file or a URL, optionally followed by a checksum "
                "such as #sha256=..."
            )


class MetadataSum(Settings):
    """A sum over a tree that has one entry per run or file.

    tree: Name of the tree.
    branch: Branch that is summed over all files of the process.
    """

    tree: str
    branch: str


class Process(Settings):
    """A physics process: one sample of simulated events.

    files: Files, as in the data set.
    label: Class of its events.
    tree: Tree of its ROOT files; null is the tree of the data set.
    select: Selection, in addition to that of the data set.
    weight: Weight that replaces the weight of the data set; null keeps the latter.
    xsec_pb: Cross-section in pb; with `luminosity_ipb` and `sum_of_weights` it
        normalizes the weights.
    sum_of_weights: Sum of the weights of all generated events, before any selection: a
        number, or a metadata tree.
    uncertainty: Relative log-normal uncertainty of its normalization in the workspace;
        null is none.
    title: Name in figures; null is the key of the process.
    """

    files: Files
    label: Literal["signal", "background"]
    tree: str | None = None
    select: str | None = None
    weight: str | None = None
    xsec_pb: NonNegative | None = None
    sum_of_weights: float | MetadataSum | None = None
    uncertainty: NonNegative | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        """Check the files, and that a cross-section has a sum of weights."""
        check_entries(self.files, "files")
        if (self.xsec_pb is None) != (self.sum_of_weights is None):
            raise ValueError("xsec_pb and sum_of_weights need each other")


class LabelColumn(Settings):
    """A column that holds the class of each event.

    column: Name of the column.
    signal: Value, or list of values, of signal events.
    background: Value, or list of values, of background events.
    """

    column: str
    signal: Cells
    background: Cells


class ProcessColumn(Settings):
    """A column that holds the process of each event.

    column: Name of the column.
    signal: Values that are signal processes.
    background: Values that are background processes.
    """

    column: str
    signal: tuple[Cell, ...]
    background: tuple[Cell, ...]


class TestEvents(Settings):
    """Test events: one of `last`, `files` or `column`.

    last: The last events of the files.
    files: Separate files.
    column: A column whose values are the subsets of the other keys.
    train: Value of training events.
    public: Value of public test events.
    private: Value of private test events.
    test: Value of test events.
    unused: Value of events that are left out.
    """

    last: Count | None = None
    files: Files | None = None
    column: str | None = None
    train: Cells | None = None
    public: Cells | None = None
    private: Cells | None = None
    test: Cells | None = None
    unused: Cells | None = None

    def __post_init__(self) -> None:
        """Check that one way is chosen."""
        if sum(way is not None for way in (self.last, self.files, self.column)) != 1:
            raise ValueError("one of last, files and column must be given")
        if (self.column is None) != (self.train is None):
            raise ValueError("column and train need each other")
        if self.files is not None:
            check_entries(self.files, "files")


class Sample(Settings):
    """Other events: recorded collisions, or events to score.

    files: Files, as in the data set.
    tree: Tree of ROOT files; null is the tree of the process, or of the data set.
    select: Selection, in addition to that of the data set.
    process: Process of all events, if known: its selection, weight and normalization
        apply.
    """

    files: Files
    tree: str | None = None
    select: str | None = None
    process: str | None = None

    def __post_init__(self) -> None:
        """Check the files."""
        check_entries(self.files, "files")
