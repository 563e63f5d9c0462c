"""Values and their uncertainties as text, rounded as the Particle Data Group rounds.

The rule is in section 5.3 of the introduction to the Review of Particle Physics, Phys.
Rev. D 98 (2018) 030001: if the three highest digits of the uncertainty lie between 100
and 354, it keeps two digits; between 355 and 949, one; between 950 and 999 it is
rounded up to 1000 and keeps two. The value ends at the digit where that ends.
"""

from decimal import ROUND_HALF_UP, Decimal

PLUS_MINUS = "±"


def pdg(value: float, unc: float) -> tuple[str, str]:
    """Value and uncertainty as text; the uncertainty is above zero."""
    exact = Decimal(repr(float(unc)))
    first = exact.adjusted()
    highest = int(exact.scaleb(2 - first))
    last = first - 1 if highest <= 354 else first
    if highest >= 950:
        exact = Decimal(1).scaleb(first + 1)
    return tuple(
        f"{number.quantize(Decimal(1).scaleb(last), ROUND_HALF_UP):f}"
        for number in (Decimal(repr(float(value))), exact)
    )


def text(value: float | None, unc: float | None) -> str | None:
    """A value with its uncertainty; with four decimals where it has none."""
    if value is None:
        return None
    return f" {PLUS_MINUS} ".join(pdg(value, unc)) if unc else f"{value:.4f}"
