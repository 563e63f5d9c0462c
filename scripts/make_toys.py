"""Write toy events in the official raw format of a data set."""

from hepfold.core import logs
from hepfold.toys import raw_files, registry


def make_toys(
    generator: str, n_events: int, seed: int, has_header: bool, raw_path: str
) -> None:
    """Write `n_events` toy events as gzipped CSV, like the official download."""
    if generator not in registry.BLOCKS:
        known = ", ".join(registry.BLOCKS)
        raise logs.InputError(
            f"toy: there is no generator {generator!r}; known: {known}"
        )
    blocks = registry.BLOCKS[generator](n_events, seed)
    categories = registry.CATEGORIES[generator]
    raw_files.write_csv_gz(raw_path, blocks, categories, has_header)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    make_toys(
        generator=snakemake.params.settings["toy"],
        n_events=snakemake.params.settings["n_toy"],
        seed=sum(snakemake.params.settings[key] for key in ("seed", "toy_seed")),
        has_header=snakemake.params.settings["header"] is None,
        raw_path=snakemake.output.raw,
    )
