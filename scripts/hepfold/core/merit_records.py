"""Reading figures of merit and their uncertainties from a record."""


def quoted_unc(merits: dict, name: str) -> float | None:
    """The total uncertainty of a figure of merit, or the part from the events.

    The latter if no other part is computed, as for AUCs at a mass hypothesis.
    """
    return merits.get(f"{name}_unc_total", merits.get(f"{name}_unc"))
