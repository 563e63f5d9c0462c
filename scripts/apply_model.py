"""Score unlabeled events of a file with the models of all folds."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import torch

from hepfold.core import columns, files, logs, provenance
from hepfold.data import datasets, readers, sources
from hepfold.models import zoo

ROW = "row"


def apply_model(
    path: str, model_paths: list[str], params: dict, threads: int, scores_path: str
) -> None:
    """Write one score per event: the mean over the models of all folds."""
    torch.set_num_threads(threads)
    # The packages of this job, which may differ from those that Snakemake sees.
    made_by = {
        **params,
        "packages": provenance.package_versions(Path(__file__)),
        "source": sources.without_folders(path),
        "source_sha256": files.sha256(path.partition("!")[0]),
    }
    files.write_table(scores_path, score_tables(path, model_paths, params), made_by)


def score_tables(
    path: str, model_paths: list[str], params: dict
) -> Iterator[pl.DataFrame]:
    """Ids, or row numbers from 0, and scores of the events, in bounded parts."""
    definition = datasets.DATASETS[params["wildcards"]["dataset"]]
    names = params["columns"]
    has_ids = definition.event_id and names.get(definition.event_id, "") is not None
    id_name = definition.event_id if has_ids else ROW
    ensembles = [zoo.load(name, params["device"]) for name in model_paths]
    features = ensembles[0].preparation.schema.features
    positions = [definition.features.index(name) for name in features]
    parts = readers.read_unlabeled(path, definition, names, params["trees"])
    for inputs, ids in parts:
        inputs = inputs[:, positions]
        score = sum(ensemble.score(inputs) for ensemble in ensembles) / len(ensembles)
        yield pl.DataFrame({id_name: ids, columns.SCORE: score})


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    apply_model(
        path=snakemake.params.path,
        model_paths=snakemake.input.models,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        scores_path=snakemake.output.scores,
    )
