"""Comparison of all models of a run with each other and with published results."""

import polars as pl

from hepfold.analysis import cut_choice, literature
from hepfold.core import merit_records
from hepfold.publish import table_formats, uncertainty_tables

# Figures of merit in a comparison: subset and name in a record, and column heading.
COLUMNS = {
    ("oof", "auc_weighted"): "OOF weighted AUC",
    ("oof", "auc"): "OOF AUC",
    ("oof", "ams"): "OOF AMS",
    ("public", "ams"): "public AMS",
    ("private", "ams"): "private AMS",
    ("test", "auc"): "test AUC",
}
# Endings of the columns of a figure of merit with a cut: the ends of an asymmetric
# interval, and the effective number of background events.
OF_CUT = ("_unc_low", "_unc_high", "_n_eff")
TITLES = {
    "ams": "AMS",
    "significance": "significance",
    "significance_syst": "significance with background uncertainty",
}
SUBSETS = ("oof", "public", "private", "test")
TITLE = "Comparison of models"
# Source files that a table lists.
N_FILES = 2
OURS = "this run"
SAME_EVENTS = "same events as"
OTHER_EVENTS = "not comparable: hepfold used"
UNVERIFIED = "quoted, unverified"


def texts(records: list[dict], costs: list[dict]) -> dict[str, str]:
    """The comparison, costs and main results of a run in each format, by file."""
    compared = comparison(records)
    short, expenses = rounded(compared), with_costs(compared, costs)
    merits_page = table_formats.html_page(TITLE, {"Figures of merit": short})
    costs_page = table_formats.html_page(
        "Time and memory", {"Training, all folds": expenses}
    )
    return {
        "summary.md": summary(records) + "\n",
        **uncertainty_tables.texts(records),
        "comparison.csv": compared.write_csv(),
        "comparison.md": table_formats.markdown(short) + "\n",
        "comparison.tex": table_formats.latex(
            short.drop("source"), f"{TITLE}.", "tab:comparison", "note"
        ),
        "comparison.html": merits_page,
        "costs.csv": pl.DataFrame(costs).write_csv(),
        "costs.md": table_formats.markdown(expenses) + "\n",
        "costs.html": costs_page,
    }


def all_merits(records: list[dict]) -> pl.DataFrame:
    """Every figure of merit, one row per data set and model; missing ones are null.

    Columns are `<subset>_<name>`, and `<subset>_<name>_unc_total` for its uncertainty,
    whose parts are `_unc` (events), `_unc_training` and `_unc_cut`.
    """
    rows = []
    for record in records:
        names = {
            "dataset": record["dataset"],
            "model": record["model"],
            "events": origin(record),
            "evaluated_on": evaluated_on(record),
            "n_folds": record["n_folds"],
            "figure_of_merit": record["figure_of_merit"],
            "cut": record["cut"],
            **{f"cut_{name}": cut for name, cut in record["cuts"].items()},
        }
        merits = {
            f"{subset}_{name}": value
            for subset in SUBSETS
            for name, value in record.get(subset, {}).items()
        }
        rows.append(names | merits)
    return pl.DataFrame(rows, infer_schema_length=None)


def comparison(records: list[dict]) -> pl.DataFrame:
    """Figures of merit of the models, followed by published ones for each data set.

    Columns are dataset, who, note, source, and each of `COLUMNS` with `_unc` (total),
    and those of OF_CUT if it has a cut. Published figures are only listed for official
    events.
    """
    rows = []
    for dataset in dict.fromkeys(record["dataset"] for record in records):
        of_dataset = [record for record in records if record["dataset"] == dataset]
        rows += map(hepfold_row, of_dataset)
        official = [record for record in of_dataset if not record["toy"]]
        rows += published_rows(official)
    names = [f"{s}_{m}{end}" for s, m in COLUMNS for end in endings(m)]
    numbers = dict.fromkeys(names, pl.Float64)
    texts = dict.fromkeys(("dataset", "who", "note", "source"), pl.String)
    return pl.DataFrame(rows, schema={**texts, **numbers})


def endings(merit: str) -> tuple[str, ...]:
    """Endings of the columns of a figure of merit."""
    has_cut = merit in cut_choice.FIGURES
    return ("", "_unc", *OF_CUT) if has_cut else ("", "_unc")


def hepfold_row(record: dict) -> dict:
    """The row of one model of the run."""
    merits = {}
    for subset, merit in COLUMNS:
        of_subset = record.get(subset, {})
        merits[f"{subset}_{merit}"] = of_subset.get(merit)
        merits[f"{subset}_{merit}_unc"] = merit_records.quoted_unc(of_subset, merit)
        for end in endings(merit)[2:]:
            merits[f"{subset}_{merit}{end}"] = of_subset.get(f"{merit}{end}")
    return {
        "dataset": record["dataset"],
        "who": record["model"],
        "note": f"{origin(record)}; {evaluated_on(record)}",
        "source": OURS,
        **merits,
    }


