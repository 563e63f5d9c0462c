"""Axes of features: names, and powers of ten of large or small values."""

import math

import matplotlib.pyplot as plt
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter

# Powers of ten within which tick labels are short enough as they are.
SHORT = range(-3, 5)
# Letters of a name that fit below a panel in full size.
N_LETTERS = 24
SIZE = 14


def label_feature(axes: plt.Axes, name: str) -> None:
    """Write the name of a feature below its panel, with the power of ten if large."""
    size = SIZE * min(1, N_LETTERS / len(name))
    text = with_power(axes.xaxis, name)
    axes.set_xlabel(text, fontsize=max(size, SIZE / 2), labelpad=2)


def with_power(axis: Axis, name: str) -> str:
    """The name of a linear axis, with the power of ten that its tick labels leave out.

    Matplotlib would write the power where it collides with other text.
    """
    largest = max(map(abs, axis.get_view_interval()))
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    if power in SHORT:
        return name
    scale = 10.0**power
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / scale:g}"))
    return rf"{name} / $10^{{{power}}}$"
