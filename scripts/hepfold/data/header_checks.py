"""Comparison of a declared data set with the headers of its local files."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from hepfold.core import logs, settings_datasets, settings_samples
from hepfold.data import (
    column_kinds,
    declared_names,
    event_samples,
    raw_tables,
    readers,
    reading_plan,
    source_checks,
    sources,
    variations,
)

# Parts of an error message about one file: place and reason.
Fault = tuple[str, str, str]
# Number of columns that a message lists if none resembles a missing one.
N_SHOWN = 9
# Stands for all folders of downloads, whose files are checked when they are read.
DOWNLOADED = f"{source_checks.GENERATED}downloaded"


def faults(
    name: str, declared: settings_datasets.Dataset, must_exist: bool = True
) -> list[str]:
    """What is wrong with the local files of a data set, each fault in one line.

    Unless they `must_exist`, missing files are none: another workflow may make them.

    Reads the headers of the first and the last file of each sample; all other files are
    checked when their events are read. A fault of several files is reported once.
    """
    lines = list(source_checks.faults(name, declared, must_exist))
    try:
        plan = reading_plan.ReadingPlan(name, declared)
    except logs.InputError:  # reported by `declaration_checks`
        return lines
    places: dict[tuple[str, str], list[str]] = {}
    for sample in samples_with_headers(name, declared):
        for path in dict.fromkeys((sample.files[0], sample.files[-1])):
            for key, place, reason in faults_of_file(plan, sample, path):
                places.setdefault((key, reason), []).append(place)
    for (key, reason), of_files in places.items():
        first, *others = dict.fromkeys(of_files)
        more = f" and {len(others)} more" if others else ""
        lines.append(f"{key}: {first}{more}: {reason}")
    return lines


def samples_with_headers(
    name: str, declared: settings_datasets.Dataset
) -> Iterator[event_samples.EventSample]:
    """Samples, each with those of its files that exist before the run."""
    samples = [
        *event_samples.of(
            name,
            declared,
            f"{source_checks.GENERATED}toys",
            DOWNLOADED,
        ),
        *varied_samples(name, declared),
        *further_samples(name, declared),
    ]
    for sample in samples:
        existing = [
            path
            for path in sample.files
            if source_checks.GENERATED not in path
            and Path(sources.archive_of(path)).is_file()
        ]
        if existing:
            yield replace(sample, files=tuple(existing))


def further_samples(
    name: str, declared: settings_datasets.Dataset
) -> Iterator[event_samples.EventSample]:
    """Samples of events to score and of recorded collisions.

    Only events of a process need its weight.
    """
    for key, sample in declared_names.samples(declared):
        if isinstance(sample, settings_samples.Sample):
            place = f"datasets.{name}.{key}"
            further = event_samples.further(place, sample, declared, DOWNLOADED)
            yield further if sample.process else replace(further, weight=None)


def varied_samples(
    name: str, declared: settings_datasets.Dataset
) -> Iterator[event_samples.EventSample]:
    """Samples of the processes under each variation of a systematic uncertainty."""
    nominal = event_samples.of(
        name,
        declared,
        f"{source_checks.GENERATED}toys",
        DOWNLOADED,
    )
    for key, systematic in declared.systematics.items():
        for direction, _ in variations.directions(systematic):
            place = f"datasets.{name}.systematics.{key}.{direction}"
            yield from variations.varied(
                place, systematic, direction, nominal, DOWNLOADED
            )


def faults_of_file(
    plan: reading_plan.ReadingPlan, sample: event_samples.EventSample, path: str
) -> Iterator[Fault]:
    """Key, place and reason of everything that a sample needs but a file lacks."""
    try:
        header = plan.header(sample, path)
        holds = readers.columns(path, sample.tree, header, sample.setting)
    except logs.InputError as error:
        yield of_reader(error, sample.setting, path)
        return
    if not sample.has_truth and sample.process is None:
        # Such events have a weight only if their files have its columns.
        has_weight = plan.weight_columns(sample) <= holds.keys()
        sample = sample if has_weight else replace(sample, weight=None)
    is_root = readers.format_of(path) == readers.ROOT
    place = f"{path}, tree {sample.tree!r}" if is_root and sample.tree else path
    noun = "branch" if is_root else "column"
    lacking = list(faults_of_columns(plan, sample, holds, noun))
    yield from ((key, place, reason) for key, reason in lacking)
    if not lacking:
        found = faults_of_values(plan, sample, holds)
        yield from ((key, place, reason) for key, reason in found)
    yield from faults_of_metadata(sample, path)


def of_reader(error: logs.InputError, setting: str, path: str) -> Fault:
    """An error of a reader as key, place and reason."""
    reason = str(error).removeprefix(f"{setting}: ").removeprefix(path)
    return setting, path, reason.lstrip(":, ")


def faults_of_columns(
    plan: reading_plan.ReadingPlan,
    sample: event_samples.EventSample,
    holds: dict[str, str],
    noun: str,
) -> Iterator[tuple[str, str]]:
    """Key and reason of columns that are missing or cannot be read."""
    key_of = keys(plan, sample)
    has_header = tuple(holds) != plan.declared.header
    renamed = () if has_header else plan.declared.rename.values()
    for name, kind in plan.kinds(sample).items():
        if name not in holds and name in renamed:
            yield (
                f"{plan.setting}.rename",
                "the file has no header line, so that its columns have the names in "
                "`header`; rename none of these",
            )
        elif name not in holds and name in plan.variables.definitions:
            yield (
                key_of[name],
                f"{name!r} is defined after it; `define` is in order, so move "
                f"{name!r} up",
            )
        elif name not in holds and name in plan.optional_columns(sample):
            continue
        elif name not in holds:
            near = declared_names.nearest(name, [*holds, *plan.variables.definitions])
            shown = ", ".join(near or list(holds)[:N_SHOWN])
            hint = f"did you mean {shown}?" if near else f"the file has {shown}"
            yield key_of[name], f"no {noun} {name!r}; {hint}"
        elif holds[name] != readers.UNTYPED:
            try:
                column = column_kinds.Column(name, noun, kind, holds[name])
                column_kinds.check(column, "")
            except logs.InputError as error:
                yield key_of[name], str(error).removeprefix(", ")


def keys(
    plan: reading_plan.ReadingPlan, sample: event_samples.EventSample
) -> dict[str, str]:
    """Setting that needs each column of the files of a sample."""
    evaluated = (*plan.variables.definitions.values(), *plan.expressions_of(sample))
    key_of = {name: e.setting for e in evaluated for name in e.names}
    for name, key in declared_names.names(plan.declared):
        key_of[name] = f"{plan.setting}.{key}"
    for name, column in plan.declared.rename.items():
        key_of[column] = f"{plan.setting}.rename.{name}"
    return key_of


def faults_of_values(
    plan: reading_plan.ReadingPlan,
    sample: event_samples.EventSample,
    holds: dict[str, str],
) -> Iterator[tuple[str, str]]:
    """Key and reason of variables that cannot be computed from columns of these types.

    They are computed for one made-up event.
    """
    names = {column: name for name, column in plan.declared.rename.items()}
    table = {
        names.get(column, column): example(kind, holds[column])
        for column, kind in plan.kinds(sample).items()
        if column in holds  # kept columns may be absent
    }
    values = plan.variables.of(table, 1)
    lengths = {
        names.get(column, column): "list" if text.startswith("list of") else text[0]
        for column, text in holds.items()
        if not column_kinds.is_flat(text)
    }
    key_of = dict(declared_names.names(plan.declared))
    for name in (*plan.dataset.features, *plan.kept):
        if name in plan.variables.definitions and is_sure(plan, [name], lengths):
            try:
                values.numbers(name, "event")
            except logs.InputError as error:
                yield of_variable(error, f"{plan.setting}.{key_of[name]}")
    for expression in plan.expressions_of(sample):
        if is_sure(plan, expression.names, lengths):
            try:
                expression.evaluate(values, 1)
            except logs.InputError as error:
                yield of_variable(error, expression.setting)


def is_sure(
    plan: reading_plan.ReadingPlan, names: Iterable[str], lengths: dict[str, str]
) -> bool:
    """Whether the lists behind variables are of one kind, fixed or variable in length.

    Lists of both kinds can be combined where their lengths agree, which events tell.
    """
    behind = plan.variables.columns(names)
    return len({lengths[column] for column in behind & lengths.keys()}) < 2


def of_variable(error: logs.InputError, setting: str) -> tuple[str, str]:
    """Key and reason of an error about a variable; its text may begin with a key."""
    place, _, reason = str(error).partition(": ")
    if place.startswith("datasets."):
        return place, reason
    return setting, f"{place.removeprefix('events, ')}: {reason}"


def example(kind: str, holds: str) -> np.ndarray:
    """A column of one event: lists have one element, or their fixed number of them."""
    if kind == raw_tables.TEXT or holds == "text":
        return np.array([b"a"])
    if holds == readers.UNTYPED:
        return np.ones(1)
    if column_kinds.is_flat(holds):
        dtypes = {name: dtype for dtype, name in column_kinds.NUMBER_NAMES.items()}
        return np.ones(1, dtypes.get(holds, holds))
    import awkward as ak

    length = int(holds.split()[0]) if holds[0].isdigit() else 1
    value = 1.0
    for _ in range(holds.count("list of") - holds.startswith("list of")):
        value = [value]
    return ak.Array([[value] * length])


def faults_of_metadata(sample: event_samples.EventSample, path: str) -> Iterator[Fault]:
    """Key, place and reason of a metadata tree or branch that a file lacks."""
    process = sample.process_settings
    total = process.sum_of_weights if process else None
    if not isinstance(total, settings_samples.MetadataSum):
        return
    setting = sample.setting.replace(".files", ".sum_of_weights")
    try:
        holds = readers.columns(path, total.tree, None, setting)
    except logs.InputError as error:
        yield of_reader(error, setting, path)
        return
    if total.branch not in holds:
        hint = ", ".join(declared_names.nearest(total.branch, holds) or holds)
        place = f"{path}, tree {total.tree!r}"
        yield f"{setting}.branch", place, f"no branch {total.branch!r}; it has {hint}"
