"""The AMS of 3.979 claimed for SuperTML, compared with both ways to compute the AMS.

The challenge scales the weights of public and of private events separately, each to all
expected events. Both subsets together, with these weights, count the luminosity twice:
s and b double, and the AMS with b_reg = 0 increases by the square root of two.
"""

import dataclasses
import math

import numpy as np
import polars as pl

from hepfold.analysis import score_tables
from hepfold.core import metrics
from hepfold.publish import table_formats

TITLE = "AMS with the weights of the challenge, and of all test events unscaled"
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


def hepfold_row(scores: pl.DataFrame, record: dict) -> dict:
    """The AMS of one model in each way, at the cut chosen on out-of-fold scores.

    `both` is for public and private events with half of their weights, which together
    give the full sums; `unscaled` is with full weights, and `ratio` is to `both`.
    """
    b_reg = record["settings"]["b_reg"]
    subsets = score_tables.evaluated_subsets(
        scores, score_tables.expected(record["normalization"])
    )
    unscaled = joined(subsets["public"], subsets["private"])
    halved = dataclasses.replace(unscaled, weight=unscaled.weight / 2)
    once, twice = (
        metrics.ams_at_cut(e.score, e.label, e.weight, record["cuts"]["ams"], b_reg)
        for e in (halved, unscaled)
    )
    return {
        "who": record["model"],
        "public": record["public"]["ams"],
        "public_unc": record["public"]["ams_unc"],
        "private": record["private"]["ams"],
        "private_unc": record["private"]["ams_unc"],
        "both": once,
        "unscaled": twice,
        "ratio": twice / once if once else None,
        "source": "this run, toy events" if record["toy"] else "this run",
    }


def has_test_events(record: dict) -> bool:
    """Whether a model was evaluated on public and private events, as in the claim."""
    return all(name in record for name in SUBSETS)


def joined(
    one: score_tables.ScoredEvents, other: score_tables.ScoredEvents
) -> score_tables.ScoredEvents:
    """The events of two subsets together, with unchanged weights."""
    return score_tables.ScoredEvents(
        score=np.concatenate([one.score, other.score]),
        label=np.concatenate([one.label, other.label]),
        weight=np.concatenate([one.weight, other.weight]),
    )


def table(rows: list[dict]) -> pl.DataFrame:
    """The rows of this run, followed by published ones."""
    uncs = [f"{name}_unc" for name in SUBSETS]
    numbers = dict.fromkeys((*NUMBERS, *uncs), pl.Float64)
    schema = {"who": pl.String, **numbers, "source": pl.String}
    return pl.DataFrame([*rows, *PUBLISHED], schema=schema)


def texts(compared: pl.DataFrame) -> dict[str, str]:
    """The table in each format, by the extension of its file."""
    uncs = {name: compared[f"{name}_unc"] for name in SUBSETS}
    none = [None] * len(compared)
    merits = {
        name: list(map(text, compared[name], uncs.get(name, none))) for name in NUMBERS
    }
    names = {"who": compared["who"]}
    short = pl.DataFrame(names | merits | {"source": compared["source"]})
    explained = (
        "AMS at the cut chosen on out-of-fold scores. Public, private: the weights of "
        "each subset sum to all expected events, as in the challenge. Both: the two "
        "subsets together with half of these weights. Unscaled: together with full "
        "weights, which counts the luminosity twice; the ratio is close to the square "
        f"root of two, {math.sqrt(2):.3f}."
    )
    if len(compared) == len(PUBLISHED):
        explained += " This run has no public and private events and therefore no row."
    return {
        ".csv": compared.write_csv(),
        ".md": f"{explained}\n\n{table_formats.markdown(short)}\n",
        ".html": table_formats.html_page(
            TITLE, {"AMS": short, "Explanation": explained}
        ),
    }


def text(value: float | None, unc: float | None) -> str | None:
    """A value rounded by its uncertainty; without one, at least two decimals."""
    if value is None or unc:
        return table_formats.with_uncertainty(value, unc)
    return max(f"{value:.2f}", f"{value:.4g}", key=len)
