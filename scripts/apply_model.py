"""Score further events of files with the models of all folds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch

from hepfold.analysis import fold_scores
from hepfold.core import (
    checksums,
    columns,
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
from hepfold.models import zoo


def apply_model(
    train_path: str,
    model_paths: list[str],
    fold_paths: list[str],
    params: dict,
    threads: int,
    scores_path: str,
) -> None:
    """Write one score per event.

    An event that was trained on is scored by the fold that held it out, any other by
    the mean over the models of all folds. `fold_paths` has the scores of each fold if
    they make those of all folds comparable, otherwise none.
    """
    torch.set_num_threads(threads)
    name = params["wildcards"]["dataset"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    further = parsing.parse(params["sample"], settings_samples.Sample)
    reader = event_reader.EventReader(name, declared)
    sample = further_scores.sample_of(
        reader.plan, params["wildcards"]["name"], declared, further
    )
    # The packages of this job, which may differ from those that Snakemake sees.
    made_by = {
        **params,
        "packages": provenance.package_versions(Path(__file__)),
        "source": event_samples.names([sample]),
        "source_sha256": [checksums.sha256(p) for p in event_samples.paths([sample])],
    }
    scorers = scorers_of(model_paths, fold_paths, params["device"])
    tables = score_tables(reader, sample, train_path, scorers, params)
    files.write_table(scores_path, tables, made_by)


@dataclass(frozen=True)
class Scorer:
    """The model of a fold, and the function that makes its scores comparable."""

    model: zoo.Model
    compared: Callable[[np.ndarray], np.ndarray] | None

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Scores (n_events,) of features (n_events, n_features)."""
        score = self.model.score(inputs)
        return score if self.compared is None else self.compared(score)


def scorers_of(
    model_paths: list[str], fold_paths: list[str], device: str
) -> list[Scorer]:
    """The models of all folds; with their scores, these are made comparable."""
    models = [zoo.load(name, device) for name in model_paths]
    if not fold_paths:
        return [Scorer(model, None) for model in models]
    parts = [files.read_table(p, (columns.GROUP_SCORES,)) for p in fold_paths]
    return list(map(Scorer, models, fold_scores.maps(parts)))


def score_tables(
    reader: event_reader.EventReader,
    sample: event_samples.EventSample,
    train_path: str,
    scorers: list[Scorer],
    params: dict,
) -> Iterator[pl.DataFrame]:
    """Ids, processes, weights, kept columns and scores, in bounded parts."""
    layout = fold_file.read_layout(train_path)
    positions = layout.positions(scorers[0].model.preparation.schema.features)
    id_name = reader.plan.declared.id
    trained = further_scores.trained_keys(train_path, sample, id_name)
    for part in reader.read_unlabeled(sample):
        further_scores.check_categories(part, sample, layout)
        key = event_ids.fold_keys(part, id_name)
        fold = folds.assign(key, params["seed"], params["n_folds"])
        inputs = part.inputs[:, positions]
        scores = np.array([scorer.score(inputs) for scorer in scorers])
        score = folds.held_out(scores, fold, event_ids.is_among(key, trained))
        yield further_scores.table(part, score, sample, layout, reader.plan)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    apply_model(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        fold_paths=snakemake.input.scores,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        scores_path=snakemake.output.scores,
    )
