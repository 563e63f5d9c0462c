"""Merge the scores of all folds and compute the figures of merit of a model."""

from hepfold.analysis import calibration, merits, score_tables
from hepfold.core import files, logs, parsing, settings
from hepfold.data import fold_file


def evaluate(
    score_paths: list[str],
    train_path: str,
    test_path: str,
    params: dict,
    threads: int,
    scores_path: str,
    metrics_path: str,
) -> None:
    """Write merged scores and figures of merit; `score_paths` has one file per fold."""
    names, seed = params["wildcards"], params["seed"]
    parts = {path: files.read_table(path) for path in score_paths}
    n_train = fold_file.count_events(train_path, len(score_paths))
    n_test = fold_file.count_events(test_path)
    score_tables.check_complete(parts, n_train, n_test)
    scores = score_tables.merge_scores(list(parts.values()))
    made_by = fold_file.read_made_by(train_path)
    normalization = score_tables.normalization(params["normalization"], made_by)
    expected = score_tables.expected(normalization)
    evaluation = parsing.parse(params["evaluation"], settings.Evaluation)
    computed = merits.figures_of_merit(
        scores, expected, params["b_reg"], evaluation, seed, threads
    )
    if mass := fold_file.read_dataset(train_path).hypothesis:
        by_mass = score_tables.with_mass(scores, [train_path, test_path], mass)
        n_replicas = evaluation.n_replicas
        computed = merits.with_mass_aucs(computed, by_mass, n_replicas, seed, threads)
    scores, calibrated = calibration.with_calibrated(scores, evaluation.calibration)
    record = {
        **names,
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
    files.write_json(metrics_path, record)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    evaluate(
        score_paths=snakemake.input.scores,
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        scores_path=snakemake.output.scores,
        metrics_path=snakemake.output.metrics,
    )
