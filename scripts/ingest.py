"""Read raw files, check every value, and keep the events in one typed file."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from hepfold import background, datasets, foldfile, logs, readers, sources, store


def ingest(
    dataset: str, settings: dict, simulated: str, downloaded: str, events_path: str
) -> None:
    """Write the events of the raw files, with the checksums of those files."""
    definition, form = datasets.DATASETS[dataset], settings["dataset"]
    train = sources.files(form["source"], simulated, downloaded)
    test = sources.files(form["test_source"], simulated, downloaded)
    for path, checksum in sources.checksums(
        [*sources.entries(form["source"]), *form["test_source"]]
    ):
        store.verify_checksum(path, checksum, path)
    layout = foldfile.Layout.of(definition, form["columns"])
    units = foldfile.AzimuthUnits(layout, definition.scaled_azimuths)
    made_by = {
        "settings": settings,
        "source": sources.told(form["source"]) + sources.told(form["test_source"]),
    }
    parts = readers.read_events(train, test, definition, form["columns"], form["trees"])
    with (
        ThreadPoolExecutor(1) as beside,
        closing(background.made_ahead(parts)) as ahead,
        foldfile.writing(events_path, 1, layout, made_by) as writer,
    ):
        digests = beside.map(store.sha256, train + test)
        for part in ahead:
            writer.append(part)
            units.see(part)
        writer.mark_last_as_test(form["n_test"])
        made_by |= {"azimuth_unit_rad": units.told(), "source_sha256": list(digests)}


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    ingest(
        dataset=snakemake.wildcards.dataset,
        settings=snakemake.params.settings,
        simulated=snakemake.params.simulated,
        downloaded=snakemake.params.downloaded,
        events_path=snakemake.output.events,
    )
