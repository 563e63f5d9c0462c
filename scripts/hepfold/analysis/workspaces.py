"""HistFactory workspaces, and models with some of their uncertainties.

A workspace has one channel per region (a single channel without regions) and one sample
per process. Signal processes are scaled by the signal strength mu. Normalization
uncertainties are log-normal. A systematic uncertainty changes the normalization
(`normsys`) and the shape (`histosys`) of templates with one parameter. Each bin has one
MC statistical uncertainty of the whole background (`staterror`, after Barlow and
Beeston 1993, doi:10.1016/0010-4655(93)90005-W). MC statistics of the signal are
neglected, since they do not enter the background-only hypothesis that a discovery
rejects. Bins of low score are nearly pure background, and constrain its normalization.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import polars as pl
import pyhf

from hepfold.analysis import template_effects
from hepfold.core import columns

# Modifiers of HistFactory: normalization, shape, and MC statistical uncertainty.
NORMSYS, HISTOSYS, STATERROR = "normsys", "histosys", "staterror"
SIGNAL_STRENGTH = "mu"
# Groups of nuisance parameters. A systematic uncertainty, including its change of
# normalization, belongs to the last group.
SIMULATION, NORMALIZATION, SHAPE = "simulation", "normalization", "shape"
GROUPS = (SIMULATION, NORMALIZATION, SHAPE)

Modifier = dict[str, str | dict | list | None]
# Parameter and relative uncertainty of the normalization of each process.
Normalizations = dict[str, tuple[str, float]]


def workspace(
    templates: pl.DataFrame,
    normalizations: Normalizations,
    luminosity: Normalizations | None = None,
    effects: pl.DataFrame | None = None,
    observed: Sequence[int | None] = (),
) -> dict:
    """A HistFactory workspace in JSON form, validated against its schema.

    Takes templates without negative contents. `effects` is the table of
    `template_effects`. `observed` are counts of all bins in the order of the templates;
    if they are None or absent, the observation is the expected background.
    """
    channels, observations, start = [], [], 0
    for (name,), table in templates.group_by("channel", maintain_order=True):
        samples = []
        for (process,), part in table.group_by(columns.PROCESS, maintain_order=True):
            modifiers = [
                *of_class(name, part),
                *of_normalization(process, normalizations),
                *of_normalization(process, luminosity or {}),
                *of_systematics(name, process, effects),
            ]
            data = part["expected"].to_list()
            samples.append({"name": process, "data": data, "modifiers": modifiers})
        channels.append({"name": name, "samples": samples})
        background = table.filter(label=columns.BACKGROUND)
        total = background.group_by("low", maintain_order=True).agg(pl.sum("expected"))
        counts = list(observed[start : start + len(total)]) or [None] * len(total)
        data = [
            expected if count is None else float(count)
            for count, expected in zip(counts, total["expected"], strict=True)
        ]
        observations.append({"name": name, "data": data})
        start += len(total)
    bounds = [[0.0, largest_mu(templates)]]
    mu = {"name": SIGNAL_STRENGTH, "inits": [1.0], "bounds": bounds}
    config = {"poi": SIGNAL_STRENGTH, "parameters": [mu]}
    record = {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "hepfold", "config": config}],
        "version": "1.0.0",
    }
    return dict(pyhf.Workspace(record))


def largest_mu(templates: pl.DataFrame) -> float:
    """Upper bound of mu, large enough for the limit on a far too small signal."""
    is_signal = pl.col(columns.LABEL) == columns.SIGNAL
    signal, background = templates.filter(is_signal), templates.filter(~is_signal)
    variance = (background["expected"] + background["expected_unc"] ** 2).sum()
    return float(10 * max(1.0, np.sqrt(variance) / signal["expected"].sum()))


def of_class(channel: str, template: pl.DataFrame) -> list[Modifier]:
    """Modifier of a class: signal strength, or MC statistics of the background."""
    if template[columns.LABEL][0] == columns.SIGNAL:
        return [modifier(SIGNAL_STRENGTH, "normfactor", None)]
    unc = template["expected_unc"].to_list()
    return [modifier(f"{STATERROR}_{channel}", STATERROR, unc)]


def of_normalization(process: str, normalizations: Normalizations) -> list[Modifier]:
    """The log-normal uncertainty of the normalization of a process, if it has one."""
    if process not in normalizations:
        return []
    name, uncertainty = normalizations[process]
    factors = {"hi": 1 + uncertainty, "lo": 1 / (1 + uncertainty)}
    return [modifier(name, NORMSYS, factors)]


def of_systematics(
    channel: str, process: str, effects: pl.DataFrame | None
) -> list[Modifier]:
    """Modifiers of the kept effects on a process."""
    if effects is None or effects.is_empty():
        return []
    modifiers = []
    of_process = effects.filter(channel=channel, process=process)
    for (name,), rows in of_process.group_by("systematic", maintain_order=True):
        first = rows.row(0, named=True)
        if first["normalization"] == template_effects.KEPT:
            factors = {"hi": first["up"], "lo": first["down"]}
            modifiers.append(modifier(name, NORMSYS, factors))
        if first["shape"] == template_effects.KEPT:
            shapes = {
                "hi_data": rows["shape_up"].to_list(),
                "lo_data": rows["shape_down"].to_list(),
            }
            modifiers.append(modifier(name, HISTOSYS, shapes))
    return modifiers


def modifier(name: str, kind: str, data: dict | list | None) -> Modifier:
    """A modifier: a parameter of the model, and its effect on a sample."""
    return {"name": name, "type": kind, "data": data}


def groups(record: dict, systematics: Iterable[str]) -> dict[str, list[str]]:
    """Names of the modifiers of each group that a workspace has."""
    kinds = {
        modifier["name"]: modifier["type"]
        for channel in record["channels"]
        for sample in channel["samples"]
        for modifier in sample["modifiers"]
        if modifier["name"] != SIGNAL_STRENGTH
    }
    names: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name, kind in kinds.items():
        if kind == STATERROR:
            names[SIMULATION].append(name)
        else:
            names[SHAPE if name in systematics else NORMALIZATION].append(name)
    return names


def model(
    record: dict, included: Collection[str], systematics: Iterable[str] = ()
) -> pyhf.Model:
    """The model of a workspace with only the uncertainties of the included groups."""
    left_out = [
        name
        for group, names in groups(record, systematics).items()
        if group not in included
        for name in names
    ]
    return pyhf.Workspace(record).prune(modifiers=left_out).model()
