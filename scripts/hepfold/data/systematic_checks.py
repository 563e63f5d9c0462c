"""Contradictions within the systematic uncertainties of a declared data set."""

from collections.abc import Iterator

from hepfold.core import settings_datasets
from hepfold.data import declared_names, variations

# Names of fit parameters, which systematic uncertainties must not have.
RESERVED = {"mu", "luminosity", "background_normalization"}
# Key of a setting, and its fault.
Fault = tuple[str, str]


def faults(declared: settings_datasets.Dataset) -> Iterator[Fault]:
    """Everything that is wrong with the systematic uncertainties of a data set."""
    reserved = RESERVED | {f"{name}_normalization" for name in declared.processes}
    for name, systematic in declared.systematics.items():
        key = f"systematics.{name}"
        if name in reserved or name.startswith("staterror_"):
            yield key, f"{name!r} is a parameter of every fit; choose another name"
        for process in systematic.processes:
            if process not in declared.processes:
                hint = declared_names.hint(process, declared.processes)
                yield f"{key}.processes", f"no process {process!r}{hint}"
        for direction, variation in variations.directions(systematic):
            yield from of_variation(f"{key}.{direction}", variation, declared)


def of_variation(
    place: str,
    variation: settings_datasets.Variation,
    declared: settings_datasets.Dataset,
) -> Iterator[Fault]:
    """What is wrong with one direction of a systematic uncertainty."""
    if not (variation.tree or variation.weight or variation.files):
        yield place, "it must give a tree, a weight or files"
    if variations.varies_events(variation) and declared.id is None:
        yield (
            place,
            "varied events are scored by the models that were not trained on them, "
            "which their ids tell; set id of the data set",
        )
    for process in variation.files:
        key = f"{place}.files.{process}"
        if process not in declared.processes:
            hint = declared_names.hint(process, declared.processes)
            yield key, f"no process {process!r}{hint}"
            continue
        if isinstance(declared.processes[process].sum_of_weights, float | int):
            yield (
                key,
                "the number in sum_of_weights of the process is that of its nominal "
                "files; give a tree and a branch there, { tree: ..., branch: ... }",
            )
