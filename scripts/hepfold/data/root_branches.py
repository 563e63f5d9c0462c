"""Branches of TTrees and fields of RNTuples: which there are and what they hold."""

import difflib

import awkward as ak
import uproot
from uproot.interpretation.grouped import AsGrouped
from uproot.interpretation.identify import UnknownInterpretation
from uproot.interpretation.objects import AsObjects

from hepfold.core import logs
from hepfold.data import column_kinds, jagged_columns, root_trees


def is_ntuple(tree) -> bool:
    """Whether a tree is an RNTuple."""
    return isinstance(tree, uproot.behaviors.RNTuple.RNTuple)


def keys(tree) -> dict[str, str]:
    """Full name in the tree of each name that a branch has.

    A sub-branch `Muon/Muon.pt` of a TTree can be named by its last part `Muon.pt` too
    where that is unique.
    """
    names = list(dict.fromkeys(tree.keys()))
    full = {}
    for name in names:
        short = name.rpartition("/")[2]
        full[short] = "" if short in full else name
    return {short: name for short, name in full.items() if name} | dict(
        zip(names, names, strict=True)
    )


def descriptions(tree) -> dict[str, str]:
    """What each branch holds, by its full name."""
    if is_ntuple(tree):
        return {key: field_description(tree, key) for key in tree.keys()}
    return {key: branch_description(tree[key]) for key in dict.fromkeys(tree.keys())}


def branch_description(branch) -> str:
    """What a branch of a TTree holds."""
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


def field_description(tree, key: str) -> str:
    """What a field of an RNTuple holds."""
    try:
        form, _ = tree.to_akform(filter_field=fields(tree, [key]))
        empty = ak.Array(form.length_zero_array())
    except (NotImplementedError, AssertionError, KeyError):
        return f"object {tree[key].typename}"
    return jagged_columns.description(part(empty, key).layout.form)


def fields(tree, wanted: list[str]):
    """A filter of exactly the fields of an RNTuple with these names."""
    ids = {field.field_id for key, field in tree.iteritems() if key in wanted}
    return lambda field: field.field_id in ids


def part(arrays: ak.Array, key: str) -> ak.Array:
    """The array of a field such as `Muon.pt` within records."""
    for name in key.split("."):
        arrays = arrays[name]
    return arrays


def wanted(
    path: str, tree, kinds: dict[str, str], setting: str
) -> dict[str, column_kinds.Column]:
    """The wanted columns by the full name of their branches.

    Raises an error if a branch is missing or cannot be read as its kind.
    """
    place = f"{setting}: {path}, tree {root_trees.full_name(tree)!r}"
    full = keys(tree)
    columns = {}
    for name, kind in kinds.items():
        if name not in full:
            raise logs.InputError(f"{place}: no branch {name!r}; {nearest(name, full)}")
        key = full[name]
        describe = field_description if is_ntuple(tree) else described
        column = column_kinds.Column(name, "branch", kind, describe(tree, key))
        column_kinds.check(column, place)
        columns[key] = column
    return columns


def described(tree, key: str) -> str:
    """What a branch of a TTree holds."""
    return branch_description(tree[key])


def nearest(name: str, names: dict[str, str]) -> str:
    """Branches whose names resemble a missing one, or the first of the tree."""
    by_lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), by_lower, 3)
    if near:
        return f"did you mean {', '.join(by_lower[known] for known in near)}?"
    return f"the tree contains {root_trees.listed(list(names))}"


def bytes_per_event(tree, columns: dict[str, column_kinds.Column]) -> float:
    """Uncompressed size of the columns per event, from the header of a TTree."""
    total = sum(tree[key].uncompressed_bytes for key in columns)
    return total / max(tree.num_entries, 1)


