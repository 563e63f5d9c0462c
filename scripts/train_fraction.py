"""Train a model on a fraction of its training events; score the fold held out."""

import logging
from dataclasses import replace

import msgspec
import numpy as np
import torch

from hepfold.core import (
    columns,
    files,
    logs,
    overlays,
    parsing,
    settings_models,
    settings_training,
)
from hepfold.data import fold_file, folds, training_fractions
from hepfold.models import feature_schema, training_events
from hepfold.training import checkpoints, fit


def train_fraction(
    train_path: str, best_path: str | None, params: dict, threads: int, scores_path: str
) -> None:
    """Write the out-of-fold scores of one fold, NaN where events are too few to train.

    `n_training_events` is their number, `n_all_events` that of the full training.
    """
    torch.set_num_threads(threads)
    best = best_path and files.read_yaml(best_path)
    params = {**params, "model": overlays.tuned(params["model"], best)}
    model = parsing.parse(params["model"], settings_models.Model)
    names = {**params["wildcards"], "fold": int(params["wildcards"]["fold"])}
    names["fraction"] = fraction = float(names["fraction"])
    events = training_events.without_fold(train_path, names["fold"], model, params)
    n_all = training_fractions.n_available(events, model)
    seed = folds.fold_seed(params["seed"] + model.seed, names["fold"])
    chosen = training_fractions.drawn(events, fraction * n_all / len(events), seed)
    del events  # frees gigabytes
    model = msgspec.structs.replace(model, n_events=None)
    # Processes, regions and kept columns have no part in a learning curve.
    held_out = replace(fold_file.read(train_path, [names["fold"]]), extra={})
    score = np.full(len(held_out), np.nan)
    schema, positions = feature_schema.of_model(train_path, model)
    parts = training_events.drawn_parts(chosen, model, seed)
    counts = {"n_training_events": sum(map(len, parts)), "n_all_events": n_all}
    n_classes = len(schema.class_names or columns.CLASS_NAMES)
    if training_fractions.is_trainable(parts, n_classes):
        place = checkpoints.Place(f"{scores_path}.state", params)
        training = parsing.parse(params["training"], settings_training.Training)
        trained, _ = fit.train(chosen, schema, model, training, seed, place)
        score = trained.score(held_out.inputs[:, positions])
    else:
        logging.warning("%d events are too few to train the model.", len(chosen))
    table = folds.score_table(held_out, score, names | counts)
    files.write_table(scores_path, [table], params)
    checkpoints.forget(f"{scores_path}.state")


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    train_fraction(
        train_path=snakemake.input.train,
        best_path=snakemake.input.get("best"),
        params=snakemake.params.settings,
        threads=snakemake.threads,
        scores_path=snakemake.output.scores,
    )
