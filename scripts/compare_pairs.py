"""Compare the models of a run in pairs, on the replicas that they share."""

import logging
from functools import lru_cache, partial

import numpy as np
import polars as pl

from hepfold.analysis import delong, model_pairs, score_tables, seed_spread
from hepfold.core import columns, files, logs
from hepfold.publish import pair_tables


def compare_pairs(
    metrics_paths: list[str],
    replicas_paths: list[str],
    scores_paths: list[str],
    paths: dict[str, str],
) -> None:
    """Write the table of pairs as CSV, Markdown and HTML; `paths` by format.

    Copies of a model with other seeds are not separate models.
    """
    records = [files.read_json(path) for path in metrics_paths]
    models: dict[str, list[model_pairs.Model]] = {}
    for record, *places in zip(
        seed_spread.with_seeds(records), replicas_paths, scores_paths, strict=True
    ):
        if record["model"] == seed_spread.first_seed(record["model"]):
            models.setdefault(record["dataset"], []).append(model(record, *places))
    table = pl.concat(map(model_pairs.compare, models.values()))
    files.write_csv(paths["csv"], table)
    text = pair_tables.text(table)
    files.write_text(paths["markdown"], text)
    files.write_text(paths["page"], pair_tables.page(table))
    logging.info("Pairs of models:\n%s", text)


def model(record: dict, replicas_path: str, scores_path: str) -> model_pairs.Model:
    """A model, whose scores are read when they are needed."""
    order = files.read_made_by(replicas_path)["order"]
    replicas = files.read_table(replicas_path)
    of_scores = partial(placements, scores_path)
    return model_pairs.Model(record, replicas, order, of_scores)


# The first model, the best one and one more are kept.
@lru_cache(maxsize=3)
def placements(scores_path: str, subset: str) -> tuple[np.ndarray, np.ndarray]:
    """Placements and labels of the events of a subset of a table of scores."""
    scores = score_tables.in_subset(files.read_table(scores_path), subset)
    score, label = (scores[n].to_numpy() for n in (columns.SCORE, columns.LABEL))
    return delong.placements(score, label), label


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    compare_pairs(
        metrics_paths=snakemake.input.metrics,
        replicas_paths=snakemake.input.replicas,
        scores_paths=snakemake.input.scores,
        paths=dict(snakemake.output.items()),
    )
