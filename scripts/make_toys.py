"""Write toy events in the official raw format of a data set."""

from hepfold.core import logs
from hepfold.data import datasets
from hepfold.toys import raw_files, registry


def make_toys(dataset: str, n_events: int, seed: int, raw_path: str) -> None:
    """Write `n_events` toy events as gzipped CSV, like the official download."""
    blocks = registry.BLOCKS[dataset](n_events, seed)
    has_header = datasets.DATASETS[dataset].has_header
    categories = registry.CATEGORIES[dataset]
    raw_files.write_csv_gz(raw_path, blocks, categories, has_header)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    make_toys(
        dataset=snakemake.wildcards.dataset,
        n_events=snakemake.params.settings["n_toy"],
        seed=snakemake.params.settings["seed"],
        raw_path=snakemake.output.raw,
    )
