"""Train a model on all folds but one; score that fold and the test events."""

from pathlib import Path

import polars as pl
import torch

from hepfold.core import (
    columns,
    costs,
    files,
    logs,
    overlays,
    parsing,
    provenance,
    settings_models,
    settings_training,
    tables,
)
from hepfold.data import event_arrays, fold_file, folds
from hepfold.models import ensembles, feature_schema, zoo
from hepfold.training import checkpoints, fit


def train_fold(
    train_path: str,
    test_path: str,
    best_path: str | None,
    params: dict,
    threads: int,
    model_path: str,
    history_path: str,
    scores_path: str,
    cost_path: str,
) -> None:
    """Write the model of one fold, its history, scores, time and memory."""
    torch.set_num_threads(threads)
    best = best_path and files.read_yaml(best_path)
    params = {**params, "model": overlays.tuned(params["model"], best)}
    settings = parsing.parse(params["model"], settings_models.Model)
    training = parsing.parse(params["training"], settings_training.Training)
    device = str(ensembles.choose_device(training.device))
    names = {**params["wildcards"], "fold": int(params["wildcards"]["fold"])}
    i_fold = names["fold"]
    schema, positions = feature_schema.read(train_path, settings.features)
    checkpoint = checkpoints.Place(f"{model_path}.state", params)
    start = costs.start(checkpoint.path)
    model, history = fit.train(
        events_of_other_folds(train_path, params, settings, i_fold),
        schema,
        settings,
        training,
        folds.fold_seed(params["seed"] + settings.seed, i_fold),
        checkpoint,
    )
    scoring = costs.start(checkpoint.path)
    n_groups = zoo.n_groups(settings)
    scores = score_tables(model, positions, train_path, test_path, n_groups, names)
    made_by = {**params, "packages": job_packages(settings), "threads": threads}
    zoo.save(model_path, model, made_by)
    files.write_csv(history_path, tables.named_rows(history, names))
    files.write_table(scores_path, scores, made_by)
    files.write_json(cost_path, names | costs.since(start, scoring, threads, device))
    checkpoints.forget(checkpoint.path)


def events_of_other_folds(
    train_path: str, params: dict, settings: settings_models.Model, i_fold: int
) -> event_arrays.Events:
    """Training events of all folds but one, with the weights of the training."""
    return feature_schema.training_events(
        train_path,
        [i for i in range(params["n_folds"]) if i != i_fold],
        settings,
        params["negative_weights"],
        params["spectrum"],
    )


def job_packages(settings: settings_models.Model) -> dict[str, str]:
    """Packages of this job; its conda environment may differ from Snakemake's."""
    return provenance.package_versions(Path(__file__), settings.module())


def score_tables(
    model: zoo.Model,
    positions: list[int],
    train_path: str,
    test_path: str,
    n_groups: int,
    names: dict,
) -> list[pl.DataFrame]:
    """Scores of the events of the fold, and of the test events."""
    parts = fold_file.read(train_path, [names["fold"]]), fold_file.read(test_path)
    layout = fold_file.read_layout(train_path)
    return [
        score_table(model, positions, part, layout, n_groups, names) for part in parts
    ]


def score_table(
    model: zoo.Model,
    positions: list[int],
    events: event_arrays.Events,
    layout: fold_file.Layout,
    n_groups: int,
    names: dict,
) -> pl.DataFrame:
    """Table of scores; the model uses the features at `positions` of the inputs.

    With several groups of members, a column has the score of each.
    """
    groups = model.group_scores(events.inputs[:, positions], n_groups)
    score = groups.mean(axis=0)
    table = folds.score_table(events, score, names, layout.processes, layout.regions)
    if n_groups == 1:
        return table
    kind = pl.Array(pl.Float32, n_groups)
    by_event = pl.Series(columns.GROUP_SCORES, groups.T.astype("f4"), kind)
    return table.with_columns(by_event)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    train_fold(
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        best_path=snakemake.input.get("best"),
        params=snakemake.params.settings,
        threads=snakemake.threads,
        model_path=snakemake.output.model,
        history_path=snakemake.output.history,
        scores_path=snakemake.output.scores,
        cost_path=snakemake.output.cost,
    )
