"""Collect tables, figures and provenance in one folder that goes into a paper."""

import logging
import platform
from pathlib import Path

from hepfold import logs, publishing, store

SCRIPTS = Path(__file__).parent


def publish(
    metrics_paths: list[str],
    copied_paths: list[str],
    published_paths: list[str],
    settings: dict,
    readme_path: str,
    table_path: str,
    provenance_path: str,
) -> None:
    """Write the published folder and tell its main results.

    What is at each of `copied_paths` goes to that of `published_paths`.
    """
    records = [store.read_json(path) for path in metrics_paths]
    origin = {
        "python": platform.python_version(),
        "commit": publishing.git_commit(SCRIPTS),
        "packages": publishing.all_packages(records),
        "data": {r["dataset"]: {k: r[k] for k in publishing.SOURCE} for r in records},
        "config": settings["config"],
    }
    table = publishing.metrics_table(records)
    store.write_text(readme_path, publishing.readme(records))
    store.write_csv(table_path, table)
    store.write_json(provenance_path, origin)
    for path, published_path in zip(copied_paths, published_paths, strict=True):
        store.copy(path, published_path)
    logging.info("Published:\n%s", publishing.markdown(table))


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    publish(
        metrics_paths=snakemake.input.metrics,
        copied_paths=snakemake.input.copied,
        published_paths=snakemake.output.copied,
        settings=snakemake.params.settings,
        readme_path=snakemake.output.readme,
        table_path=snakemake.output.table,
        provenance_path=snakemake.output.provenance,
    )
