"""Read a raw file, check every value, and keep its events in a typed table."""

from hepfold import datasets, logs, readers, store


def ingest(
    dataset: str, raw_path: str, source: str, settings: dict, events_path: str
) -> None:
    """Write the events of a raw file, with the checksum of the file they came from."""
    location, checksum = datasets.split_source(source)
    store.verify_checksum(raw_path, checksum, raw_path)
    made_by = {
        "settings": settings,
        "source": datasets.source_name(location),
        "source_sha256": store.file_digest(raw_path, "sha256"),
    }
    events = readers.read_events(raw_path, datasets.DATASETS[dataset])
    store.write_table(events_path, events, made_by)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    ingest(
        dataset=snakemake.wildcards.dataset,
        raw_path=snakemake.input.raw,
        source=snakemake.params.settings["source"],
        settings=snakemake.params.settings,
        events_path=snakemake.output.events,
    )
