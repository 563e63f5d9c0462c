"""Write training curves and figures of merit as JSON lines."""

import polars as pl

from hepfold.core import files, logs
from hepfold.publish import tracked_values


def export_json_lines(history_paths: list[str], metrics_path: str, path: str) -> None:
    """Write one JSON object per value of a model."""
    histories = [files.read_csv(p, tracked_values.VALIDATION) for p in history_paths]
    record = files.read_json(metrics_path)
    values = tracked_values.table(histories, record)
    names = [pl.lit(record[name]).alias(name) for name in ("dataset", "model")]
    files.write_text(path, values.select(*names, pl.all()).write_ndjson())


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    export_json_lines(
        history_paths=snakemake.input.histories,
        metrics_path=snakemake.input.metrics,
        path=snakemake.output.lines,
    )
