"""Splitting of events into folds, and writing of fold files."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hepfold.core import checksums, columns, settings_datasets
from hepfold.data import (
    event_arrays,
    event_ids,
    event_reader,
    event_samples,
    fold_file,
    folds,
    reading_plan,
    sources,
    subset_counts,
)


def layout_of(
    plan: reading_plan.ReadingPlan, processes: tuple[str, ...]
) -> fold_file.Layout:
    """The layout of the fold files of a data set with the given processes."""
    regions = tuple(plan.declared.regions)
    region = (columns.REGION,) if regions else ()
    return fold_file.Layout(
        continuous=plan.dataset.continuous,
        categorical=plan.dataset.categorical,
        processes=processes,
        regions=regions,
        extra=(columns.PROCESS, *plan.kept, *region),
    )


def write(
    reader: event_reader.EventReader,
    parts: Iterable[event_arrays.Events],
    train: fold_file.FoldWriter,
    test: fold_file.FoldWriter,
    seed: int,
) -> folds.WeightSums:
    """Write events into the folds of two files, and return their sums of weights."""
    n_folds = len(train.folds)
    sums = folds.WeightSums(n_folds)
    for part in parts:
        key = event_ids.fold_keys(part, reader.plan.declared.id)
        fold = folds.assign(key, seed, n_folds)
        sums.add(part, fold)
        is_train = folds.is_train(part)
        reader.count_subsets(part, is_train)
        train.append(part, np.where(is_train, fold, fold_file.NOWHERE))
        test.append(part, np.where(is_train, fold_file.NOWHERE, fold))
    train.flush()
    test.flush()
    others = tuple(dict.fromkeys((*train.layout.others, *test.layout.others)))
    train.layout = test.layout = replace(train.layout, others=others)
    return sums


def check(reader: event_reader.EventReader, sums: folds.WeightSums) -> None:
    """Check that folds and subsets have enough events and weight of both classes."""
    reader.check_selected()
    train = columns.SUBSETS.index(columns.TRAIN)
    folds.check_classes(sums.counts[train])
    subset_counts.check(sums.counts.sum(axis=1), reader.plan.setting)
    sums.check()


def record(reader: event_reader.EventReader) -> dict:
    """Record of the events that were read, for fold files; checks their ids."""
    return {
        "n_equal": reader.check_keys(),
        "cut_flow": reader.cut_flow.rows(),
        "expected": reader.expected_events(),
    }


def origin(params: dict, declared: settings_datasets.Dataset) -> dict:
    """Origin of fold files: settings, raw files, and whether events are toy events."""
    return {
        "settings": params,
        "source": sources.without_folders(event_samples.entries(declared)),
        "toy": event_samples.is_toy(declared),
    }


def verify_checksums(declared: settings_datasets.Dataset) -> None:
    """Raise an error for a local file whose declared checksum differs."""
    for path, checksum in sources.checksums(event_samples.entries(declared)):
        checksums.verify_checksum(path, checksum, path)
