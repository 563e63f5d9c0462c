"""Read raw files, check every value, and split the events into folds."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np

from hepfold.core import files, logs, prefetch
from hepfold.data import datasets, fold_file, folds, readers, sources, units


def ingest(
    params: dict, toys: str, downloaded: str, train_path: str, test_path: str
) -> None:
    """Write the fold files of training and test events; there may be no test events."""
    definition = datasets.DATASETS[params["wildcards"]["dataset"]]
    n_folds = params["n_folds"]
    source, test_source = sources.entries(params["source"]), params["test_source"]
    train_files = sources.files(source, toys, downloaded)
    test_files = sources.files(test_source, toys, downloaded)
    for path, checksum in sources.checksums([*source, *test_source]):
        files.verify_checksum(path, checksum, path)
    layout = fold_file.Layout.of(definition, params["columns"])
    finder, sums = units.UnitFinder(definition), folds.WeightSums(n_folds)
    made_by = {
        "settings": params,
        "source": sources.without_folders([*source, *test_source]),
    }
    parts = readers.read_events(
        train_files, test_files, definition, params["columns"], params["trees"]
    )
    with (
        ThreadPoolExecutor(1) as executor,
        closing(prefetch.made_ahead(parts)) as ahead,
        fold_file.writing(train_path, n_folds, layout, made_by) as train,
        fold_file.writing(test_path, n_folds, layout, made_by) as test,
    ):
        digests = executor.map(files.sha256, train_files + test_files)
        for part in folds.last_as_test(ahead, params["n_test"]):
            finder.observe(part)
            fold = folds.assign(part.event_id, params["seed"], n_folds)
            sums.add(part, fold)
            is_train = folds.is_train(part)
            train.append(part, np.where(is_train, fold, fold_file.NOWHERE))
            test.append(part, np.where(is_train, fold_file.NOWHERE, fold))
        train.flush()
        test.flush()
        folds.check_classes(train.class_counts)
        folds.check_test_classes(test.class_counts)
        sums.check()
        made_by |= {"units": finder.units(), "source_sha256": list(digests)}


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    ingest(
        params=snakemake.params.settings,
        toys=snakemake.params.toys,
        downloaded=snakemake.params.downloaded,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
