"""Put train events into folds, and test events into a file of their own."""

import numpy as np

from hepfold import foldfile, folds, logs


def split_folds(
    events_path: str,
    n_folds: int,
    seed: int,
    settings: dict,
    train_path: str,
    test_path: str,
) -> None:
    """Write the fold files of train and of test events, which may be none."""
    made_by = {**foldfile.read_made_by(events_path), "settings": settings}
    layout = foldfile.read_layout(events_path)
    with (
        foldfile.writing(train_path, n_folds, layout, made_by) as train,
        foldfile.writing(test_path, n_folds, layout, made_by) as test,
    ):
        for part in foldfile.read_parts(events_path):
            fold = folds.assign(part.event_id, seed, n_folds)
            is_train = folds.is_train(part)
            train.append(part, np.where(is_train, fold, foldfile.NOWHERE))
            test.append(part, np.where(is_train, foldfile.NOWHERE, fold))
        folds.refuse_incomplete(train.class_counts)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    split_folds(
        events_path=snakemake.input.events,
        n_folds=snakemake.params.settings["n_folds"],
        seed=snakemake.params.settings["seed"],
        settings=snakemake.params.settings,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
