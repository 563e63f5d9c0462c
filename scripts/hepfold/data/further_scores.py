"""Tables of scores of events without truth: recorded collisions, or events to score."""

from dataclasses import replace

import numpy as np
import polars as pl

from hepfold.core import columns, logs, settings_datasets, settings_samples
from hepfold.data import (
    event_arrays,
    event_ids,
    event_samples,
    fold_file,
    folds,
    readers,
    reading_plan,
)


def sample_of(
    plan: reading_plan.ReadingPlan,
    name: str,
    declared: settings_datasets.Dataset,
    further: settings_samples.Sample,
    downloaded: str,
) -> event_samples.EventSample:
    """The sample of that name; recorded events and files without weights have none.

    `downloaded` is the folder of its downloads.
    """
    is_recorded = name == columns.RECORDED
    place = f"{plan.setting}.{name if is_recorded else f'apply.{name}'}"
    sample = event_samples.further(place, further, declared, downloaded)
    if is_recorded or not (sample.process or has_weight(plan, sample)):
        return replace(sample, weight=None, is_recorded=is_recorded)
    return sample


def has_weight(
    plan: reading_plan.ReadingPlan, sample: event_samples.EventSample
) -> bool:
    """Whether all files of a sample have the columns of the data set's weight."""
    if sample.weight is None:
        return False
    needed = plan.weight_columns(sample)
    return all(
        needed
        <= readers.columns(
            path, sample.tree, plan.header(sample, path), sample.setting
        ).keys()
        for path in sample.files
    )


def is_weighted(sample: event_samples.EventSample) -> bool:
    """Whether the events of a sample have weights."""
    return sample.weight is not None or sample.process is not None


def n_entries(sample: event_samples.EventSample) -> int | None:
    """Number of events in the trees of a sample, before any selection.

    None unless all files are ROOT files.
    """
    if any(readers.format_of(path) != readers.ROOT for path in sample.files):
        return None
    from hepfold.data import root_files

    return sum(
        root_files.n_events(path, sample.tree, sample.setting) for path in sample.files
    )


def trained_keys(
    train_path: str, sample: event_samples.EventSample, id_name: str | None
) -> np.ndarray:
    """Keys of training events that may be events of a sample, in ascending order."""
    if sample.is_recorded:
        return np.empty(0, "i8")
    return event_ids.trained_keys(train_path, id_name, sample.process)


def check_categories(
    part: event_arrays.Events,
    sample: event_samples.EventSample,
    layout: fold_file.Layout,
) -> None:
    """Raise an error for values of a category that occur in no event of the folds."""
    first = len(layout.continuous)
    for i, (name, values) in enumerate(layout.categorical.items(), first):
        n_other = np.count_nonzero(part.inputs[:, i] == len(values))
        if n_other and name not in layout.others:
            listed = ", ".join(f"{value:g}" for value in values)
            raise logs.InputError(
                f"{sample.setting}: {name} of {n_other} events is none of {listed}; "
                "no model was trained on other values: select events without "
                f"them, or add the values to `categories.{name}`"
            )


def spectrum(
    part: event_arrays.Events, plan: reading_plan.ReadingPlan
) -> dict[str, np.ndarray]:
    """The spectrum (n_events,) by name if it is a feature; otherwise it is kept."""
    declared, features = plan.declared.spectrum, plan.dataset.features
    if declared is None or declared.feature not in features:
        return {}
    return {declared.feature: part.inputs[:, features.index(declared.feature)]}


def table(
    part: event_arrays.Events,
    score: np.ndarray,
    sample: event_samples.EventSample,
    layout: fold_file.Layout,
    plan: reading_plan.ReadingPlan,
) -> pl.DataFrame:
    """Id, or row number from 0, process, weight, kept columns, region and score.

    Recorded collisions also have their spectrum.
    """
    weight = {columns.WEIGHT: part.weight} if is_weighted(sample) else {}
    observed = spectrum(part, plan) if sample.is_recorded else {}
    extra = {**observed, **part.extra}
    rows = {
        plan.declared.id or columns.ROW: part.event_id,
        **weight,
        **folds.with_names(extra, layout.processes, layout.regions),
        columns.SCORE: score,
    }
    scored = pl.DataFrame(rows)
    if sample.process is None:
        return scored
    process = pl.Series(columns.PROCESS, [sample.process]).new_from_index(0, len(part))
    return scored.insert_column(1, process)
