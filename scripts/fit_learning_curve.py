"""Measure the learning curve of a model, and fit a power law to it."""

from collections.abc import Iterator

import polars as pl

from hepfold.analysis import learning_curve_fits, learning_curves
from hepfold.core import columns, files, logs, tables
from hepfold.data import fold_file

# Columns that are read from the scores of a fold.
READ = (columns.LABEL, columns.WEIGHT, columns.SCORE)


def fit_learning_curve(
    train_path: str,
    fraction_paths: list[str],
    full_paths: list[str],
    params: dict,
    points_path: str,
    law_path: str,
    record_path: str,
) -> None:
    """Write the points of the curve, the fitted law and the record of the fit.

    `fraction_paths` are the scores of models trained on fractions, fold by fold, and
    `full_paths` those of the folds, trained on all events.
    """
    curve = learning_curves.curve(scores_of_folds(fraction_paths, full_paths))
    record, law = learning_curve_fits.fit(curve, params["extrapolate_to"])
    names = params["wildcards"]
    files.write_csv(points_path, tables.named_rows(curve.table(), names))
    files.write_csv(law_path, tables.named_rows(law, names))
    files.write_json(
        record_path, {**names, "toy": fold_file.is_toy(train_path), **record}
    )


def scores_of_folds(
    fraction_paths: list[str], full_paths: list[str]
) -> Iterator[list[pl.DataFrame]]:
    """For each fold, scores of its events by the models of each fraction, all last."""
    n_fractions = len(fraction_paths) // len(full_paths)
    for i, full_path in enumerate(full_paths):
        paths = fraction_paths[i * n_fractions : (i + 1) * n_fractions]
        parts = [files.read_table(path) for path in paths]
        n_all = parts[0]["n_all_events"][0]
        full = files.read_table(full_path).filter(
            pl.col(columns.SUBSET) == columns.TRAIN
        )
        full = full.with_columns(fraction=pl.lit(1.0), n_training_events=pl.lit(n_all))
        kept = [*READ, "fraction", "n_training_events"]
        yield [part.select(kept) for part in (*parts, full)]


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    fit_learning_curve(
        train_path=snakemake.input.train,
        fraction_paths=snakemake.input.fractions,
        full_paths=snakemake.input.full,
        params=snakemake.params.settings,
        points_path=snakemake.output.points,
        law_path=snakemake.output.law,
        record_path=snakemake.output.fit,
    )
