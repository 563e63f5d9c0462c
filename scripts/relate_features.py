"""Measure how well each feature of a data set is predicted by the others."""

import numpy as np

from hepfold.analysis import feature_relations
from hepfold.core import files, logs, tables
from hepfold.data import event_arrays, fold_file, folds


def relate_features(train_path: str, params: dict, csv_path: str) -> None:
    """Write the table of one data set, from at most `n_events` events of each fold."""
    names, seed = params["wildcards"], params["seed"]
    units = fold_file.read_made_by(train_path).get("units", {})
    bodies = fold_file.read_dataset(train_path).bodies
    parts = [
        event_arrays.draw(
            fold_file.read(train_path, [fold]),
            params["n_events"],
            folds.fold_seed(seed, fold),
        )
        for fold in range(params["n_folds"])
    ]
    table = feature_relations.relation_table(
        event_arrays.concatenated(parts),
        np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        fold_file.read_layout(train_path).features,
        {body.phi: units.get(body.phi, 1.0) for body in bodies},
    )
    files.write_csv(csv_path, tables.named_rows(table, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    relate_features(
        train_path=snakemake.input.train,
        params=snakemake.params.settings,
        csv_path=snakemake.output.csv,
    )
