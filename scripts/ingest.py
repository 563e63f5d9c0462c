"""Read raw files, check every value, and split the events into folds."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from hepfold.core import checksums, logs, parsing, prefetch, settings_datasets
from hepfold.data import (
    event_reader,
    event_samples,
    fold_file,
    folds,
    ingestion,
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
    ingestion.verify_checksums(declared)
    layout = ingestion.layout_of(reader.plan, reader.processes)
    finder = units.UnitFinder(reader.plan.dataset)
    made_by = ingestion.origin(params, declared)
    with (
        ThreadPoolExecutor(1) as executor,
        closing(prefetch.made_ahead(reader.read(samples))) as ahead,
        fold_file.writing(train_path, n_folds, layout, made_by) as train,
        fold_file.writing(test_path, n_folds, layout, made_by) as test,
    ):
        digests = executor.map(checksums.sha256, event_samples.paths(samples))
        parts = folds.last_as_test(ahead, event_samples.n_last(declared))
        observed = finder.observed(parts)
        sums = ingestion.write(reader, observed, train, test, params["seed"])
        ingestion.check(reader, sums)
        made_by |= ingestion.record(reader)
        made_by |= {"units": finder.units(), "source_sha256": list(digests)}


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    ingest(
        params=snakemake.params.settings,
        toys=snakemake.params.toys,
        downloaded=snakemake.params.downloaded,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
