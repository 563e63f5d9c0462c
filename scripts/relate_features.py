"""Find how well each feature of a data set is predicted by the others."""

import numpy as np

from hepfold import (
    arrays,
    datasets,
    draws,
    foldfile,
    folds,
    logs,
    relations,
    store,
    tables,
)


def relate_features(train_path: str, settings: dict, csv_path: str) -> None:
    """Write the table of one data set, made from some events of every fold."""
    names, seed = settings["wildcards"], settings["seed"]
    units = foldfile.read_made_by(train_path).get("units", {})
    bodies = datasets.DATASETS[names["dataset"]].bodies
    parts = [
        draws.some(
            foldfile.read(train_path, [fold]),
            settings["n_events"],
            folds.fold_seed(seed, fold),
        )
        for fold in range(settings["n_folds"])
    ]
    table = relations.relation_table(
        arrays.concatenated(parts),
        np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        foldfile.read_layout(train_path).features,
        {body.phi: units.get(body.phi, 1.0) for body in bodies},
    )
    store.write_csv(csv_path, tables.named_rows(table, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    relate_features(
        train_path=snakemake.input.train,
        settings=snakemake.params.settings,
        csv_path=snakemake.output.csv,
    )