def published_rows(records: list[dict]) -> list[dict]:
    """Published figures of merit for the data sets of records, each row with a note."""
    rows = {}
    datasets = {record["dataset"] for record in records}
    for figure in literature.FIGURES:
        is_shown = (figure.subset, figure.merit) in COLUMNS
        if figure.dataset in datasets and is_shown:
            key = figure.who, figure.features
            row = rows.setdefault(key, published_row(records, figure))
            name = f"{figure.subset}_{figure.merit}"
            row |= {name: figure.value, f"{name}_unc": figure.unc}
    return list(rows.values())


def published_row(records: list[dict], figure: literature.Figure) -> dict:
    """Names, source and note of a published figure: which models it compares with."""
    features = "" if figure.features == "all" else f", {figure.features} features"
    reasons = {r["model"]: literature.difference(r, figure) for r in records}
    same = [model for model, reason in reasons.items() if reason is None]
    if same:
        note = f"{SAME_EVENTS} {', '.join(same)}"
    else:
        note = f"{OTHER_EVENTS} {'; '.join(dict.fromkeys(reasons.values()))}"
    return {
        "dataset": figure.dataset,
        "who": figure.who + features,
        "note": note if figure.is_verified else f"{UNVERIFIED}; {note}",
        "source": figure.source
        + (f"; ± is the {figure.unc_kind}" if figure.unc else ""),
    }


def rounded(table: pl.DataFrame) -> pl.DataFrame:
    """The comparison as rounded text, without empty columns."""
    columns = {}
    for (subset, merit), head in COLUMNS.items():
        name = f"{subset}_{merit}"
        if table[name].count():
            texts = [table_formats.merit(row, name) for row in table.rows(named=True)]
            columns[head] = pl.Series(texts, dtype=pl.String)
        if merit in cut_choice.FIGURES and table[f"{name}_n_eff"].count():
            numbers = table[f"{name}_n_eff"]
            columns[f"{head}, N_eff"] = numbers.map_elements(
                uncertainty_tables.effective, pl.String
            )
    return table.select(
        pl.col("dataset").alias("data set"),
        pl.col("who").alias("model"),
        *(series.alias(head) for head, series in columns.items()),
        "note",
        "source",
    )


def with_costs(compared: pl.DataFrame, costs: list[dict]) -> pl.DataFrame:
    """The models of a comparison with time and memory of training, summed over folds.

    A job that was killed and resumed reports the costs of its last run only.
    """
    total = (
        pl.DataFrame(costs)
        .group_by(pl.col("dataset").alias("data set"), "model", maintain_order=True)
        .agg(
            pl.col("seconds").sum().alias("training and scoring, s"),
            pl.col("scoring_seconds").sum().alias("scoring, s"),
            pl.col("cpu_seconds").sum().alias("CPU time, s"),
            pl.col("requested_min").sum().alias("requested, min"),
            pl.col("peak_mb").max().alias("peak memory, MB"),
            pl.col("requested_mb").max().alias("requested, MB"),
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
    """Origin of the events of a record: `toy`, or the source files, in short."""
    if record["toy"]:
        return "toy"
    shown, more = record["source"][:N_FILES], len(record["source"]) - N_FILES
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def evaluated_on(record: dict) -> str:
    """The subsets of events that a record has figures of merit for."""
    tests = [name for name in SUBSETS[1:] if name in record]
    return ", ".join(["out-of-fold", *tests]) if tests else "out-of-fold only"


def summary(records: list[dict]) -> str:
    """The main figures of merit as a list, in Markdown and reStructuredText."""
    return table_formats.listed(map(sentence, records))


def sentence(record: dict) -> str:
    """The main figures of merit of a record in one sentence."""
    oof, name = record["oof"], record["figure_of_merit"]
    title = TITLES[name]
    out_of_fold = (
        f"{record['model']} on {record['dataset']}: out-of-fold weighted AUC "
        f"{table_formats.merit(oof, 'auc_weighted')}, {title} "
        f"{table_formats.merit(oof, name)} at the chosen cut {record['cut']:.4f}"
    )
    tests = [
        f"{subset} events: {title} {table_formats.merit(record[subset], name)}, AUC "
        f"{table_formats.merit(record[subset], 'auc')}"
        for subset in SUBSETS[1:]
        if subset in record
    ]
    return f"{'; '.join([out_of_fold, *tests])}."
