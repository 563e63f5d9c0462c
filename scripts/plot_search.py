"""Plot the trials of a search, and the importance of the settings that it varied."""

import polars as pl

from hepfold.core import files, logs, tables
from hepfold.data import fold_file
from hepfold.figures import search, style
from hepfold.training import candidates


def plot_search(
    table_paths: list[str],
    train_path: str,
    settings: dict,
    history_paths: list[str],
    importance_paths: list[str],
) -> None:
    """Write both figures of one model, each as PDF and PNG, with its numbers as CSV."""
    style.use(settings["style"])
    names = settings["wildcards"]
    record = {**names, "simulated": fold_file.is_simulated(train_path)}
    space, merit = settings["search"]["space"], settings["search"]["merit"]
    found = [files.read_csv(path, tuple(candidates.RISES)) for path in table_paths]
    table = search.in_order(pl.concat(found), merit)
    importances = search.importance_table(table, space, merit)
    *paths, csv_path = history_paths
    files.write_figure(search.history_figure(table, record, merit), *paths)
    files.write_csv(csv_path, table)
    *paths, csv_path = importance_paths
    files.write_figure(search.importance_figure(importances, record), *paths)
    files.write_csv(csv_path, tables.named_rows(importances, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    plot_search(
        table_paths=snakemake.input.tables,
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        history_paths=[snakemake.output[name] for name in ("pdf", "png", "csv")],
        importance_paths=[
            snakemake.output[f"importance_{name}"] for name in ("pdf", "png", "csv")
        ],
    )
