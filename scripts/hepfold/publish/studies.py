"""Studies: figures of merit of a run compared with published ones."""

import math
import re
import statistics

import polars as pl

from hepfold.analysis import literature, model_pairs
from hepfold.core import merit_records, settings
from hepfold.publish import comparison, table_formats

# Figures of merit of which smaller values are better.
LOSSES = ("log_loss", "log_loss_weighted")
TEXTS = ("label", "dataset", "model", "merit", "note", "source")
NUMBERS = ("published", "published_unc", "ours", "ours_unc", "seed_sd", "n_sd")
TITLE = "Published results and hepfold"
UNCERTAINTIES = (
    "Uncertainties of hepfold are total ones: fluctuation of the events, training and "
    "choice of the cut; sd is the standard deviation over trainings with different "
    "seeds. What an uncertainty of a published figure is follows its source."
)


def texts(
    study: settings.Study, compared: pl.DataFrame, spent: pl.DataFrame
) -> dict[str, str]:
    """The rounded tables of a study in each format, by file name."""
    short = rounded(compared)
    parts = {TITLE: short, "Uncertainties": UNCERTAINTIES}
    if study.deviations:
        parts["Deviations from the published work"] = " ".join(study.deviations)
    return {
        "study.md": table_formats.markdown(short) + "\n",
        "study.tex": table_formats.latex(
            short.drop("source"), f"{study.title}.", "tab:study", "note"
        ),
        "study.html": table_formats.html_page(study.title, parts),
        "study_costs.md": table_formats.markdown(spent) + "\n",
    }


def table(study: settings.Study, records: list[dict]) -> pl.DataFrame:
    """One line per row of a study and figure of merit.

    `ours` is the mean over training seeds and `ours_unc` its total uncertainty.
    `seed_sd` is the standard deviation over seeds, null for one seed, and `n_sd` the
    difference to the published figure in standard deviations, positive where this run
    is better. `is_comparable` is null without a published figure, and false if it is
    for other events than those of this run.
    """
    lines = []
    for row in study.rows:
        of_row = trained(row, records)
        names = {name: getattr(row, name) for name in ("label", "dataset", "model")}
        for merit in study.merits:
            theirs = row.published.get(merit)
            lines.append(
                names
                | {"merit": merit, "published": theirs, "n_seeds": len(of_row)}
                | {"published_unc": row.uncertainties.get(merit)}
                | merits(of_row, *merit.split("."))
                | {"n_sd": n_deviations(row, of_row, merit)}
                | {"is_comparable": is_comparable(row, records, merit)}
                | {"note": note(row, of_row, merit), "source": source(row, merit)}
            )
    schema = dict.fromkeys(TEXTS, pl.String) | dict.fromkeys(NUMBERS, pl.Float64)
    schema["is_comparable"] = pl.Boolean
    compared = pl.DataFrame(lines, schema_overrides=schema, infer_schema_length=None)
    return compared.select(*TEXTS[:4], *NUMBERS, "n_seeds", "is_comparable", *TEXTS[4:])


def trained(row: settings.StudyRow, items: list[dict]) -> list[dict]:
    """The records (or costs) of the model of a row, one per seed."""
    if row.model is None:
        return []
    name = re.compile(rf"{re.escape(row.model)}(_seed\d+)?")
    return [
        item
        for item in items
        if item["dataset"] == row.dataset and name.fullmatch(item["model"])
    ]


def merits(records: list[dict], subset: str, merit: str) -> dict:
    """Mean of a figure of merit over seeds, its total uncertainty and its spread."""
    parts = [record.get(subset, {}) for record in records]
    values = [part[merit] for part in parts if part.get(merit) is not None]
    if not values:
        return {"ours": None, "ours_unc": None, "seed_sd": None}
    return {
        "ours": statistics.fmean(values),
        "ours_unc": mean_unc(parts[0], merit, values),
        "seed_sd": statistics.stdev(values) if len(values) > 1 else None,
    }


def is_comparable(
    row: settings.StudyRow, records: list[dict], merit: str
) -> bool | None:
    """Whether a published figure is for the events of the run; None without one.

    A row without a model is compared with the first model on its data set.
    """
    if row.published.get(merit) is None:
        return None
    of_dataset = [r for r in records if r["dataset"] == row.dataset]
    of_row = trained(row, records) or of_dataset
    if row.other_events or not of_row:
        return False
    return literature.other_events(of_row[0], merit.split(".")[0]) is None


def mean_unc(merits: dict, name: str, values: list[float]) -> float | None:
    """Total uncertainty of the mean over seeds, which share their events.

    `merits` are those of the first seed.
    """
    if len(values) == 1 or merits.get(f"{name}_unc") is None:
        return merit_records.quoted_unc(merits, name)
    of_training = statistics.stdev(values) / math.sqrt(len(values))
    of_cut = merits.get(f"{name}_unc_cut") or 0.0
    return math.hypot(merits[f"{name}_unc"], of_cut, of_training)


