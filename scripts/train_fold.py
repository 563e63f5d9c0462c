"""Train a model on every fold but one; score that one and the test events."""

from pathlib import Path

import torch

from hepfold.core import costs, files, logs, overlays, provenance, tables
from hepfold.data import fold_file, folds
from hepfold.models import ensembles, feature_schema, zoo
from hepfold.training import checkpoints, fit


def train_fold(
    train_path: str,
    test_path: str,
    best_path: str | None,
    settings: dict,
    threads: int,
    model_path: str,
    history_path: str,
    scores_path: str,
    cost_path: str,
) -> None:
    """Write the model of one fold, its history, its scores, and what they took."""
    torch.set_num_threads(threads)
    settings = overlays.tuned(settings, best_path and files.read_yaml(best_path))
    i_fold = int(settings["wildcards"]["fold"])
    train_folds = [i for i in range(settings["n_folds"]) if i != i_fold]
    dataset, asked = settings["wildcards"]["dataset"], settings["model"]
    schema, positions = feature_schema.read(train_path, dataset, asked["features"])
    state_path = f"{model_path}.state"
    start = costs.start(state_path)
    seed = folds.fold_seed(settings["seed"] + settings["model"]["seed"], i_fold)
    names = {**settings["wildcards"], "fold": i_fold}
    model, history = fit.train(
        feature_schema.training_events(train_path, dataset, train_folds, asked),
        *(schema, settings, seed, state_path),
    )
    scoring = costs.start(state_path)
    scores = [
        folds.score_table(part, model.score(part.inputs[:, positions]), names)
        for part in (fold_file.read(train_path, [i_fold]), fold_file.read(test_path))
    ]
    # As the job finds them: of a conda environment, the settings may tell others.
    packages = provenance.package_versions(Path(__file__))
    made_by = {**settings, "packages": packages, "threads": threads}
    zoo.save(model_path, model, made_by)
    files.write_csv(history_path, tables.named_rows(history, names))
    files.write_table(scores_path, scores, made_by)
    device = str(ensembles.choose_device(settings["training"]["device"]))
    files.write_json(cost_path, names | costs.since(start, scoring, threads, device))
    checkpoints.forget(state_path)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    train_fold(
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        best_path=snakemake.input.get("best"),
        settings=snakemake.params.settings,
        threads=snakemake.threads,
        model_path=snakemake.output.model,
        history_path=snakemake.output.history,
        scores_path=snakemake.output.scores,
        cost_path=snakemake.output.cost,
    )
