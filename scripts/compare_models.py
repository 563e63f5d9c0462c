"""Compare all models of a run with each other and with published results."""

import logging
from pathlib import Path

from hepfold.analysis import seed_spread
from hepfold.core import files, logs
from hepfold.publish import comparison


def compare_models(
    metrics_paths: list[str], cost_paths: list[str], table_path: str, folder: str
) -> None:
    """Write tables of figures of merit, and of time and memory, in all formats."""
    records = seed_spread.with_seeds([files.read_json(p) for p in metrics_paths])
    costs = [files.read_json(path) for path in cost_paths]
    files.write_csv(table_path, comparison.all_merits(records))
    texts = comparison.texts(records, costs)
    for name, text in texts.items():
        files.write_text(f"{folder}/{name}", text)
    logging.info("Comparison of models:\n%s", texts["comparison.md"])


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    compare_models(
        metrics_paths=snakemake.input.metrics,
        cost_paths=snakemake.input.costs,
        table_path=snakemake.output.metrics,
        folder=str(Path(snakemake.output.summary).parent),
    )
