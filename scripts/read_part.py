"""Read the raw files of one part of a large data set, and split them into folds."""

from contextlib import closing

from hepfold.core import checksums, logs, parsing, prefetch, settings_datasets
from hepfold.data import (
    event_reader,
    event_samples,
    fold_file,
    ingestion,
    part_records,
)


def read_part(params: dict, train_path: str, test_path: str) -> None:
    """Write the fold files of a part, with a record and keys for all parts together."""
    name, n_folds = params["wildcards"]["dataset"], params["n_folds"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    sample = event_samples.of(name, declared, "", "")[-1]
    reader = event_reader.EventReader(name, declared)
    ingestion.verify_checksums(declared)
    layout = ingestion.layout_of(reader.plan, reader.processes)
    made_by = {"settings": params, "source": event_samples.names([sample])}
    with (
        closing(prefetch.made_ahead(reader.read([sample]))) as ahead,
        fold_file.writing(train_path, n_folds, layout, made_by) as train,
        fold_file.writing(test_path, n_folds, layout, made_by) as test,
    ):
        sums = ingestion.write(reader, ahead, train, test, params["seed"])
        digests = [checksums.sha256(path) for path in event_samples.paths([sample])]
        record = part_records.record_of(reader, sums, train.layout.others, digests)
        made_by["record"] = parsing.as_dict(record)
        part_records.write_keys(train.file, reader.keys)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    read_part(
        params=snakemake.params.settings,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
