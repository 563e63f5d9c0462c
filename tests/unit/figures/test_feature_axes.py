"""Tests of the axes of features: values in MeV, long names."""

import matplotlib.pyplot as plt
import pytest

from hepfold.figures import feature_axes


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limits", "label", "first"),
    [
        ((0, 250), "HT", "50"),
        ((0, 750_000), "HT / $10^{5}$", "1"),
        ((-2e-5, 2e-5), "HT / $10^{-5}$", "-2"),
    ],
)
def test_powers_of_ten_are_part_of_the_name(axes, limits, label, first):
    axes.set_xlim(*limits)
    feature_axes.label_feature(axes, "HT")
    axes.figure.canvas.draw()
    assert axes.get_xlabel() == label
    assert axes.xaxis.get_offset_text().get_text() == ""
    assert first in [text.get_text() for text in axes.get_xticklabels()]


def test_long_names_are_smaller(axes):
    sizes = []
    for length in (5, 24, 40, 500):
        feature_axes.label_feature(axes, "x" * length)
        sizes.append(axes.xaxis.label.get_size())
    assert sizes == [14, 14, pytest.approx(8.4), 7]


def test_a_vertical_axis_has_its_power_in_the_name(axes):
    axes.set_ylim(0, 3e-6)
    assert feature_axes.with_power(axes.yaxis, "Density") == "Density / $10^{-6}$"
    axes.figure.canvas.draw()
    assert axes.yaxis.get_offset_text().get_text() == ""
    axes.set_ylim(0, 3)
    assert feature_axes.with_power(axes.yaxis, "Density") == "Density"
