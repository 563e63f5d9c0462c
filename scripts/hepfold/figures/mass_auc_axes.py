"""Drawing of AUC against the mass hypothesis, for one or several models."""

import matplotlib.pyplot as plt
import polars as pl

BAND = {"alpha": 0.25, "lw": 0}
# Ring around AUCs at masses that were not used in training.
RING = {"marker": "o", "ls": "", "mfc": "none", "ms": 13}


def draw_aucs(axes: plt.Axes, part: pl.DataFrame, **look) -> None:
    """Draw AUCs with bands, and rings at masses not used in training."""
    mass, auc, unc = part.sort("mass_hypothesis").select(
        "mass_hypothesis", "auc", "auc_unc"
    )
    look = {"marker": "o", "ms": 6, "lw": 1.5, **look}
    axes.plot(mass, auc, **look)
    if look.get("ls") == "":
        axes.errorbar(mass, auc, unc, color=look["color"], fmt="none", capsize=3)
    else:
        axes.fill_between(mass, auc - unc, auc + unc, color=look["color"], **BAND)
    untrained = part.filter(~pl.col("trained"))
    ring = look | RING | {"label": None, "zorder": 4}
    axes.plot(untrained["mass_hypothesis"], untrained["auc"], **ring)


def finish(axes: plt.Axes, table: pl.DataFrame) -> None:
    """Set axis limits that include all AUCs and their bands."""
    mass = table["mass_hypothesis"]
    margin = 0.1 * (mass.max() - mass.min()) or 0.1 * mass.max()
    axes.set_xlim(mass.min() - margin, mass.max() + margin)
    low, high = axes.get_ylim()
    axes.set_ylim(low, min(high, 1.02))
    axes.set_xlabel("Mass hypothesis (GeV)")
    axes.set_ylabel("AUC at this mass hypothesis")
