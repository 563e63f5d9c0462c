"""Write training curves and figures of merit as TensorBoard event files."""

import logging

from hepfold.core import files, logs
from hepfold.publish import event_files, tracked_values


def export_event_files(
    history_paths: list[str], metrics_path: str, folder: str
) -> None:
    """Write a folder with an event file per fold and member, and per subset."""
    histories = [files.read_csv(p, tracked_values.VALIDATION) for p in history_paths]
    values = tracked_values.table(histories, files.read_json(metrics_path))
    event_files.write(folder, values)
    logging.info("Wrote %d values into %s.", len(values), folder)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    export_event_files(
        history_paths=snakemake.input.histories,
        metrics_path=snakemake.input.metrics,
        folder=snakemake.output.folder,
    )
