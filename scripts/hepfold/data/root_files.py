"""Raw events in ROOT files: branches of a TTree or fields of an RNTuple."""

from collections.abc import Iterator

import awkward as ak
import numpy as np

from hepfold.data import (
    jagged_columns,
    raw_tables,
    root_branches,
    root_trees,
)

# Largest numbers of events, and of bytes of lists, that are read at once: memory must
# not grow with the file.
BATCH_EVENTS = 262_144
BATCH_BYTES = 200_000_000


def read(
    path: str, kinds: dict[str, str], tree: str | None, setting: str
) -> Iterator[raw_tables.RawTable]:
    """Parts of the events of a tree with the requested branches.

    `tree` may include folders and a cycle (`analysis/nominal;2`); None stands for the
    only tree of the file. Errors name the setting of that path. Names are as in
    `branches`; a minus sign in a name is part of the name. Branches of exactly one
    value per event (`float[1]`, vectors) can be read as numbers.
    """
    with root_trees.opened(path) as file:
        events = root_trees.tree_of(path, file, tree, setting)
        place = f"{path}, tree {root_trees.full_name(events)!r}, event"
        columns = root_branches.wanted(path, events, kinds, setting)
        first = 0
        names = list(dict.fromkeys(full_name for full_name, _ in columns))
        for arrays, n_events in batches(path, events, names):
            table = raw_tables.RawTable({}, place, first, n_events)
            for full_name, column in columns:
                values = arrays[full_name]
                values = jagged_columns.converted(values, column, table.where)
                table.columns[column.name] = values
            yield table
            first += n_events


def branches(path: str, tree: str | None, setting: str) -> dict[str, str]:
    """Content of each branch of a tree, from the header of the file.

    For example "float", "bool", "uint64", "list of float", "3 floats", "text", "object
    TLorentzVector" (which cannot be read) or "group of 4 branches". Sub-branches are
    named in full and, where that is unique, by their last part: `Muon/Muon.pt` and
    `Muon.pt`.
    """
    with root_trees.opened(path) as file:
        events = root_trees.tree_of(path, file, tree, setting)
        with root_trees.corruption_reported(path):
            full = root_branches.keys(events)
            holds = root_branches.descriptions(events, list(full.values()))
    return {name: holds[key] for name, key in full.items()}


def n_events(path: str, tree: str | None, setting: str) -> int:
    """Number of events in a tree, from the header of the file."""
    with root_trees.opened(path) as file:
        return int(root_trees.tree_of(path, file, tree, setting).num_entries)


def metadata_sum(path: str, tree: str, branch: str, setting: str) -> float:
    """Sum of a branch over a tree such as `Runs`, in double precision."""
    total = 0.0
    for table in read(path, {branch: raw_tables.ANY}, tree, setting):
        values = table.columns[branch]
        total += float(ak.sum(ak.values_astype(values, np.float64), axis=None))
    return total


def batches(
    path: str, tree, names: list[str]
) -> Iterator[tuple[dict[str, ak.Array], int]]:
    """Arrays of consecutive events by full name of the branch, and their number."""
    parts = ntuple_parts if root_branches.is_ntuple(tree) else tree_parts
    with root_trees.corruption_reported(path):
        iterator = parts(tree, names)
    while True:
        with root_trees.corruption_reported(path):
            arrays = next(iterator, None)
        if arrays is None:
            return
        yield arrays, len(next(iter(arrays.values())))


def tree_parts(tree, names: list[str]) -> Iterator[dict[str, ak.Array]]:
    """Parts of a TTree."""
    # If its interpretation is given too, a name is not parsed as an expression.
    branches = {name: tree[name].interpretation for name in names}
    size = root_branches.bytes_per_event(tree, names)
    step = max(1, min(BATCH_EVENTS, int(BATCH_BYTES / max(size, 1))))
    yield from tree.iterate(branches, step_size=step, library="ak", how=dict)


def ntuple_parts(tree, names: list[str]) -> Iterator[dict[str, ak.Array]]:
    """Parts of an RNTuple, each cluster of which is decompressed once."""
    selection = root_branches.fields(tree, names)
    cache = {}
    for start, stop in cluster_ranges(tree):
        # uproot also reads the next cluster; only this one is kept in the cache.
        earlier = list(cache)
        arrays = tree.arrays(
            filter_field=selection,
            entry_start=start,
            entry_stop=stop,
            array_cache=cache,
            library="ak",
        )
        for key in earlier:
            del cache[key]
        for i in range(0, stop - start, BATCH_EVENTS):
            group = arrays[i : i + BATCH_EVENTS]
            yield {name: root_branches.part(group, name) for name in names}


def cluster_ranges(tree) -> Iterator[tuple[int, int]]:
    """First and last entry (excluded) of groups of clusters, about one part each."""
    start = stop = 0
    for cluster in tree.cluster_summaries:
        if stop > start and stop - start + cluster.num_entries > BATCH_EVENTS:
            yield start, stop
            start = stop
        stop = cluster.num_first_entry + cluster.num_entries
    if stop > start:
        yield start, stop
