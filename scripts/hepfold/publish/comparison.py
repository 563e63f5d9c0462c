"""All models of a run beside each other and beside what others published."""

import polars as pl

from hepfold.analysis import literature
from hepfold.publish import table_formats

# Figures of merit in a comparison: subset and name in a record, and what heads them.
COLUMNS = {
    ("oof", "auc_weighted"): "OOF weighted AUC",
    ("oof", "auc"): "OOF AUC",
    ("oof", "ams"): "OOF AMS",
    ("public", "ams"): "public AMS",
    ("private", "ams"): "private AMS",
    ("test", "auc"): "test AUC",
}
SUBSETS = ("oof", "public", "private", "test")
TITLE = "Comparison of models"
OURS = "this run"
SAME_EVENTS = "same events as"
OTHER_EVENTS = "not comparable:"
UNVERIFIED = "quoted, unverified"


def texts(records: list[dict], costs: list[dict]) -> dict[str, str]:
    """The comparison, costs and main results of a run in each format, by file."""
    compared = comparison(records)
    short, expenses = rounded(compared), with_costs(compared, costs)
    merits = table_formats.html_page(TITLE, {"Figures of merit": short})
    took = table_formats.html_page("Time and memory", {"Training, all folds": expenses})
    return {
        "summary.md": summary(records) + "\n",
        "comparison.csv": compared.write_csv(),
        "comparison.md": table_formats.markdown(short) + "\n",
        "comparison.tex": table_formats.latex(
            short.drop("source"), f"{TITLE}.", "tab:comparison", "note"
        ),
        "comparison.html": merits,
        "costs.csv": pl.DataFrame(costs).write_csv(),
        "costs.md": table_formats.markdown(expenses) + "\n",
        "costs.html": took,
    }


