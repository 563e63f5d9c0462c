"""Names and expressions in the declaration of a data set, and the keys of each."""

import difflib
from collections.abc import Iterable, Iterator

from hepfold.core import logs, settings_datasets, settings_samples
from hepfold.data import expressions


def names(declared: settings_datasets.Dataset) -> Iterator[tuple[str, str]]:
    """Name and key of each column or variable that is named outside of expressions.

    A name is listed once for each key, the most important key last.
    """
    for key, body in declared.bodies.items():
        yield from ((name, f"bodies.{key}.more") for name in body.more)
    yield from ((name, f"categories.{name}") for name in declared.categories)
    if declared.spectrum:
        yield declared.spectrum.feature, "spectrum.feature"
    yield from ((name, "keep") for name in declared.keep)
    sets = declared.features
    for key, members in sets.items() if isinstance(sets, dict) else [("", sets)]:
        for name in members:
            yield name, f"features.{key}" if key else "features"
    test = declared.test
    if isinstance(test, settings_samples.TestEvents) and test.column:
        yield test.column, "test.column"
    if declared.id:
        yield declared.id, "id"
    if declared.process:
        yield declared.process.column, "process.column"
    if declared.label:
        yield declared.label.column, "label.column"


def expression_texts(declared: settings_datasets.Dataset) -> Iterator[tuple[str, str]]:
    """Key and text of each expression."""
    for variable, text in declared.define.items():
        yield f"define.{variable}", text
    for key in ("select", "weight", "test"):
        text = getattr(declared, key)
        if isinstance(text, str):
            yield key, text
    for region, text in declared.regions.items():
        yield f"regions.{region}", text
    for place, sample in samples(declared):
        for key in ("select", "weight"):
            text = getattr(sample, key, None)
            if text is not None:
                yield f"{place}.{key}", text
    for name, systematic in declared.systematics.items():
        for direction in ("up", "down"):
            text = getattr(getattr(systematic, direction), "weight", None)
            if text is not None:
                yield f"systematics.{name}.{direction}.weight", text


def samples(declared: settings_datasets.Dataset) -> Iterator[tuple]:
    """Key and settings of each process, of further events, and of collisions."""
    for key, process in declared.processes.items():
        yield f"processes.{key}", process
    for key, sample in declared.apply.items():
        yield f"apply.{key}", sample
    if declared.data:
        yield "data", declared.data


def used(declared: settings_datasets.Dataset) -> dict[str, str]:
    """Key that uses each name, also within expressions that can be parsed."""
    by_name = {}
    for key, text in expression_texts(declared):
        try:
            inner = expressions.parse(text, key).names
        except logs.InputError:
            continue
        by_name |= dict.fromkeys(inner, key)
    return by_name | dict(names(declared))


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Known names that resemble a name, in any case of letters."""
    by_lower = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), by_lower, 3)
    return [by_lower[other] for other in near]


def hint(name: str, known: Iterable[str]) -> str:
    """Hint to the known names that resemble a name, for the end of a message."""
    near = nearest(name, known)
    return f"; did you mean {', '.join(near)}?" if near else ""
