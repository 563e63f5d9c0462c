"""Put train events into folds, and test events into a file of their own."""

from hepfold import datasets, foldfile, folds, logs, store


def split_folds(
    dataset: str,
    events_path: str,
    n_folds: int,
    seed: int,
    settings: dict,
    train_path: str,
    test_path: str,
) -> None:
    """Write the fold files of train and of test events, which may be none."""
    made_by = {**store.read_made_by(events_path), "settings": settings}
    layout = foldfile.Layout.of(datasets.DATASETS[dataset])
    with (
        foldfile.writing(train_path, n_folds, layout, made_by) as train,
        foldfile.writing(test_path, n_folds, layout, made_by) as test,
    ):
        for events in store.read_table_parts(events_path):
            train_events, test_events = folds.train_and_test(events)
            train.append(train_events, folds.assign(train_events, seed, n_folds))
            test.append(test_events, folds.assign(test_events, seed, n_folds))
        folds.refuse_incomplete(train.class_counts)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    split_folds(
        dataset=snakemake.wildcards.dataset,
        events_path=snakemake.input.events,
        n_folds=snakemake.params.settings["n_folds"],
        seed=snakemake.params.settings["seed"],
        settings=snakemake.params.settings,
        train_path=snakemake.output.train,
        test_path=snakemake.output.test,
    )
