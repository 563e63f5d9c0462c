"""Templates of a fit as a table, and as histograms of a ROOT file."""

import numpy as np
import polars as pl
import uproot
from uproot.writing import identify

from hepfold.analysis import template_effects
from hepfold.core import columns
from hepfold.data import variations
from hepfold.toys import root_writer

NOMINAL = "nominal"


def table(record: dict) -> pl.DataFrame:
    """Nominal and varied templates of an inference record, one row per bin.

    Varied templates are symmetrized, and those of pruned parts as if they were kept.
    They have no statistical uncertainty of their own.
    """
    names = ["channel", columns.PROCESS, "systematic", "direction", "low", "high"]
    nominal = pl.DataFrame(record["templates"]).with_columns(
        systematic=pl.lit(NOMINAL), direction=pl.lit("")
    )
    parts = [nominal.select(*names, "expected", "expected_unc")]
    if "effects" in record:
        effects = pl.DataFrame(record["effects"])
        for direction in variations.DIRECTIONS:
            expected = pl.col(direction) * pl.col(f"shape_{direction}")
            varied = effects.with_columns(
                direction=pl.lit(direction),
                expected=expected,
                expected_unc=pl.lit(None, pl.Float64),
            )
            parts.append(varied.select(*names, "expected", "expected_unc"))
    return pl.concat(parts)


def summary(record: dict) -> pl.DataFrame:
    """What became of each effect of a systematic; empty without systematics."""
    if "effects" not in record:
        return pl.DataFrame()
    return template_effects.summary(pl.DataFrame(record["effects"]))


def write(path: str, templates: pl.DataFrame) -> None:
    """Write the histograms `<channel>/<process>` and `..._<systematic>_<direction>`."""
    keys = ["channel", columns.PROCESS, "systematic", "direction"]
    with root_writer.writing(path) as file:
        for key, rows in templates.group_by(keys, maintain_order=True):
            channel, process, systematic, direction = key
            is_nominal = systematic == NOMINAL
            ending = "" if is_nominal else f"_{systematic}_{direction}"
            file[f"{channel}/{process}{ending}"] = histogram(rows, process + ending)


def histogram(rows: pl.DataFrame, name: str) -> uproot.Model:
    """A histogram of double precision, without events outside of its bins."""
    contents = rows["expected"].to_numpy()
    variances = rows["expected_unc"].fill_null(0.0).to_numpy() ** 2
    edges = np.append(rows["low"].to_numpy(), rows["high"][-1])
    centers = (edges[:-1] + edges[1:]) / 2
    axis = identify.to_TAxis(
        "xaxis", "", len(contents), edges[0], edges[-1], fXbins=edges
    )
    return identify.to_TH1x(
        name,
        "",
        np.concatenate([[0.0], contents, [0.0]]),
        float(len(contents)),
        float(contents.sum()),
        float(variances.sum()),
        float((contents * centers).sum()),
        float((contents * centers**2).sum()),
        np.concatenate([[0.0], variances, [0.0]]),
        axis,
    )
