"""Train and evaluate one candidate of a search for the epochs of its rung."""

import torch

from hepfold.core import (
    files,
    logs,
    overlays,
    parsing,
    settings_models,
    settings_training,
)
from hepfold.data import folds
from hepfold.models import feature_schema, training_events
from hepfold.training import checkpoints, trials


def train_trial(
    train_path: str, rung_path: str, params: dict, threads: int, result_path: str
) -> None:
    """Write the figures of merit of one trial on the training events of its fold."""
    torch.set_num_threads(threads)
    rung = files.read_json(rung_path)
    i_fold, i_trial = rung["fold"], int(params["wildcards"]["trial"])
    values = rung.pop("candidates")[i_trial]
    record = overlays.for_trial(
        params["model"], values, rung["n_epochs"], params["validation_fraction"]
    )
    model = parsing.parse(record, settings_models.Model)
    schema, _ = feature_schema.of_model(train_path, model)
    checkpoint = checkpoints.Place(f"{result_path}.state", {**params, "model": record})
    merits = trials.run(
        training_events.without_fold(train_path, i_fold, model, params),
        schema,
        model,
        parsing.parse(params["training"], settings_training.Training),
        folds.fold_seed(params["seed"] + model.seed, i_fold),
        checkpoint,
    )
    result = {**rung, "trial": i_trial, "values": values, **merits}
    files.write_json(result_path, result)
    checkpoints.forget(checkpoint.path)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    train_trial(
        train_path=snakemake.input.train,
        rung_path=snakemake.input.rung,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        result_path=snakemake.output.json,
    )
