"""Collect tables, figures and provenance in one folder that goes into a paper."""

import logging
from pathlib import Path

from hepfold import logs, provenance, publishing, store

SCRIPTS = Path(__file__).parent


def publish(
    metrics_paths: list[str], figure_paths: list[str], settings: dict, folder_path: str
) -> None:
    """Write the published folder and tell its main figures."""
    records = [store.read_json(path) for path in metrics_paths]
    origin = {
        "commit": publishing.git_commit(SCRIPTS),
        "packages": provenance.all_package_versions(SCRIPTS),
        "data": {r["dataset"]: {k: r[k] for k in publishing.SOURCE} for r in records},
        "config": settings["config"],
    }
    publishing.write_folder(folder_path, records, figure_paths, origin)
    table = publishing.metrics_table(records)
    logging.info("Published in %s:\n%s", folder_path, publishing.markdown(table))


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    publish(
        metrics_paths=snakemake.input.metrics,
        figure_paths=snakemake.input.figures,
        settings=snakemake.params.settings,
        folder_path=snakemake.output.folder,
    )
