"""Gather the parts of a large data set, and check their events together."""

from dataclasses import replace

from hepfold.core import logs, parsing, settings_datasets
from hepfold.data import (
    event_reader,
    event_samples,
    gathered_folds,
    ingestion,
    part_records,
)


def gather_parts(
    train_parts: list[str],
    test_parts: list[str],
    params: dict,
    train_path: str,
    test_path: str,
) -> None:
    """Write fold files that refer to those of the parts, in the order of the files."""
    name, n_folds = params["wildcards"]["dataset"], params["n_folds"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    reader = event_reader.EventReader(name, declared)
    totals = part_records.Totals(reader, n_folds)
    samples = event_samples.of(name, declared, "", "")
    luminosity = declared.luminosity_ipb
    factors = [event_reader.normalization(sample, luminosity) for sample in samples]
    parts = []
    for path, i_sample in zip(train_parts, params["samples"], strict=True):
        record = part_records.read(path)
        first_row = totals.add(record, factors[i_sample], samples[i_sample].process)
        offset = None if reader.plan.declared.id else first_row
        parts.append(gathered_folds.PartFile(path, factors[i_sample], offset))
        part_records.read_keys(path, reader.keys)
    ingestion.check(reader, totals.sums)
    layout = ingestion.layout_of(reader.plan, reader.processes)
    layout = replace(layout, others=tuple(totals.others))
    made_by = ingestion.origin(params, declared) | ingestion.record(reader)
    made_by |= {"units": {}, "source_sha256": totals.source_sha256}
    gathered_folds.write(train_path, parts, n_folds, layout, made_by)
    tests = [replace(p, path=path) for p, path in zip(parts, test_parts, strict=True)]
    gathered_folds.write(test_path, tests, n_folds, layout, made_by)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    gather_parts(
        train_parts=snakemake.input.train,
        test_parts=snakemake.input.test,
        params=snakemake.params.settings,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
