"""The claim of SuperTML: an AMS of 3.979, beside ours scored in both ways.

The challenge scores public and private events each with weights that sum to all events
that are expected. Both together, with these weights, count the luminosity twice: s and
b double, and as the AMS with b_reg = 0 is homogeneous it grows by the root of two.
"""

import math

import numpy as np
import polars as pl

from hepfold import columns, datasets, evaluation, logs, metrics, rounding, typesetting

TITLE = "AMS as the challenge scores, and of all test events unscaled"
STRONG = "github.com/GilesStrong/SuperTML_HiggsML_Test"
NUMBERS = ("public", "private", "both", "unscaled", "ratio", "claimed")
PUBLISHED = (
    {
        "who": "SuperTML",
        "claimed": 3.979,
        "source": "Sun et al. 2019, arXiv:1903.06246",
    },
    {
        "who": "their recipe, cut 0.5",
        "public": 2.83,
        "private": 2.84,
        "unscaled": 4.00,
        "source": STRONG,
    },
    {"who": "ordered blocks", "public": 3.51, "private": 3.51, "source": STRONG},
)


def own_row(
    scores: pl.DataFrame, record: dict, definition: datasets.Dataset, b_reg: float
) -> dict:
    """The AMS of one model in each way, at the cut chosen on out-of-fold scores.

    `both` are public and private events with weights scaled to the full sums, as those
    of one subset; `unscaled` keeps those of each, and `ratio` is to `both`.
    """
    refuse_without_test_events(record)
    is_test = pl.col(columns.SUBSET).is_in([columns.PUBLIC, columns.PRIVATE])
    union = scores.filter(is_test).with_columns(
        pl.lit(columns.TEST, scores.schema[columns.SUBSET]).alias(columns.SUBSET)
    )
    judged = evaluation.judged_subsets(scores, definition)
    scaled = evaluation.scored_events(union, columns.TEST, definition)
    both = ams([scaled], record["cut"], b_reg)
    unscaled = ams([judged["public"], judged["private"]], record["cut"], b_reg)
    return {
        "who": record["model"],
        **{name: record[name]["ams"] for name in ("public", "private")},
        **{f"{name}_unc": record[name]["ams_unc"] for name in ("public", "private")},
        "both": both,
        "unscaled": unscaled,
        "ratio": unscaled / both if both else None,
        "source": "this run, simulation" if record["simulated"] else "this run",
    }


def refuse_without_test_events(record: dict) -> None:
    """Refuse results of events that are not those of the challenge."""
    for name in ("public", "private"):
        if name not in record:
            raise logs.InputError(
                f"the claim is of public and private events, and {record['model']} "
                f"was judged on no {name} ones: its source has none"
            )


def ams(parts: list[evaluation.ScoredEvents], cut: float, b_reg: float) -> float:
    """AMS at a cut of subsets together, the weights of each as they are."""
    score, label, weight = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("score", "label", "weight")
    )
    return metrics.ams_at_cut(score, label, weight, cut, b_reg)


def table(rows: list[dict]) -> pl.DataFrame:
    """Our rows, and below them those of others."""
    uncs = ("public_unc", "private_unc")
    numbers = dict.fromkeys((*NUMBERS, *uncs), pl.Float64)
    schema = {"who": pl.String, **numbers, "source": pl.String}
    return pl.DataFrame([*rows, *PUBLISHED], schema=schema)


def texts(found: pl.DataFrame) -> dict[str, str]:
    """The table in each format, by the extension of its file."""
    uncs = {name: found[f"{name}_unc"] for name in ("public", "private")}
    none = [None] * len(found)
    merits = {
        name: list(map(rounding.text, found[name], uncs.get(name, none)))
        for name in NUMBERS
    }
    short = pl.DataFrame({"who": found["who"], **merits, "source": found["source"]})
    explained = (
        "Public and private: weights of each subset sum to all expected events. Both: "
        "as one subset. Unscaled: all of them with the weights of each, which counts "
        f"the luminosity twice; the ratio is near the root of two, {math.sqrt(2):.3f}."
    )
    return {
        ".csv": found.write_csv(),
        ".md": f"{explained}\n\n{typesetting.markdown(short)}\n",
        ".html": typesetting.html_page(TITLE, {"AMS": short, "How": explained}),
    }
