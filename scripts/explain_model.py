"""Compute feature importance and partial dependence of a model."""

import torch

from hepfold.analysis import feature_importance, importance_summary
from hepfold.core import files, logs, parsing, settings, tables
from hepfold.data import event_arrays, fold_file, folds
from hepfold.models import zoo


def explain_model(
    train_path: str,
    model_paths: list[str],
    params: dict,
    threads: int,
    importance_path: str,
    dependence_path: str,
) -> None:
    """Write both tables of one model, from out-of-fold scores."""
    torch.set_num_threads(threads)
    names, seed = params["wildcards"], params["seed"]
    insight = parsing.parse(params["insight"], settings.Insight)
    definition = fold_file.read_dataset(train_path)
    layout = fold_file.read_layout(train_path)
    loaded = [zoo.load(path, params["device"]) for path in model_paths]
    positions = layout.positions(loaded[0].preparation.schema.features)
    parts = [
        event_arrays.draw(
            fold_file.read(train_path, [fold]),
            insight.n_events,
            folds.fold_seed(seed, fold),
        ).with_features(positions)
        for fold in range(len(loaded))
    ]
    importance = feature_importance.importance_table(
        loaded, parts, definition, insight.n_repeats, seed
    )
    momenta = [body.pt for body in definition.bodies]
    chosen = importance_summary.most_important(importance, insight.n_features, momenta)
    curves = feature_importance.dependence_table(
        loaded, parts, chosen, layout.categorical
    )
    files.write_csv(importance_path, tables.named_rows(importance, names))
    files.write_csv(dependence_path, tables.named_rows(curves, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    explain_model(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        importance_path=snakemake.output.importance,
        dependence_path=snakemake.output.dependence,
    )
