"""Simulate events and write them in the official raw format of a data set."""

from hepfold import logs, simulation, writers


def simulate(dataset: str, n_events: int, seed: int, raw_path: str) -> None:
    """Write `n_events` toy events as the gzipped CSV that would be downloaded."""
    blocks = simulation.BLOCKS[dataset](n_events, seed)
    texts, text_format = simulation.CATEGORIES[dataset], writers.TEXT_FORMATS[dataset]
    writers.write_csv_gz(raw_path, blocks, texts, text_format)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    simulate(
        dataset=snakemake.wildcards.dataset,
        n_events=snakemake.params.settings["n_simulated"],
        seed=snakemake.params.settings["seed"],
        raw_path=snakemake.output.raw,
    )