def all_merits(records: list[dict]) -> pl.DataFrame:
    """Every figure of merit, one row for each data set and model; null where none is.

    Columns are `<subset>_<name>`, and `<subset>_<name>_unc` for the uncertainty.
    """
    rows = [
        {
            "dataset": record["dataset"],
            "model": record["model"],
            "events": origin(record),
            "judged": judged(record),
            "n_folds": record["n_folds"],
            "cut": record["cut"],
            **{
                f"{subset}_{name}": value
                for subset in SUBSETS
                for name, value in record.get(subset, {}).items()
            },
        }
        for record in records
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def comparison(records: list[dict]) -> pl.DataFrame:
    """Figures of merit of our models, and below each data set those of others.

    Columns are dataset, who, note, source, and each of `COLUMNS` with `_unc`. Beside
    toy events no published figures stand: they are never of the same events.
    """
    rows = []
    for dataset in dict.fromkeys(record["dataset"] for record in records):
        of_dataset = [record for record in records if record["dataset"] == dataset]
        rows += map(hepfold_row, of_dataset)
        official = [record for record in of_dataset if not record["toy"]]
        rows += published_rows(official)
    names = [(f"{s}_{m}", f"{s}_{m}_unc") for s, m in COLUMNS]
    numbers = {name: pl.Float64 for pair in names for name in pair}
    texts = dict.fromkeys(("dataset", "who", "note", "source"), pl.String)
    return pl.DataFrame(rows, schema={**texts, **numbers})


def hepfold_row(record: dict) -> dict:
    """The row of one of our models."""
    merits = {}
    for subset, merit in COLUMNS:
        found = record.get(subset, {})
        merits[f"{subset}_{merit}"] = found.get(merit)
        merits[f"{subset}_{merit}_unc"] = found.get(f"{merit}_unc")
    return {
        "dataset": record["dataset"],
        "who": record["model"],
        "note": f"{origin(record)}; {judged(record)}",
        "source": OURS,
        **merits,
    }


def published_rows(records: list[dict]) -> list[dict]:
    """What others published of the data sets of records, each row with a note."""
    rows = {}
    datasets = {record["dataset"] for record in records}
    for figure in literature.FIGURES:
        is_told = (figure.subset, figure.merit) in COLUMNS
        if figure.dataset in datasets and is_told:
            key = figure.who, figure.features
            row = rows.setdefault(key, published_row(records, figure))
            name = f"{figure.subset}_{figure.merit}"
            row |= {name: figure.value, f"{name}_unc": figure.unc}
    return list(rows.values())


def published_row(records: list[dict], figure: literature.Figure) -> dict:
    """What is said of a published figure: with which of our models it compares."""
    features = "" if figure.features == "all" else f", {figure.features} features"
    reasons = {r["model"]: literature.difference(r, figure) for r in records}
    same = [model for model, reason in reasons.items() if reason is None]
    if same:
        note = f"{SAME_EVENTS} {', '.join(same)}"
    else:
        note = f"{OTHER_EVENTS} ours is of {'; '.join(dict.fromkeys(reasons.values()))}"
    return {
        "dataset": figure.dataset,
        "who": figure.who + features,
        "note": note if figure.is_verified else f"{UNVERIFIED}; {note}",
        "source": figure.source,
    }


def rounded(table: pl.DataFrame) -> pl.DataFrame:
    """A comparison to read: rounded text, without columns that have no value."""
    columns = {}
    for (subset, merit), head in COLUMNS.items():
        values, uncs = table[f"{subset}_{merit}"], table[f"{subset}_{merit}_unc"]
        if values.count():
            texts = map(table_formats.with_uncertainty, values, uncs)
            columns[head] = pl.Series(list(texts), dtype=pl.String)
    return table.select(
        pl.col("dataset").alias("data set"),
        pl.col("who").alias("model"),
        *(series.alias(head) for head, series in columns.items()),
        "note",
        "source",
    )


def with_costs(compared: pl.DataFrame, costs: list[dict]) -> pl.DataFrame:
    """Our rows of a comparison with what the training of all folds took.

    A job that was killed and went on tells the costs of its last run alone.
    """
    total = (
        pl.DataFrame(costs)
        .group_by(pl.col("dataset").alias("data set"), "model", maintain_order=True)
        .agg(
            pl.col("seconds").sum().alias("training, s"),
            pl.col("scoring_seconds").sum().alias("of it scoring, s"),
            pl.col("cpu_seconds").sum().alias("training, CPU s"),
            pl.col("peak_mb").max().alias("peak memory, MB"),
            pl.len().alias("folds"),
            pl.col("threads").max().alias("threads per fold"),
            pl.col("device").unique().sort().str.join(", "),
            pl.col("resumed").any().alias("resumed"),
        )
        .with_columns(
            resumed=pl.col("resumed").replace_strict({True: "yes", False: "no"})
        )
    )
    ours = rounded(compared.filter(source=OURS)).drop("note", "source")
    return ours.join(total, on=["data set", "model"], maintain_order="left")


def origin(record: dict) -> str:
    """Whence the events of a record come."""
    return "toy" if record["toy"] else ", ".join(record["source"])


def judged(record: dict) -> str:
    """Which events the figures of merit of a record were found on."""
    tests = [name for name in SUBSETS[1:] if name in record]
    return ", ".join(["out-of-fold", *tests]) if tests else "out-of-fold only"


def summary(records: list[dict]) -> str:
    """The main figures of merit in words; a list in Markdown and reStructuredText."""
    return table_formats.listed(map(sentence, records))


def sentence(record: dict) -> str:
    """The main figures of merit of a record in words."""
    oof = record["oof"]
    parts = [
        f"{record['model']} on {record['dataset']}: out of fold, weighted AUC "
        f"{figure(oof, 'auc_weighted')}, AMS {figure(oof, 'ams')}",
        f"the chosen cut is {record['cut']:.4f}",
        *(
            f"{subset} events at that cut, AMS {figure(record[subset], 'ams')}, AUC "
            f"{figure(record[subset], 'auc')}"
            for subset in SUBSETS[1:]
            if subset in record
        ),
    ]
    return f"{'; '.join(parts)}."


def figure(merits: dict, name: str) -> str:
    """A figure of merit with its uncertainty, rounded."""
    text = table_formats.with_uncertainty(merits[name], merits.get(f"{name}_unc"))
    return text or table_formats.MISSING
