"""Download the raw files of a data set and verify their checksums."""

from pathlib import Path

from hepfold.core import logs
from hepfold.data import downloads, sources


def download(params: dict, folder: str) -> None:
    """Download the files at all addresses in the sources of a data set.

    Files are kept next to the folder until all have arrived, then moved into it, so
    that an interrupted job keeps them.
    """
    dataset, data_folder = params["wildcards"]["dataset"], params["data_folder"]
    beside = Path(folder).parent
    # Two processes may be parts of one file.
    names: dict[str, None] = {}
    for address, checksum in map(sources.split, sources.addresses(params["files"])):
        name = sources.file_name(address)
        mirrors = sources.mirrors_of(address, params["mirrors"])
        # A file with its final name is complete: an earlier attempt downloaded it.
        if not (path := beside / name).exists():
            downloads.fetch(address, checksum, mirrors, data_folder, path, dataset)
        names[name] = None
    Path(folder).mkdir()
    for name in names:
        (beside / name).replace(Path(folder) / name)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    download(snakemake.params.settings, snakemake.output.folder)
