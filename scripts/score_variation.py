"""Score the events of a systematic variation with the models of all folds."""

from pathlib import Path

import numpy as np
import torch

from hepfold.analysis import fold_models
from hepfold.core import files, logs, parsing, provenance, settings_datasets
from hepfold.data import (
    event_reader,
    event_samples,
    fold_file,
    variations,
    varied_scores,
)


def score_variation(
    train_path: str,
    model_paths: list[str],
    fold_paths: list[str],
    params: dict,
    threads: int,
    toys: str,
    downloaded: str,
    varied: str,
    scores_path: str,
) -> None:
    """Write one score per event of the processes that the variation changes.

    An event that was trained on is scored by the fold that held it out, any other by
    the mean over the models of all folds. `fold_paths` has the scores of each fold if
    they make those of all folds comparable, otherwise none.
    """
    torch.set_num_threads(threads)
    names = params["wildcards"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    key = names["systematic"], names["direction"]
    samples = variations.samples(
        names["dataset"], declared, key, toys, downloaded, varied
    )
    reader = event_reader.EventReader(names["dataset"], declared)
    models = fold_models.load(model_paths, fold_paths, params["device"])
    positions = fold_file.read_layout(train_path).positions(models[0].features)

    def scorer(inputs: np.ndarray) -> np.ndarray:
        """Scores (n_folds, n_events) of events with all features."""
        return np.array([model.score(inputs[:, positions]) for model in models])

    made_by = {
        **params,
        "packages": provenance.package_versions(Path(__file__)),
        "source": event_samples.names(samples),
    }
    seed, n_folds = params["seed"], params["n_folds"]
    tables = varied_scores.scored(reader, samples, train_path, scorer, seed, n_folds)
    files.write_table(scores_path, tables, made_by)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    score_variation(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        fold_paths=snakemake.input.scores,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        toys=snakemake.params.toys,
        downloaded=snakemake.params.downloaded,
        varied=snakemake.params.varied,
        scores_path=snakemake.output.scores,
    )
