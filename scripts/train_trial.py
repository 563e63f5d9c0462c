"""Train one candidate of a search for some epochs, and judge it."""

import torch

from hepfold.core import files, logs, overlays
from hepfold.data import folds
from hepfold.models import feature_schema
from hepfold.training import checkpoints, trials


def train_trial(
    train_path: str, rung_path: str, settings: dict, threads: int, result_path: str
) -> None:
    """Write the merits of one trial, on what its fold trains on."""
    torch.set_num_threads(threads)
    rung = files.read_json(rung_path)
    i_fold, i_trial = rung["fold"], int(settings["wildcards"]["trial"])
    values = rung.pop("candidates")[i_trial]
    model = overlays.for_trial(
        settings["model"], values, rung["n_epochs"], settings["validation_fraction"]
    )
    schema, _ = feature_schema.read(train_path, rung["dataset"], model["features"])
    train_folds = [i for i in range(settings["n_folds"]) if i != i_fold]
    state_path = f"{result_path}.state"
    seed = folds.fold_seed(settings["seed"] + model["seed"], i_fold)
    merits = trials.run(
        feature_schema.training_events(train_path, rung["dataset"], train_folds, model),
        *(schema, {**settings, "model": model}, seed, state_path),
    )
    result = {**rung, "trial": i_trial, "values": values, **merits}
    files.write_json(result_path, result)
    checkpoints.forget(state_path)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    train_trial(
        train_path=snakemake.input.train,
        rung_path=snakemake.input.rung,
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        result_path=snakemake.output.json,
    )
