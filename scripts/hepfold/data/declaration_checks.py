"""Contradictions within the declaration of a data set; files are not opened."""

import os
from collections.abc import Iterator
from itertools import combinations

from hepfold.core import columns, logs, settings_datasets, settings_samples
from hepfold.data import (
    datasets,
    decay_checks,
    declared_names,
    event_samples,
    expressions,
    readers,
    reading_plan,
    recoding,
    sources,
    systematic_checks,
    variables,
)

# Columns of tables of scores, which kept columns must not replace.
RESERVED = {
    columns.EVENT_ID,
    columns.SUBSET,
    columns.LABEL,
    columns.WEIGHT,
    columns.SCORE,
    columns.FOLD,
    columns.PROCESS,
    columns.REGION,
    "dataset",
    "model",
}


def faults(name: str, declared: settings_datasets.Dataset) -> Iterator[str]:
    """Everything that is wrong within a declaration, each fault in one line."""
    for key, reason in [
        *faults_of_features(declared),
        *faults_of_roles(declared),
        *faults_of_rename(declared),
        *faults_of_truth(declared),
        *faults_of_samples(declared),
        *decay_checks.faults(declared),
        *systematic_checks.faults(declared),
    ]:
        yield f"datasets.{name}.{key}: {reason}"
    yield from faults_of_expressions(name, declared)
    yield from faults_of_files(name, declared)


