"""Count the events of a data set and describe its features."""

from functools import partial
from itertools import chain

import numpy as np

from hepfold.core import files, logs, tables
from hepfold.data import event_arrays, event_ids, fold_file, folds
from hepfold.publish import data_card


def describe_data(
    train_path: str,
    test_path: str,
    settings: dict,
    card_path: str,
    text_path: str,
    page_path: str,
    events_path: str,
    features_path: str,
) -> None:
    """Write the data card and its tables; feature statistics use training events."""
    made_by = fold_file.read_made_by(train_path)
    layout = fold_file.read_layout(train_path)
    split = made_by["settings"]
    events = data_card.count_events(
        chain(fold_file.read_parts(train_path), fold_file.read_parts(test_path)),
        partial(fold_of, split=split),
    )
    features = data_card.feature_table(
        partial(fold_file.read_parts, train_path), layout.features, layout.categorical
    )
    card = data_card.card(settings, events, features, layout.categorical, made_by)
    names = {"dataset": card["dataset"]}
    files.write_json(card_path, card)
    files.write_text(text_path, data_card.text(card))
    files.write_text(page_path, data_card.page(card))
    files.write_csv(events_path, tables.named_rows(events, names))
    files.write_csv(features_path, tables.named_rows(features, names))


def fold_of(part: event_arrays.Events, split: dict) -> np.ndarray:
    """Fold of each event (n_events,), as in the fold file."""
    key = event_ids.fold_keys(part, split["dataset"]["id"])
    return folds.assign(key, split["seed"], split["n_folds"])


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    describe_data(
        train_path=snakemake.input.train,
        test_path=snakemake.input.test,
        settings=snakemake.params.settings,
        card_path=snakemake.output.card,
        text_path=snakemake.output.text,
        page_path=snakemake.output.page,
        events_path=snakemake.output.events,
        features_path=snakemake.output.features,
    )
