"""Samples of a data set under the variations of its systematic uncertainties."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from hepfold.core import settings_datasets, settings_decays
from hepfold.data import datasets, event_samples, sources

UP, DOWN = "up", "down"
DIRECTIONS = (UP, DOWN)
# Name of the systematic, and direction.
Key = tuple[str, str]


def directions(
    systematic: settings_datasets.Systematic,
) -> Iterator[tuple[str, settings_datasets.Variation]]:
    """Name and variation of each direction that is declared."""
    yield UP, systematic.up
    if not isinstance(systematic.down, str):
        yield DOWN, systematic.down


def records(declared: settings_datasets.Dataset) -> list[dict]:
    """Each variation of a data set as plain values, for the settings of a rule.

    `processes` are those that it changes; `has_scores` tells whether its events are
    scored, or only have other weights.
    """
    nominal = event_samples.of("", declared, "", "")
    every = event_samples.process_names(declared)
    return [
        {
            "systematic": name,
            "direction": direction,
            "processes": [
                process
                for sample in varied("", systematic, direction, nominal, "")
                for process in ([sample.process] if sample.process else every)
            ],
            "has_scores": varies_events(variation),
        }
        for name, systematic in declared.systematics.items()
        for direction, variation in directions(systematic)
    ]


def mirrored(declared: settings_datasets.Dataset) -> list[str]:
    """Systematics for which only the direction up is declared."""
    return [
        name
        for name, systematic in declared.systematics.items()
        if len(list(directions(systematic))) == 1
    ]


def varies_events(variation: settings_datasets.Variation) -> bool:
    """Whether the events differ from the nominal ones, not only their weights."""
    return bool(variation.tree or variation.files)


def varied(
    place: str,
    systematic: settings_datasets.Systematic,
    direction: str,
    nominal: list[event_samples.EventSample],
    downloaded: str,
) -> Iterator[event_samples.EventSample]:
    """The samples that one direction changes, with their settings below `place`.

    A process keeps its own tree or weight. `downloaded` is the folder of the
    downloads of this direction.
    """
    variation = getattr(systematic, direction)
    for sample in nominal:
        if systematic.processes and sample.process not in systematic.processes:
            continue
        process, changes = sample.process_settings, {}
        if variation.tree and not (process and process.tree):
            changes = {"tree": variation.tree, "setting": f"{place}.tree"}
        if variation.weight and not (process and process.weight is not None):
            changes["weight"] = (f"{place}.weight", variation.weight)
        if files := variation.files.get(sample.process):
            changes["files"] = tuple(sources.files(files, sources.TOYS, downloaded))
            changes["setting"] = f"{place}.files.{sample.process}"
        if changes:
            yield replace(sample, **changes)


def samples(
    name: str,
    declared: settings_datasets.Dataset,
    key: Key,
    toys: str,
    downloaded: str,
    varied_folder: str,
) -> list[event_samples.EventSample]:
    """The samples of a variation of the data set called `name`.

    `downloaded` is the folder of the downloads of the data set, `varied_folder` that of
    the variation.
    """
    systematic, direction = key
    place = f"datasets.{name}.systematics.{systematic}.{direction}"
    nominal = event_samples.of(name, declared, toys, downloaded)
    changed = declared.systematics[systematic]
    return list(varied(place, changed, direction, nominal, varied_folder))


def for_weights(declared: settings_datasets.Dataset) -> settings_datasets.Dataset:
    """The declaration reduced to ids and weights, so that few columns are read."""
    features = datasets.feature_sets(declared)[datasets.ALL]
    return msgspec.structs.replace(
        declared,
        features=features[:1],
        categories={},
        bodies={},
        spectrum=None,
        regions={},
        keep=(),
        hypothesis=None,
        units="file",
        steps={},
        factors={},
        decays=settings_decays.Decays(),
    )
