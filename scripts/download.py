"""Download the raw file of a data set and verify its checksum."""

from hepfold import datasets, downloads, logs


def download(source: str, raw_path: str) -> None:
    """Fetch `source`, an address with an optional `#algorithm=digits` behind it."""
    address, checksum = datasets.split_source(source)
    downloads.fetch(address, checksum, raw_path)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    download(
        source=snakemake.params.settings["source"],
        raw_path=snakemake.output.raw,
    )
