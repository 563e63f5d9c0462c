"""Breakdown of expected results by groups of uncertainties."""

import polars as pl

from hepfold.analysis import fits, limits, workspaces

# Title and groups of each set of uncertainties, in addition to data statistics: first
# one more group in each row, then each group alone.
SETS = (
    ("data statistics", ()),
    ("+ simulation statistics", (workspaces.SIMULATION,)),
    ("+ normalization", (workspaces.SIMULATION, workspaces.NORMALIZATION)),
    ("+ shape", workspaces.GROUPS),
    ("simulation statistics alone", (workspaces.SIMULATION,)),
    ("normalization alone", (workspaces.NORMALIZATION,)),
    ("shape alone", (workspaces.SHAPE,)),
)


def table(record: dict, systematics: list[str]) -> pl.DataFrame:
    """Significance, median limit and uncertainty of mu with each set of uncertainties.

    All are computed from Asimov data, with mu = 1 for the significance and the
    uncertainty, and mu = 0 for the limit. Sets with a group without parameters are left
    out.
    """
    present = {
        group
        for group, names in workspaces.groups(record, systematics).items()
        if names
    }
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    table = []
    for title, groups in SETS:
        if not present.issuperset(groups):
            continue
        if groups not in rows:
            model = workspaces.model(record, groups, systematics)
            rows[groups] = {
                "significance": limits.discovery_significance(model),
                "upper_limit": limits.upper_limit(model, 0.0),
                "mu_unc": fits.uncertainty_of(record, groups, systematics),
            }
        table.append({"uncertainties": title, **rows[groups]})
    return pl.DataFrame(table)
