"""Data cards: tables of the events and features of a data set, with explanations.

Fractions, means, standard deviations, percentiles, histograms and correlations use the
physics weights; numbers of events, minima and maxima do not.
"""

from collections.abc import Callable

import numpy as np
import polars as pl

from hepfold.analysis import feature_statistics
from hepfold.core import columns
from hepfold.data import event_arrays
from hepfold.publish import cut_flow_tables, table_formats

# Files that the card lists.
N_FILES = 4
CARD = """# Data card: {title}

{statement}

- source: {source}
- SHA-256 of the files: {sha256}

## Events

Training events are split into folds 0 to {last_fold} (seed {seed}). The weights below
are as in the files{normalization}. `weight_unc`, the
uncertainty of a sum of weights, is the square root of the sum of squared weights.

{events}

## Processes

Events of each process after each step, and the fraction of selected events with
negative weights:

{cut_flow}

Sums of weights as in the files, with percentages of an earlier step:

{cut_flow_weights}

## Features

Statistics of the training events. Means, standard deviations, percentiles and missing
fractions are weighted; minima and maxima are not. Percentiles are exact: the smallest
value at which the cumulative weight reaches that fraction of the total. The standard
deviation is that of the weighted distribution, without a correction for the number of
events. Negative weights count with their sign; a dash marks statistics that need a
positive sum of weights or variance and have none.

{features}

{notes}
"""


TOY = "These are toy events{form}. They have no physical meaning."
OFFICIAL = "These are official events of the published data set."
OTHER = "These are events of the files below."


def count_events(
    parts: feature_statistics.Parts,
    fold_of: Callable[[event_arrays.Events], np.ndarray],
) -> pl.DataFrame:
    """Events, sum of weights and its uncertainty for each subset, fold and class.

    `n_negative` events have negative weights, whose sum is `negative_weight`. `fold_of`
    gives the fold of each event; test events are in none.
    """
    keys = [columns.SUBSET, columns.FOLD, columns.LABEL]
    counted = [count_part(part, fold_of(part), keys) for part in parts]
    total = pl.concat(counted).group_by(keys).sum().sort(keys)
    names = pl.Series(columns.SUBSETS).gather(total[columns.SUBSET])
    return total.with_columns(names.alias(columns.SUBSET), pl.col("weight_unc").sqrt())


def count_part(
    part: event_arrays.Events, fold: np.ndarray, keys: list[str]
) -> pl.DataFrame:
    """Events and sums of weights and of squared weights in one part."""
    is_train = part.subset == columns.SUBSETS.index(columns.TRAIN)
    weight = part.weight.astype("f8")
    table = {
        columns.SUBSET: part.subset,
        columns.FOLD: pl.Series(fold).set(pl.Series(~is_train), None),
        columns.LABEL: part.label,
        "n_events": np.ones(len(part), "i8"),
        "weight": weight,
        "weight_unc": weight**2,
        "n_negative": (weight < 0).astype("i8"),
        "negative_weight": np.minimum(weight, 0.0),
    }
    return pl.DataFrame(table).group_by(keys).sum()


def feature_table(
    read: Callable[[], feature_statistics.Parts],
    features: tuple[str, ...],
    categorical: feature_statistics.Categories,
) -> pl.DataFrame:
    """Statistics of each feature and class, one row each; undefined ones are null.

    `read` starts a new pass over the events. Categories are represented by values.
    """
    percentiles = feature_statistics.percentiles(read(), categorical)
    tables = []
    for label, summary in enumerate(feature_statistics.summaries(read(), categorical)):
        head = {
            "feature": features,
            columns.LABEL: np.full(len(features), label, "i1"),
            "n_events": summary.n_events,
            "n_missing": summary.n_missing,
            "weight": summary.weight,
            "missing_fraction": summary.missing_fraction,
        }
        tables.append(
            pl.DataFrame(head | value_statistics(summary, percentiles[label]))
        )
    return pl.concat(tables).fill_nan(None)


def value_statistics(
    summary: feature_statistics.Summary, percentiles: np.ndarray
) -> dict[str, np.ndarray]:
    """Columns of the feature table that need a value; NaN if there is none."""
    names = [f"p{percent:g}" for percent in feature_statistics.PERCENTS]
    statistics = {
        "minimum": summary.minimum,
        "maximum": summary.maximum,
        "mean": summary.mean,
        "standard_deviation": summary.standard_deviation,
        **dict(zip(names, percentiles.T, strict=True)),
    }
    exists = summary.n_events > 0
    # Adding zero turns -0 into 0.
    return {name: np.where(exists, v + 0.0, np.nan) for name, v in statistics.items()}


def card(
    settings: dict,
    events: pl.DataFrame,
    features: pl.DataFrame,
    categorical: feature_statistics.Categories,
    made_by: dict,
) -> dict:
    """The record of a data set; `made_by` is the record of its fold file."""
    dataset = settings["wildcards"]["dataset"]
    return {
        "dataset": dataset,
        "title": settings["title"],
        "normalization": settings["normalization"],
        "is_public": settings["is_public"],
        "cut_flow": made_by["cut_flow"],
        "n_equal": made_by["n_equal"],
        "toy": made_by["toy"],
        "source": made_by["source"],
        "source_sha256": made_by["source_sha256"],
        "units": made_by["units"],
        "n_folds": made_by["settings"]["n_folds"],
        "seed": made_by["settings"]["seed"],
        "categories": {name: list(values) for name, values in categorical.items()},
        "events": events.to_dicts(),
        "features": features.to_dicts(),
        "settings": settings,
        "split_with": made_by["settings"],
    }


