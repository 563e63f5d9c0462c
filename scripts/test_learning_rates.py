"""Learning-rate range test: the loss while the learning rate grows."""

import torch

from hepfold.core import (
    files,
    logs,
    parsing,
    settings_models,
    settings_training,
    starting_models,
    tables,
)
from hepfold.data import folds
from hepfold.models import feature_schema, starts, training_events
from hepfold.training import range_test

I_FOLD = 0


def test_learning_rates(
    train_path: str,
    start_paths: list[str],
    params: dict,
    threads: int,
    table_path: str,
) -> None:
    """Write the loss of each update; the training events are those of fold 0."""
    torch.set_num_threads(threads)
    names = params["wildcards"]
    model = parsing.parse(params["model"], settings_models.Model)
    schema, _ = feature_schema.of_model(train_path, model)
    start = starting_models.start_of(model)
    table = range_test.train(
        training_events.without_fold(train_path, I_FOLD, model, params),
        schema,
        model,
        parsing.parse(params["training"], settings_training.Training),
        parsing.parse(params["range_test"], settings_training.RangeTest),
        folds.fold_seed(params["seed"] + model.seed, I_FOLD),
        starts.read(start_paths, start, train_path, schema.features),
    )
    files.write_csv(table_path, tables.named_rows(table, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    test_learning_rates(
        train_path=snakemake.input.train,
        start_paths=list(snakemake.input.get("start", [])),
        params=snakemake.params.settings,
        threads=snakemake.threads,
        table_path=snakemake.output.csv,
    )