def faults_of_features(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and reason of faults of the feature sets, and of names in no set."""
    sets = datasets.feature_sets(declared)
    for key, names in sets.items():
        if not names:
            place = f"features.{key}" if isinstance(declared.features, dict) else ""
            yield place or "features", "it must not be empty"
    known = sets[datasets.ALL]
    every = {name for names in sets.values() for name in names}
    for name in sorted(every - set(known)):
        yield "features.all", f"{name!r} of another feature set is missing here"
    for key, name in features_by_key(declared):
        if name not in every:
            yield (
                key,
                f"{name!r} is not listed in features{declared_names.hint(name, every)}",
            )
    hidden = hidden_columns(declared)
    place_of = declared_names.used(declared)
    for name in known:
        for column in sorted(columns_behind(declared, name) & hidden.keys()):
            yield (
                place_of[name],
                f"{name!r} contains {hidden[column]} ({column}), which is no input",
            )


def columns_behind(declared: settings_datasets.Dataset, name: str) -> set[str]:
    """Columns from which a variable is computed."""
    try:
        return variables.Variables("", declared).columns([name])
    except logs.InputError:  # reported by `faults_of_expressions`
        return {name}


def features_by_key(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and name of every feature that another key refers to."""
    for name in declared.categories:
        yield f"categories.{name}", name
    for key, body in declared.bodies.items():
        for name in body.names:
            yield f"bodies.{key}", name
    for name in declared.steps:
        yield f"steps.{name}", name
    for name in declared.factors:
        yield f"factors.{name}", name
    if declared.hypothesis is not None:
        yield "hypothesis", declared.hypothesis


def hidden_columns(declared: settings_datasets.Dataset) -> dict[str, str]:
    """Content of each column that no feature may be computed from."""
    hidden = {}
    if declared.label:
        hidden[declared.label.column] = "the label"
    if declared.process:
        hidden[declared.process.column] = "the process"
    test = declared.test
    if isinstance(test, settings_samples.TestEvents) and test.column:
        hidden[test.column] = "the subset"
    if declared.id:
        hidden[declared.id] = "the id"
    if declared.weight:
        hidden[declared.weight] = "the weight"
    return hidden


def faults_of_roles(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and reason of roles that have no effect, or that conflict."""
    for key, values in declared.categories.items():
        if not values:
            yield f"categories.{key}", "it must list the values of the feature"
    if declared.steps and declared.units != "recovered":
        yield "steps", "they need units: recovered"
    for name in reading_plan.extra_names(declared):
        if name in RESERVED:
            key = "keep" if name in declared.keep else "spectrum.feature"
            yield key, f"{name!r} is the name of a column of every table of scores"


def faults_of_rename(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and reason of faults of the names of columns in the files."""
    place_of = declared_names.used(declared)
    optional = {declared.id, declared.weight, *declared.keep}
    if isinstance(declared.test, settings_samples.TestEvents):
        optional.add(declared.test.column)
    needed = declared_names.used(datasets.present(declared))
    for name, column in declared.rename.items():
        if name not in place_of:
            hint = declared_names.hint(name, place_of)
            yield f"rename.{name}", f"no setting uses the name {name!r}{hint}"
        elif column is None and (name not in optional or name in needed):
            yield (
                f"rename.{name}",
                f"null is for an id, weight, test column or kept column that the files "
                f"do not have; {needed[name]} needs {name!r}",
            )
    names = [
        name
        for name in place_of
        if name not in declared.define and declared.rename.get(name, name) is not None
    ]
    for one, other in combinations(names, 2):
        column = declared.rename.get(one, one)
        if column == declared.rename.get(other, other):
            yield "rename", f"{one!r} and {other!r} are both the column {column!r}"


def faults_of_truth(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and reason of values that stand for two things, and of absent classes."""
    if declared.processes:
        labels = {process.label for process in declared.processes.values()}
        for name in ("signal", "background"):
            if name not in labels:
                yield "processes", f"no process has the label {name}"
    test = declared.test
    for key, group, keys in (
        ("label", declared.label, ("signal", "background")),
        ("process", declared.process, ("signal", "background")),
        ("test", test, reading_plan.ROLES),
    ):
        if group is None or isinstance(group, str):
            continue
        cells = [
            (role, cell)
            for role in keys
            if getattr(group, role) is not None
            for cell in recoding.cells(getattr(group, role))
        ]
        for role in keys:
            if getattr(group, role) == ():
                yield f"{key}.{role}", "it must not be empty"
        for (one, cell), (other, same) in combinations(cells, 2):
            if is_same(cell, same):
                yield f"{key}.{other}", f"{same!r} is the value of {one} too"


def is_same(one: settings_samples.Cell, other: settings_samples.Cell) -> bool:
    """Whether two values of settings stand for the same value of a column."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    try:
        return float(one) == float(other)
    except ValueError:
        return str(one) == str(other)


def faults_of_samples(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and reason of faults of processes and further samples."""
    for key, process in declared.processes.items():
        if process.xsec_pb is not None and declared.luminosity_ipb is None:
            yield f"processes.{key}.xsec_pb", "it needs luminosity_ipb of the data set"
    toys = [entry for entry in event_samples.entries(declared) if sources.is_toy(entry)]
    if toys and declared.processes:
        yield "processes", "files: toy needs `files` of the data set, not of a process"


def faults_of_expressions(
    name: str, declared: settings_datasets.Dataset
) -> Iterator[str]:
    """What is wrong with the spelling of each expression."""
    for key, text in declared_names.expression_texts(declared):
        try:
            expressions.parse(text, f"datasets.{name}.{key}")
        except logs.InputError as error:
            yield str(error)


def faults_of_files(name: str, declared: settings_datasets.Dataset) -> Iterator[str]:
    """Files that would be read twice."""
    seen: dict[str, event_samples.EventSample] = {}
    for sample in event_samples.of(name, declared, "toys", "downloaded"):
        for path in sample.files:
            if sample.files.count(path) > 1:
                yield f"{sample.setting}: {path!r} is listed or matched twice"
                break
            other = seen.setdefault(os.path.realpath(path), sample)
            if other is not sample and not are_separate(path, sample, other):
                yield (
                    f"{sample.setting}: {path!r} is read for {other.setting} too; name "
                    "another tree, or give each process its own select"
                )
                break


def are_separate(
    path: str, one: event_samples.EventSample, other: event_samples.EventSample
) -> bool:
    """Whether two samples take different trees or selections of one file."""
    trees = {one.tree, other.tree}
    is_root = not os.path.isfile(path) or readers.format_of(path) == readers.ROOT
    if is_root and len(trees) == 2 and None not in trees:
        return True
    ones, others = (
        dict(sample.select).get(sample.setting.replace(".files", ".select"))
        for sample in (one, other)
    )
    return None not in (ones, others) and ones != others
