"""Score other events with the models of all folds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import torch

from hepfold.analysis import fold_models
from hepfold.core import (
    checksums,
    files,
    logs,
    parsing,
    provenance,
    settings_datasets,
    settings_samples,
)
from hepfold.data import (
    event_ids,
    event_reader,
    event_samples,
    fold_file,
    folds,
    further_scores,
)


def apply_model(
    train_path: str,
    model_paths: list[str],
    fold_paths: list[str],
    params: dict,
    threads: int,
    downloaded: str,
    scores_path: str,
) -> None:
    """Write one score per event.

    An event that was trained on is scored by the fold that held it out, any other by
    the mean over the models of all folds. `fold_paths` has the scores of each fold if
    they make those of all folds comparable, otherwise none. `downloaded` is the folder
    of downloaded events.
    """
    torch.set_num_threads(threads)
    name = params["wildcards"]["dataset"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    further = parsing.parse(params["sample"], settings_samples.Sample)
    reader = event_reader.EventReader(name, declared)
    sample = further_scores.sample_of(
        reader.plan, params["wildcards"]["name"], declared, further, downloaded
    )
    # The packages of this job, which may differ from those that Snakemake sees.
    made_by = {
        **params,
        "packages": provenance.package_versions(Path(__file__)),
        "source": event_samples.names([sample]),
        "source_sha256": [checksums.sha256(p) for p in event_samples.paths([sample])],
    }
    models = fold_models.load(model_paths, fold_paths, params["device"])
    tables = score_tables(reader, sample, train_path, models, params)
    files.write_table(scores_path, tables, made_by)


def score_tables(
    reader: event_reader.EventReader,
    sample: event_samples.EventSample,
    train_path: str,
    models: list[fold_models.FoldModel],
    params: dict,
) -> Iterator[pl.DataFrame]:
    """Ids, processes, weights, kept columns and scores, in bounded parts."""
    layout = fold_file.read_layout(train_path)
    positions = layout.positions(models[0].features)
    id_name = reader.plan.declared.id
    trained = further_scores.trained_keys(train_path, sample, id_name)
    for part in reader.read_unlabeled(sample):
        further_scores.check_categories(part, sample, layout)
        key = event_ids.fold_keys(part, id_name)
        fold = folds.assign(key, params["seed"], params["n_folds"])
        inputs = part.inputs[:, positions]
        scores = np.array([model.score(inputs) for model in models])
        score = folds.held_out(scores, fold, event_ids.is_among(key, trained))
        yield further_scores.table(part, score, sample, layout, reader.plan)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    apply_model(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        fold_paths=snakemake.input.scores,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        downloaded=snakemake.params.downloaded,
        scores_path=snakemake.output.scores,
    )