def n_deviations(
    row: settings.StudyRow, records: list[dict], merit: str
) -> float | None:
    """How many standard deviations better this run is than a published figure.

    The uncertainty is that of both, as far as it is known. None where no figure is
    published, or where the events differ.
    """
    subset, name = merit.split(".")
    theirs = row.published.get(merit)
    if theirs is None or not is_comparable(row, records, merit):
        return None
    cells = merits(records, subset, name)
    unc = math.hypot(cells["ours_unc"] or 0.0, row.uncertainties.get(merit) or 0.0)
    if cells["ours"] is None or unc == 0:
        return None
    gain = theirs - cells["ours"] if name in LOSSES else cells["ours"] - theirs
    return gain / unc


def note(row: settings.StudyRow, records: list[dict], merit: str) -> str:
    """How hepfold compares with a published figure.

    It is called better or worse beyond N_SD standard deviations only.
    """
    if row.published.get(merit) is None:
        return ""
    if row.other_events:
        return f"not comparable: published for {row.other_events}"
    if not records:
        return "published only"
    subset, name = merit.split(".")
    if reason := literature.other_events(records[0], subset):
        return f"{comparison.OTHER_EVENTS} {reason}"
    if merits(records, subset, name)["ours"] is None:
        return f"hepfold has no {name}"
    n_sd = n_deviations(row, records, merit)
    if n_sd is None:
        return "same events, not compared: no uncertainty is known"
    away = f"{n_sd:+.1f} standard deviations"
    if abs(n_sd) <= model_pairs.N_SD:
        return f"same events, no significant difference ({away})"
    if n_sd > 0:
        return f"same events, hepfold is better ({away})"
    return f"same events, hepfold is worse ({away}): {row.remark or 'reason unknown'}"


def source(row: settings.StudyRow, merit: str) -> str:
    """Source of a published figure, and the kind of its uncertainty."""
    if row.published.get(merit) is None:
        return ""
    unsure = "" if row.is_verified else f" ({comparison.UNVERIFIED})"
    kind = f"; ± is the {row.uncertainty_kind}" if row.uncertainties else ""
    return (row.source or "no source given") + unsure + kind


def rounded(compared: pl.DataFrame) -> pl.DataFrame:
    """The table of a study as rounded text, one line per row."""
    lines = []
    for (label, model), part in compared.group_by(
        "label", "model", maintain_order=True
    ):
        line = {"row": label, "model": model}
        for cell in part.rows(named=True):
            head = cell["merit"].replace(".", " ")
            line[f"{head}, published"] = as_published(cell)
            line[head] = with_spread(cell)
        for name in ("note", "source"):
            notes = [text for text in part[name].unique(maintain_order=True) if text]
            line[name] = "; ".join(notes) or table_formats.MISSING
        lines.append(line)
    names = [name for name in lines[0] if name not in ("note", "source")]
    short = pl.DataFrame(lines, schema=dict.fromkeys(lines[0], pl.String))
    filled = [n for n in names if n == "model" or short[n].null_count() < len(short)]
    return short.select(*filled, "note", "source")


def as_published(cell: dict) -> str | None:
    """A published figure with its uncertainty, in the digits of its source."""
    if cell["published"] is None:
        return None
    unc = cell["published_unc"]
    return f"{cell['published']:.5g}" + (f" ± {unc:.2g}" if unc else "")


def with_spread(cell: dict) -> str | None:
    """A figure of merit as text, with its uncertainty and its spread over seeds."""
    text = table_formats.with_uncertainty(cell["ours"], cell["ours_unc"])
    if text is None or cell["seed_sd"] is None:
        return text
    return f"{text} (sd {cell['seed_sd']:.2g} over {cell['n_seeds']} seeds)"


def cost_table(study: settings.Study, costs: list[dict]) -> pl.DataFrame:
    """Seconds of training and scoring of each row, and ratios to the first row.

    Times are summed over folds and averaged over seeds.
    """
    lines = []
    for row in study.rows:
        spent = trained(row, costs)
        n_seeds = len({item["model"] for item in spent})
        if not spent:
            continue
        scoring = sum(item["scoring_seconds"] for item in spent) / n_seeds
        training = sum(item["seconds"] for item in spent) / n_seeds - scoring
        lines.append(
            {
                "row": row.label,
                "model": row.model,
                "training, s": training,
                "scoring, s": scoring,
                "training, times the first": training / lines[0]["training, s"]
                if lines
                else 1.0,
                "scoring, times the first": scoring / lines[0]["scoring, s"]
                if lines
                else 1.0,
                "device": ", ".join(sorted({item["device"] for item in spent})),
            }
        )
    return pl.DataFrame(lines)
