"""Horizontal axes of features: names, and powers of ten of large or small values."""

import math

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

# Powers of ten within which tick labels are short enough as they are.
SHORT = range(-3, 5)
# Letters of a name that fit below a panel in full size.
N_LETTERS = 24
SIZE = 14


def label_feature(axes: plt.Axes, name: str) -> None:
    """Write the name of a feature below its panel, with the power of ten if large."""
    largest = max(map(abs, axes.get_xlim()))
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    text = name
    if power not in SHORT:
        text = rf"{name} / $10^{{{power}}}$"
        scale = 10.0**power
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / scale:g}"))
    size = SIZE * min(1, N_LETTERS / len(name))
    axes.set_xlabel(text, fontsize=max(size, SIZE / 2), labelpad=2)
