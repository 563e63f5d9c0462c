"""Count the events of a data set and describe its features."""

from functools import partial
from itertools import chain

from hepfold import datacard, foldfile, folds, logs, store, tables


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
    """Write the data card and its tables; features are those of train events alone."""
    made_by = foldfile.read_made_by(train_path)
    layout = foldfile.read_layout(train_path)
    split = made_by["settings"]
    events = datacard.count_events(
        chain(foldfile.read_parts(train_path), foldfile.read_parts(test_path)),
        partial(folds.assign, seed=split["seed"], n_folds=split["n_folds"]),
    )
    features = datacard.feature_table(
        partial(foldfile.read_parts, train_path), layout.features, layout.categorical
    )
    card = datacard.card(settings, events, features, layout.categorical, made_by)
    names = {"dataset": card["dataset"]}
    store.write_json(card_path, card)
    store.write_text(text_path, datacard.text(card))
    store.write_text(page_path, datacard.page(card))
    store.write_csv(events_path, tables.named_rows(events, names))
    store.write_csv(features_path, tables.named_rows(features, names))


if __name__ == "__main__":
    logs.start(snakemake.log[0])
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
