"""Train a model on all folds but one; score that fold and the test events."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
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
    starting_models,
    tables,
)
from hepfold.data import event_arrays, event_classes, fold_file, folds
from hepfold.models import (
    devices,
    feature_schema,
    member_weights,
    starts,
    training_events,
    zoo,
)
from hepfold.training import checkpoints, fit


def train_fold(
    train_path: str,
    test_path: str,
    best_path: str | None,
    start_paths: list[str],
    params: dict,
    threads: int,
    requested: list[float],
    model_path: str,
    history_path: str,
    scores_path: str,
    cost_path: str,
) -> None:
    """Write the model of one fold, its history, scores, time and memory.

    `requested` are the minutes and the MB that the rule estimated.
    """
    torch.set_num_threads(threads)
    best = best_path and files.read_yaml(best_path)
    params = {**params, "model": overlays.tuned(params["model"], best)}
    settings = parsing.parse(params["model"], settings_models.Model)
    training = parsing.parse(params["training"], settings_training.Training)
    device = str(devices.choose(training.device))
    names = {**params["wildcards"], "fold": int(params["wildcards"]["fold"])}
    checkpoint = checkpoints.Place(f"{model_path}.state", params)
    start = costs.start(checkpoint.path)
    model, history = fitted(
        train_path, start_paths, params, settings, training, names["fold"], checkpoint
    )
    scoring = costs.start(checkpoint.path)
    held_out = fold_file.read_parts(train_path, [names["fold"]])
    parts = itertools.chain(held_out, fold_file.read_parts(test_path))
    _, positions = feature_schema.read(train_path, settings.features)
    scored = Scored(model, positions, fold_file.read_layout(train_path), settings)
    scores = (scored.table(part, names) for part in parts)
    made_by = {**params, "packages": job_packages(settings), "threads": threads}
    zoo.save(model_path, model, made_by)
    files.write_csv(history_path, tables.named_rows(history, names))
    files.write_table(scores_path, scores, made_by)
    spent = costs.since(start, scoring, threads, device, requested)
    files.write_json(cost_path, names | spent)
    checkpoints.forget(checkpoint.path)


def fitted(
    train_path: str,
    start_paths: list[str],
    params: dict,
    settings: settings_models.Model,
    training: settings_training.Training,
    i_fold: int,
    checkpoint: checkpoints.Place,
) -> tuple[zoo.Model, zoo.History]:
    """The model trained on all folds but one, and its history."""
    schema, _ = feature_schema.of_model(train_path, settings)
    start = starting_models.start_of(settings)
    return fit.train(
        training_events.without_fold(train_path, i_fold, settings, params),
        schema,
        settings,
        training,
        folds.fold_seed(params["seed"] + settings.seed, i_fold),
        checkpoint,
        starts.read(start_paths, start, train_path, schema.features),
    )


def job_packages(settings: settings_models.Model) -> dict[str, str]:
    """Packages of this job; its conda environment may differ from Snakemake's."""
    return provenance.package_versions(Path(__file__), settings.module())


@dataclass(frozen=True)
class Scored:
    """A model, and the positions of its features in the inputs of a layout."""

    model: zoo.Model
    positions: list[int]
    layout: fold_file.Layout
    settings: settings_models.Model

    def table(self, events: event_arrays.Events, names: dict) -> pl.DataFrame:
        """Table of scores, with a column of group scores if there are several groups.

        Groups are in single precision: they only give an uncertainty.
        """
        inputs = events.inputs[:, self.positions]
        n_groups = zoo.n_groups(self.settings, self.model.n_members)
        groups = self.model.group_scores(inputs, n_groups)
        score = member_weights.mean_of_groups(groups, self.model.member_weight)
        processes, regions = self.layout.processes, self.layout.regions
        table = folds.score_table(events, score, names, processes, regions)
        table = table.with_columns(self.probabilities(inputs))
        if n_groups == 1:
            return table
        kind = pl.Array(pl.Float32, n_groups)
        by_event = pl.Series(columns.GROUP_SCORES, groups.T.astype("f4"), kind)
        return table.with_columns(by_event)

    def probabilities(self, inputs: np.ndarray) -> list[pl.Series]:
        """A column with the probabilities of each class of a multi-class model."""
        names = self.model.preparation.schema.class_names
        if not names:
            return []
        values = self.model.class_probabilities(inputs).astype("f4")
        return [
            pl.Series(event_classes.PROBABILITY + name, of_class)
            for name, of_class in zip(names, values, strict=True)
        ]


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    train_fold(
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        best_path=snakemake.input.get("best"),
        start_paths=list(snakemake.input.get("start", [])),
        params=snakemake.params.settings,
        threads=snakemake.threads,
        requested=[snakemake.resources.runtime, snakemake.resources.mem_mb],
        model_path=snakemake.output.model,
        history_path=snakemake.output.history,
        scores_path=snakemake.output.scores,
        cost_path=snakemake.output.cost,
    )
