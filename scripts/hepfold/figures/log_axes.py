"""Ticks of logarithmic axes that span few decades."""

import math

from matplotlib.axis import Axis
from matplotlib.ticker import LogFormatterSciNotation, LogLocator, NullFormatter

LABELED = (1, 3)


def label_ones_and_threes(axis: Axis) -> None:
    """Label 1 and 3 of each decade of a logarithmic axis.

    Matplotlib labels other multiples too if the axis spans about a decade, so closely
    that they overlap, or leaves a single label.
    """
    axis.set_major_locator(LogLocator(subs=LABELED))
    everywhere = (math.inf, math.inf)
    axis.set_major_formatter(
        LogFormatterSciNotation(labelOnlyBase=False, minor_thresholds=everywhere)
    )
    axis.set_minor_locator(LogLocator(subs=range(2, 10)))
    axis.set_minor_formatter(NullFormatter())
