"""Merge the scores of all folds and compute the figures of merit of a model."""

import numpy as np
import polars as pl

from hepfold.analysis import (
    calibration,
    fold_consistency,
    fold_scores,
    merits,
    replica_tables,
    score_tables,
    training_spread,
)
from hepfold.core import columns, files, logs, parsing, settings
from hepfold.data import fold_file


def evaluate(
    score_paths: list[str],
    train_path: str,
    test_path: str,
    params: dict,
    threads: int,
    scores_path: str,
    replicas_path: str,
    metrics_path: str,
) -> None:
    """Write merged scores, figures of merit and their replicas.

    `score_paths` has one file per fold.
    """
    seed = params["seed"]
    evaluation = parsing.parse(params["evaluation"], settings.Evaluation)
    folds = read_folds(score_paths, train_path, test_path, evaluation.fold_scores)
    scores = score_tables.merge_scores(folds.comparable)
    made_by = fold_file.read_made_by(train_path)
    normalization = score_tables.normalization(params["normalization"], made_by)
    expected = score_tables.expected(normalization)
    computed, replicas = merits.figures_of_merit(
        folds, expected, params["b_reg"], evaluation, seed, threads
    )
    fold_consistency.log_differences(computed["folds"])
    paths = [train_path, test_path]
    computed = with_mass_aucs(computed, scores, paths, evaluation, seed, threads)
    scores, calibrated = calibration.with_calibrated(scores, evaluation.calibration)
    record = {
        **params["wildcards"],
        "title": params["title"],
        "normalization": normalization,
        "n_folds": len(score_paths),
        **{name: made_by[name] for name in ("source", "source_sha256", "toy")},
        **computed,
        "calibration": calibrated,
        "settings": params,
        "trained_with": files.read_made_by(score_paths[0]),
    }
    files.write_table(scores_path, [scores], {"settings": params})
    origin = {"order": score_tables.order_digests(scores)}
    files.write_table(replicas_path, [replica_tables.of_subsets(replicas)], origin)
    files.write_json(metrics_path, record)


def with_mass_aucs(
    computed: dict,
    scores: pl.DataFrame,
    paths: list[str],
    evaluation: settings.Evaluation,
    seed: int,
    threads: int,
) -> dict:
    """Figures of merit with the AUC at each mass hypothesis, if there are any."""
    mass = fold_file.read_dataset(paths[0]).hypothesis
    if mass is None:
        return computed
    by_mass = score_tables.with_mass(scores, paths, mass)
    n_replicas = evaluation.n_replicas
    return merits.with_mass_aucs(computed, by_mass, n_replicas, seed, threads)


def read_folds(
    score_paths: list[str], train_path: str, test_path: str, kind: str
) -> training_spread.FoldScores:
    """Scores of each fold, checked to be complete; `kind` makes them comparable."""
    parts = {p: files.read_table(p, (columns.GROUP_SCORES,)) for p in score_paths}
    n_train = fold_file.count_events(train_path, range(len(score_paths)))
    score_tables.check_complete(parts, n_train, fold_file.count_events(test_path))

    def read_groups(i_fold: int) -> np.ndarray | None:
        """Scores of groups of members in a fold, if there are several."""
        table = files.read_table(score_paths[i_fold])
        groups = table.get_column(columns.GROUP_SCORES, default=None)
        return None if groups is None else groups.to_numpy()

    tables = list(parts.values())
    adjusted = fold_scores.comparable(tables, kind)
    return training_spread.FoldScores(tables, read_groups, adjusted)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    evaluate(
        score_paths=snakemake.input.scores,
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        scores_path=snakemake.output.scores,
        replicas_path=snakemake.output.replicas,
        metrics_path=snakemake.output.metrics,
    )
