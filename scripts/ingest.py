"""Read raw files, check every value, and split the events into folds."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import numpy as np

from hepfold.core import files, logs, parsing, prefetch, settings_datasets
from hepfold.data import (
    event_ids,
    event_reader,
    event_samples,
    fold_file,
    folds,
    sources,
    units,
)


def ingest(
    params: dict, toys: str, downloaded: str, train_path: str, test_path: str
) -> None:
    """Write the fold files of training and test events; there may be no test events."""
    name, n_folds = params["wildcards"]["dataset"], params["n_folds"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    samples = event_samples.of(name, declared, toys, downloaded)
    reader = event_reader.EventReader(name, declared)
    verify_checksums(declared)
    layout = fold_file.Layout.of(reader.plan, reader.processes)
    finder = units.UnitFinder(reader.plan.dataset)
    sums = folds.WeightSums(n_folds)
    made_by = origin(params, declared)
    with (
        ThreadPoolExecutor(1) as executor,
        closing(prefetch.made_ahead(reader.read(samples))) as ahead,
        fold_file.writing(train_path, n_folds, layout, made_by) as train,
        fold_file.writing(test_path, n_folds, layout, made_by) as test,
    ):
        digests = executor.map(files.sha256, event_samples.paths(samples))
        for part in folds.last_as_test(ahead, event_samples.n_last(declared)):
            finder.observe(part)
            key = event_ids.fold_keys(part, reader.plan.declared.id)
            fold = folds.assign(key, params["seed"], n_folds)
            sums.add(part, fold)
            is_train = folds.is_train(part)
            reader.count_subsets(part, is_train)
            train.append(part, np.where(is_train, fold, fold_file.NOWHERE))
            test.append(part, np.where(is_train, fold_file.NOWHERE, fold))
        finish(train, test)
        reader.check_selected()
        folds.check_classes(train.class_counts)
        sums.check()
        made_by |= {
            "units": finder.units(),
            "source_sha256": list(digests),
            "n_equal": reader.check_keys(),
            "cut_flow": reader.cut_flow.rows(),
            "expected": reader.expected_events(),
        }


def origin(params: dict, declared: settings_datasets.Dataset) -> dict:
    """What the fold files are made from: settings, files, and whether they are toy."""
    return {
        "settings": params,
        "source": sources.without_folders(event_samples.entries(declared)),
        "toy": event_samples.is_toy(declared),
    }


def finish(train: fold_file.FoldWriter, test: fold_file.FoldWriter) -> None:
    """Write the last events; both files know the other categories of either."""
    train.flush()
    test.flush()
    others = (*train.layout.others, *test.layout.others)
    train.layout = test.layout = replace(train.layout, others=others)


def verify_checksums(declared: settings_datasets.Dataset) -> None:
    """Raise an error for a local file whose declared checksum differs."""
    for path, checksum in sources.checksums(event_samples.entries(declared)):
        files.verify_checksum(path, checksum, path)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    ingest(
        params=snakemake.params.settings,
        toys=snakemake.params.toys,
        downloaded=snakemake.params.downloaded,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
