"""Branches of TTrees and fields of RNTuples: their names and content."""

import difflib
from collections import Counter
from collections.abc import Callable

import awkward as ak
import uproot
from uproot.interpretation.grouped import AsGrouped
from uproot.interpretation.identify import UnknownInterpretation
from uproot.interpretation.objects import AsObjects

from hepfold.core import logs
from hepfold.data import column_kinds, jagged_columns, root_trees

# Errors of uproot for RNTuple fields of types that it cannot read.
UNREADABLE = (NotImplementedError, AssertionError, KeyError)


def is_ntuple(tree) -> bool:
    """Whether a tree is an RNTuple."""
    return isinstance(tree, uproot.behaviors.RNTuple.RNTuple)


def keys(tree) -> dict[str, str]:
    """The full name in the tree for each name of a branch.

    A sub-branch `Muon/Muon.pt` of a TTree can be named by its last part `Muon.pt` too
    where that is unique.
    """
    names = dict.fromkeys(tree.keys())
    short_names = [name.rpartition("/")[2] for name in names]
    counts = Counter(short_names)
    short = {
        last: name
        for last, name in zip(short_names, names, strict=True)
        if counts[last] == 1
    }
    return short | {name: name for name in names}


def descriptions(tree, names: list[str]) -> dict[str, str]:
    """Content of the branches with these full names."""
    if not is_ntuple(tree):
        return {name: branch_description(tree[name]) for name in names}
    try:
        return field_descriptions(tree, names)
    except UNREADABLE:
        return {name: field_description(tree, name) for name in names}


def branch_description(branch) -> str:
    """Content of a branch of a TTree."""
    interpretation = branch.interpretation
    if isinstance(interpretation, AsGrouped):
        return f"group of {len(branch.keys())} branches"
    if isinstance(interpretation, UnknownInterpretation):
        return f"object {class_name(branch)}"
    try:
        form = interpretation.awkward_form(branch.file)
    except uproot.interpretation.objects.CannotBeAwkward:
        return f"object {class_name(branch)}"
    holds = jagged_columns.description(form)
    is_object = isinstance(interpretation, AsObjects) and "record" in holds
    return f"object {class_name(branch)}" if is_object else holds


def class_name(branch) -> str:
    """The C++ class of a branch."""
    return branch.typename or branch.member("fClassName", none_if_missing=True) or "?"


def field_descriptions(tree, names: list[str]) -> dict[str, str]:
    """Content of RNTuple fields; raises an error if uproot cannot read one."""
    form, _ = tree.to_akform(filter_field=fields(tree, names))
    empty = ak.Array(form.length_zero_array())
    return {
        name: jagged_columns.description(part(empty, name).layout.form)
        for name in names
    }


def field_description(tree, name: str) -> str:
    """Content of one RNTuple field, even if uproot cannot read it."""
    try:
        return field_descriptions(tree, [name])[name]
    except UNREADABLE:
        return f"object {tree[name].typename}"


def fields(tree, names: list[str]) -> Callable[[object], bool]:
    """A filter of exactly the fields of an RNTuple with these full names."""
    selected = set(names)
    ids = {field.field_id for name, field in tree.iteritems() if name in selected}
    return lambda field: field.field_id in ids


def part(arrays: ak.Array, key: str) -> ak.Array:
    """The array of a field such as `Muon.pt` within records."""
    for name in key.split("."):
        arrays = arrays[name]
    return arrays


def wanted(
    path: str, tree, kinds: dict[str, str], setting: str
) -> list[tuple[str, column_kinds.Column]]:
    """The requested columns, each with the full name of its branch.

    Raises an error if a branch is missing or cannot be read as its kind.
    """
    place = f"{setting}: {path}, tree {root_trees.full_name(tree)!r}"
    full = keys(tree)
    for name in kinds:
        if name not in full:
            raise logs.InputError(f"{place}: no branch {name!r}; {nearest(name, full)}")
    holds = descriptions(tree, [full[name] for name in kinds])
    columns = []
    for name, kind in kinds.items():
        column = column_kinds.Column(name, "branch", kind, holds[full[name]])
        column_kinds.check(column, place)
        columns.append((full[name], column))
    return columns


def nearest(name: str, names: dict[str, str]) -> str:
    """Branches whose names resemble a missing one, or the first of the tree."""
    by_lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), by_lower, 3)
    if near:
        return f"did you mean {', '.join(by_lower[known] for known in near)}?"
    return f"the tree contains {root_trees.listed(list(names))}"


def bytes_per_event(tree, names: list[str]) -> float:
    """Uncompressed size of branches of a TTree per event, from its header."""
    total = sum(tree[name].uncompressed_bytes for name in names)
    return total / max(tree.num_entries, 1)
