"""Tables of the model card: models, their inputs and cuts."""

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from hepfold.core import settings, settings_datasets
from hepfold.data import datasets
from hepfold.publish import methods_text, phrases, table_formats

ONNX = "models/{dataset}/{model}/ensemble.onnx"


def path(record: dict) -> str:
    """Path of the ONNX file of a model in the folder."""
    return ONNX.format(dataset=record["dataset"], model=record["model"])


def models(records: list[dict], paths: set[str]) -> pl.DataFrame:
    """Kind, feature sets and file of each model."""
    rows = [
        {
            "data set": record["dataset"],
            "model": record["model"],
            "kind": record["trained_with"]["model"]["kind"],
            "feature set": ", ".join(
                dict.fromkeys(
                    m.features for m in methods_text.parts_of(record).values()
                )
            ),
            "file": phrases.code(path(record))
            if path(record) in paths
            else table_formats.MISSING,
        }
        for record in records
    ]
    return pl.DataFrame(rows)


def features(record: dict, declared: settings_datasets.Dataset) -> tuple[str, ...]:
    """Inputs of the model of a record in their order; those of all parts of a blend."""
    roles = datasets.Dataset.of(declared)
    models = methods_text.parts_of(record).values()
    chosen = {name for m in models for name in roles.feature_sets[m.features]}
    return tuple(name for name in roles.features if name in chosen)


def inputs(
    records: list[dict], cards: list[dict], config: settings.Configuration
) -> Iterator[str]:
    """A table for each list of inputs, with the models that have it as a heading."""
    by_dataset = {card["dataset"]: card for card in cards}
    models: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for record in records:
        dataset = record["dataset"]
        chosen = features(record, config.datasets[dataset])
        models.setdefault((dataset, chosen), []).append(record["model"])
    for (dataset, chosen), names in models.items():
        table = table_formats.markdown(input_table(chosen, by_dataset[dataset]))
        yield f"{phrases.names(names)} on {dataset}:\n\n{table}"


def input_table(names: Sequence[str], card: dict) -> pl.DataFrame:
    """Position, range and missing fraction of features in the training events."""
    rows: dict[str, list[dict]] = {}
    for row in card["features"]:
        rows.setdefault(row["feature"], []).append(row)
    return pl.DataFrame(
        [
            {
                "position": i,
                "feature": phrases.code(name),
                "lowest": extreme(min, rows[name], "minimum"),
                "highest": extreme(max, rows[name], "maximum"),
                "missing": f"{missing_part(rows[name]):.1%}",
                "values": ", ".join(f"{v:g}" for v in card["categories"].get(name, ())),
            }
            for i, name in enumerate(names)
        ],
        infer_schema_length=None,
    )


def extreme(which: Callable, rows: list[dict], name: str) -> float | None:
    """The lowest minimum or highest maximum of both classes; None without values."""
    return which((row[name] for row in rows if row[name] is not None), default=None)


def missing_part(rows: list[dict]) -> float:
    """Fraction of the training events, of both classes, that lack a feature."""
    n_events = sum(row["n_events"] + row["n_missing"] for row in rows)
    return sum(row["n_missing"] for row in rows) / max(1, n_events)


def cuts(records: list[dict]) -> pl.DataFrame:
    """The cuts of each model by figure of merit."""
    rows = [
        {
            "data set": record["dataset"],
            "model": record["model"],
            "figure of merit": name,
            "cut": f"{cut:.6g}",
        }
        for record in records
        for name, cut in record["cuts"].items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
