"""Download the raw files of a data set and verify their checksums."""

from pathlib import Path

from hepfold.core import logs
from hepfold.data import downloads, sources


def download(params: dict, folder: str) -> None:
    """Fetch the file at every address of the sources of a data set.

    Files are moved into the folder when all have arrived; until then they lie beside
    it, so that an interrupted job keeps them.
    """
    dataset, data_folder = params["wildcards"]["dataset"], params["data_folder"]
    beside = Path(folder).parent
    names = []
    for source in (params["source"], params["test_source"]):
        for address, checksum in map(sources.split, sources.addresses(source)):
            name = sources.file_name(address)
            mirrors = sources.mirrors_of(address, params["mirrors"])
            # A file with its final name is complete, from an earlier try.
            if not (path := beside / name).exists():
                downloads.fetch(address, checksum, mirrors, data_folder, path, dataset)
            names.append(name)
    Path(folder).mkdir()
    for name in names:
        (beside / name).replace(Path(folder) / name)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    download(snakemake.params.settings, snakemake.output.folder)