def text(card: dict) -> str:
    """The data card as Markdown."""
    return CARD.format(
        title=card["title"],
        statement=statement(card),
        source=in_short(card["source"], "their names are in the JSON card"),
        sha256=in_short(card["source_sha256"], "they are in the JSON card"),
        last_fold=card["n_folds"] - 1,
        seed=card["seed"],
        normalization=normalization(card),
        cut_flow=table_formats.markdown(cut_flow_tables.event_table(card["cut_flow"])),
        cut_flow_weights=table_formats.markdown(
            cut_flow_tables.weight_table(card["cut_flow"])
        ),
        events=table_formats.markdown(event_lines(pl.DataFrame(card["events"]))),
        features=table_formats.markdown(feature_lines(card["features"])),
        notes="\n".join(notes(card)),
    )


def in_short(texts: list[str], otherwise: str) -> str:
    """A list of a few texts; of more, their number and where they are."""
    if len(texts) <= N_FILES:
        return ", ".join(texts)
    return f"{len(texts)} files; {otherwise}"


def page(card: dict) -> str:
    """The data card as HTML, for the report."""
    flow = card["cut_flow"]
    parts = {
        "Origin": statement(card),
        "Events": event_lines(pl.DataFrame(card["events"])),
        "Events of each process after each step": cut_flow_tables.event_table(flow),
        "Sums of weights of each process after each step": (
            cut_flow_tables.weight_table(flow)
        ),
        "Features of training events, weighted": feature_lines(card["features"]),
    }
    return table_formats.html_page(f"Data card: {card['title']}", parts)


def statement(card: dict) -> str:
    """Whether the events are toy events, or official ones."""
    if card["toy"]:
        return TOY.format(form=" in the official format" if card["is_public"] else "")
    return OFFICIAL if card["is_public"] else OTHER


def normalization(card: dict) -> str:
    """How weights are scaled for figures of merit."""
    expected = card["normalization"]
    if isinstance(expected, str):
        return ", and count expected events"
    return (
        "; for figures of merit, the weights of every subset are scaled to "
        f"{expected['signal']:g} signal and {expected['background']:g} background "
        "events"
    )


def event_lines(events: pl.DataFrame) -> pl.DataFrame:
    """Events of each subset and fold, with classes side by side."""
    events = events.drop("n_negative", "negative_weight")
    keys = ["subset", "label"]
    square = pl.col("weight_unc") ** 2
    whole = events.group_by(keys, maintain_order=True).agg(
        pl.lit("all").alias("fold"),
        pl.col("n_events", "weight").sum(),
        square.sum().sqrt(),
    )
    folds = events.drop_nulls("fold").with_columns(pl.col("fold").cast(pl.String))
    both = pl.concat([whole.select(events.columns), folds.select(events.columns)])
    return named_classes(both).pivot(
        "class", index=["subset", "fold"], values=["n_events", "weight", "weight_unc"]
    )


def feature_lines(rows: list[dict]) -> pl.DataFrame:
    """Statistics of each feature, one row per class."""
    table = named_classes(pl.DataFrame(rows, infer_schema_length=None))
    by_feature = table.group_by("feature", maintain_order=True)
    lines = pl.concat(part for _, part in by_feature)
    first = ["feature", "class", "missing_fraction", "mean", "standard_deviation"]
    return lines.select(*first, "minimum", pl.col("^p[0-9].*$"), "maximum")


def named_classes(table: pl.DataFrame) -> pl.DataFrame:
    """The table with the name of each class in place of its label."""
    names = pl.col(columns.LABEL).replace_strict(columns.CLASS_NAMES).alias("class")
    return table.with_columns(names).drop(columns.LABEL)


def notes(card: dict) -> list[str]:
    """Notes on equal events, negative weights, values of categories, and units."""
    categories = [
        f"- `{name}` is a category: {', '.join(f'{value:g}' for value in values)}."
        for name, values in card["categories"].items()
    ]
    units = [
        f"- Unit of `{name}`, derived from its values: {unit:.6g}{dimension(name)}."
        for name, unit in card["units"].items()
    ]
    equal = cut_flow_tables.equal_notes(card["n_equal"])
    return equal + negative_notes(card["events"]) + categories + units


def negative_notes(events: list[dict]) -> list[str]:
    """The fraction of negative weights in each class that has any, for all subsets."""
    names = ["n_events", "weight", "n_negative", "negative_weight"]
    sums = pl.DataFrame(events).group_by(columns.LABEL).agg(pl.col(names).sum())
    notes = []
    for row in named_classes(sums).sort("class").iter_rows(named=True):
        if row["n_negative"]:
            size = row["weight"] - 2 * row["negative_weight"]
            notes.append(
                f"- {row['n_negative']:,} of {row['n_events']:,} {row['class']} events "
                f"({row['n_negative'] / row['n_events']:.2%}) have negative weights, "
                f"with {-row['negative_weight'] / size:.2%} of the sum of absolute "
                "weights."
            )
    return notes


def dimension(name: str) -> str:
    """Unit of a momentum, a pseudorapidity or an azimuth, to append to a number."""
    return " GeV" if name.endswith("_pt") else "" if name.endswith("_eta") else " rad"
