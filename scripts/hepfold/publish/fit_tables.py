"""Tables of fits in Markdown, and the section of the published README about them."""

from collections.abc import Sequence

import polars as pl

from hepfold.core import columns
from hepfold.publish import table_formats

SECTION = """
## Fits

{lead}

{parts}
"""
LEAD = """\
Expected discovery significance, median upper limit on the signal strength mu at 95 %
CL, and uncertainty of mu, from fits to Asimov data. In the first rows, each row
includes one more group of uncertainties: simulation statistics; normalization
(`uncertainty` of processes, and of the luminosity); shape (the declared `systematics`,
with the change of normalization that they cause).

{blinding}

`inference/` has, for each model, the templates (`templates.root`, `templates.csv`), the
effect of each systematic and whether it was kept, symmetrized or pruned
(`systematics.md`), and parameters, impacts and predictions of the fit (`fit.json`)."""
BLINDED = """\
Recorded events of {names} are blinded: bins above the cut, or those that
`inference.max_s_over_b` selects, hold the expected background in the workspace, and no
data in figures and tables. Fits are to Asimov data of mu = 1."""
OBSERVED = "Recorded events of {names} are not blinded: fits use them."
SIMULATED = "Without recorded events ({names}), fits are to Asimov data of mu = 1."


def breakdown(record: dict) -> str:
    """The breakdown of a fit."""
    names = {
        "uncertainties": "uncertainties",
        "significance": "expected significance",
        "upper_limit": "expected limit on mu",
        "mu_unc": "uncertainty of mu",
    }
    rounded = pl.DataFrame(record["breakdown"]).with_columns(
        pl.col(pl.Float64).map_elements(lambda x: f"{x:.3f}", pl.String)
    )
    return table_formats.markdown(rounded.rename(names))


def effects(summary: pl.DataFrame) -> str:
    """The effects of systematics: relative changes, rules, and what is kept."""
    if summary.is_empty():
        return "No systematic variations are declared."
    rows = [
        {
            "systematic": row["systematic"],
            "region": row["channel"],
            "process": row[columns.PROCESS],
            "normalization up": f"{row['up'] - 1:+.2%}",
            "normalization down": f"{row['down'] - 1:+.2%}",
            "normalization": f"{row['normalization_rule']}, {row['normalization']}",
            "largest change of shape": f"{row['shape_size']:.2%}",
            "shape": f"{row['shape_rule']}, {row['shape']}",
        }
        for row in summary.iter_rows(named=True)
    ]
    return table_formats.markdown(pl.DataFrame(rows))


def section(records: Sequence[dict]) -> str:
    """The section for the fits of models; empty if there are none."""
    if not records:
        return ""
    names: dict[str, dict[str, None]] = {}
    for record in records:
        names.setdefault(state(record), {})[record["dataset"]] = None
    blinding = " ".join(
        text.format(names=", ".join(of_state)) for text, of_state in names.items()
    )
    parts = [f"{title(record)}\n\n{breakdown(record)}" for record in records]
    lead = LEAD.format(blinding=blinding)
    return SECTION.format(lead=lead, parts="\n\n".join(parts))


def state(record: dict) -> str:
    """The text about the recorded events of a data set."""
    if record["data"] == "recorded":
        return OBSERVED
    return BLINDED if record["has_recorded"] else SIMULATED


def title(record: dict) -> str:
    """Model, data set and fitted signal strength, and observed results if there are."""
    text = (
        f"`{record['model']}` on {record['dataset']}, {record['data']} data: "
        f"mu = {table_formats.with_uncertainty(record['mu'], record['mu_unc'])}"
    )
    observed = record["observed"]
    if observed is not None:
        text += (
            f"; observed significance {observed['discovery_significance']:.2f}, "
            f"observed limit mu < {observed['upper_limit']:.2f}"
        )
    return f"{text}:"
