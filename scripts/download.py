"""Download the raw files of a data set and verify their checksums."""

from pathlib import Path

from hepfold.core import logs
from hepfold.data import downloads, sources


def download(
    source: list[str], mirrors: list[str], data_folder: str, folder: str
) -> None:
    """Fetch every address, with an optional `#algorithm=digits` behind it.

    Files get into the folder when all are there; until then they stay beside it, so
    that a broken transfer is resumed.
    """
    place = Path(folder).parent
    names = []
    for address, checksum in map(sources.split, sources.addresses(source)):
        names.append(sources.file_name(address))
        same_file = sources.mirrors_of(address, mirrors)
        # What has its name is whole: an earlier try may have fetched it.
        if not (place / names[-1]).exists():
            downloads.fetch(
                address, checksum, same_file, data_folder, place / names[-1]
            )
    Path(folder).mkdir()
    for name in names:
        (place / name).replace(Path(folder) / name)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    download(
        source=[
            *sources.entries(snakemake.params.settings["source"]),
            *sources.entries(snakemake.params.settings["test_source"]),
        ],
        mirrors=snakemake.params.settings["mirrors"],
        data_folder=snakemake.params.settings["data_folder"],
        folder=snakemake.output.folder,
    )
