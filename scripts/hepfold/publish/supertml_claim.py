"""The claim of SuperTML: an AMS of 3.979, beside ours scored in both ways.

The challenge scores public and private events each with weights that sum to all events
that are expected. Both together, with these weights, count the luminosity twice: s and
b double, and as the AMS with b_reg = 0 is homogeneous it grows by the root of two.
"""

import dataclasses
import math

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import metrics
from hepfold.data import datasets
from hepfold.publish import table_formats

TITLE = "AMS as the challenge scores, and of all test events unscaled"
STRONG = "github.com/GilesStrong/SuperTML_HiggsML_Test"
SUBSETS = ("public", "private")
NUMBERS = (*SUBSETS, "both", "unscaled", "ratio", "claimed")
PUBLISHED = (
    {
        "who": "SuperTML",
        "claimed": 3.979,
        "source": "Sun et al. 2019, arXiv:1903.06246",
    },
    {
        "who": "recipe of SuperTML, cut 0.5",
        "public": 2.83,
        "private": 2.84,
        "unscaled": 4.00,
        "source": STRONG,
    },
    {
        "who": "ordered blocks, not pretrained",
        "public": 3.51,
        "private": 3.51,
        "source": STRONG,
    },
)


def hepfold_row(
    scores: pl.DataFrame, record: dict, definition: datasets.Dataset, b_reg: float
) -> dict:
    """The AMS of one model in each way, at the cut chosen on out-of-fold scores.

    `both` are public and private events with half of their weights, so that together
    they sum to the full sums; `unscaled` keeps those of each, and `ratio` is to `both`.
    """
    judged = score_tables.evaluated_subsets(scores, definition)
    unscaled = joined(judged["public"], judged["private"])
    halved = dataclasses.replace(unscaled, weight=unscaled.weight / 2)
    once, twice = (
        metrics.ams_at_cut(e.score, e.label, e.weight, record["cut"], b_reg)
        for e in (halved, unscaled)
    )
    return {
        "who": record["model"],
        **{name: record[name]["ams"] for name in SUBSETS},
        **{f"{name}_unc": record[name]["ams_unc"] for name in SUBSETS},
        "both": once,
        "unscaled": twice,
        "ratio": twice / once if once else None,
        "source": "this run, toy events" if record["toy"] else "this run",
    }


def has_test_events(record: dict) -> bool:
    """Whether a model was judged on public and private events, as was claimed."""
    return all(name in record for name in SUBSETS)


def joined(
    one: score_tables.ScoredEvents, other: score_tables.ScoredEvents
) -> score_tables.ScoredEvents:
    """The events of two subsets, the weights of each as they are."""
    return score_tables.ScoredEvents(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("score", "label", "weight")
        )
    )


def table(rows: list[dict]) -> pl.DataFrame:
    """Our rows, and below them those of others."""
    uncs = [f"{name}_unc" for name in SUBSETS]
    numbers = dict.fromkeys((*NUMBERS, *uncs), pl.Float64)
    schema = {"who": pl.String, **numbers, "source": pl.String}
    return pl.DataFrame([*rows, *PUBLISHED], schema=schema)


def texts(found: pl.DataFrame) -> dict[str, str]:
    """The table in each format, by the extension of its file."""
    uncs = {name: found[f"{name}_unc"] for name in SUBSETS}
    none = [None] * len(found)
    merits = {
        name: list(map(text, found[name], uncs.get(name, none))) for name in NUMBERS
    }
    short = pl.DataFrame({"who": found["who"], **merits, "source": found["source"]})
    explained = (
        "At the cut chosen on out-of-fold scores. Public and private: weights of each "
        "subset sum to all expected events, as the challenge scores. Both: half of "
        "these weights. Unscaled: all of them, which counts the luminosity twice; "
        f"the ratio is near the root of two, {math.sqrt(2):.3f}."
    )
    if len(found) == len(PUBLISHED):
        explained += " This run has no public and private events, and so no row here."
    return {
        ".csv": found.write_csv(),
        ".md": f"{explained}\n\n{table_formats.markdown(short)}\n",
        ".html": table_formats.html_page(TITLE, {"AMS": short, "How": explained}),
    }


def text(value: float | None, unc: float | None) -> str | None:
    """A value rounded by its uncertainty, or with two decimals or more without one."""
    if value is None or unc:
        return table_formats.with_uncertainty(value, unc)
    return max(f"{value:.2f}", f"{value:.4g}", key=len)
