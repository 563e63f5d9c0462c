"""ROOT files of toy events, whose bytes depend only on their content."""

import datetime
import types
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import awkward as ak
import numpy as np
import uproot
import uproot.writing

from hepfold.core import files
from hepfold.toys import draws

# Creation time and identifier written to ROOT files.
WRITTEN = datetime.datetime(2000, 1, 1)
IDENTITY = uuid.UUID(int=0)


class FixedTime(datetime.datetime):
    """A clock that has stopped at `WRITTEN`."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """The constant time."""
        return WRITTEN


@contextmanager
def fixed_time() -> Iterator[None]:
    """Make uproot write `WRITTEN` as the time; it has no option for this."""
    clock = types.SimpleNamespace(datetime=FixedTime)
    with (
        mock.patch.object(uproot.writing._cascade, "datetime", clock),
        mock.patch.object(uproot.writing._cascadetree, "datetime", clock),
        mock.patch.object(uproot.writing.writable, "datetime", clock),
    ):
        yield


@contextmanager
def writing(path: str) -> Iterator[uproot.WritableDirectory]:
    """A new ROOT file, which is renamed to `path` when complete."""
    with (
        files.replacing(path) as temporary,
        fixed_time(),
        uproot.recreate(temporary, uuid_function=lambda: IDENTITY) as file,
    ):
        yield file


def write(path: str, trees: dict[str, draws.Table]) -> None:
    """Write a ROOT file with trees by name, such as `folder/events`.

    Values are NumPy arrays, or awkward arrays of records, whose fields become jagged
    branches `<name>_<field>`.
    """
    with writing(path) as file:
        for name, branches in trees.items():
            types_of = {n: branch_type(values) for n, values in branches.items()}
            file.mktree(name, types_of).extend(branches)


def branch_type(values: np.ndarray | ak.Array) -> np.dtype | ak.types.Type:
    """Type of a branch, as uproot expects it."""
    return values.type.content if isinstance(values, ak.Array) else values.dtype
