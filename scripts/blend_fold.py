"""Blend the models of one fold, with weights fitted on the other folds."""

import logging
from pathlib import Path

import polars as pl

from hepfold.analysis import blended_scores
from hepfold.core import columns, costs, files, logs, provenance
from hepfold.models import blends, feature_schema


def blend_fold(
    train_path: str,
    model_paths: list[str],
    score_paths: list[list[str]],
    cost_paths: list[str],
    params: dict,
    threads: int,
    requested: list[float],
    paths: dict[str, str],
) -> None:
    """Write the blend of one fold, its scores, weights, and time and memory.

    `model_paths` and `cost_paths` are of each part in this fold, `score_paths` of each
    part in all folds. `requested` are the minutes and the MB that the rule estimated,
    `paths` the outputs by name.
    """
    start = costs.start(f"{paths['model']}.state")
    names = {**params["wildcards"], "fold": int(params["wildcards"]["fold"])}
    i_fold, parts = names["fold"], params["model"]["of"]
    tables = [[read_scores(path) for path in of_part] for of_part in score_paths]
    fit, events = blended_scores.without_fold(
        tables, i_fold, params["negative_weights"]
    )
    weights = dict(zip(parts, fit.weights.tolist(), strict=True))
    logging.info("Weights of the parts: %s", weights)
    scoring = costs.start(f"{paths['model']}.state")
    whole = [files.read_table(of_part[i_fold]) for of_part in score_paths]
    scores = blended_scores.table(whole, names["model"], fit.weights)
    schema, _ = feature_schema.of_features(train_path, blends.features_of(model_paths))
    packages = provenance.package_versions(Path(__file__))
    made_by = {**params, "packages": packages, "threads": threads}
    blends.write(paths["model"], model_paths, fit.weights, schema, made_by)
    files.write_table(paths["scores"], [scores], made_by)
    fitted = {"weights": weights, "log_loss": fit.log_loss}
    files.write_json(paths["weights"], names | fitted | events)
    spent = [files.read_json(path) for path in cost_paths]
    spent.append(costs.since(start, scoring, threads, "cpu", requested))
    files.write_json(paths["cost"], names | costs.joint(spent))


def read_scores(path: str) -> pl.DataFrame:
    """Scores of one fold, without those of groups of members."""
    return files.read_table(path, (columns.GROUP_SCORES,))


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    blend_fold(
        train_path=snakemake.input.train,
        model_paths=snakemake.input.models,
        score_paths=[
            snakemake.input.scores[i :: len(snakemake.input.models)]
            for i in range(len(snakemake.input.models))
        ],
        cost_paths=snakemake.input.costs,
        params=snakemake.params.settings,
        threads=snakemake.threads,
        requested=[snakemake.resources.runtime, snakemake.resources.mem_mb],
        paths=dict(snakemake.output.items()),
    )
