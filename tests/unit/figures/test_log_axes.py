"""Tests of figures.log_axes: which ticks of a logarithmic axis are labeled."""

import pytest

from hepfold.figures import log_axes, style


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((0.013, 0.36), [0.03, 0.1, 0.3]),
        ((0.0055, 0.035), [0.01, 0.03]),
        ((260, 4200), [300, 1000, 3000]),
        ((0.9, 1100), [1, 3, 10, 30, 100, 300, 1000]),
    ],
)
def test_one_and_three_of_each_decade_are_labeled(limits, expected):
    figure, axes = style.new_figure()
    axes.set_xscale("log")
    log_axes.label_ones_and_threes(axes.xaxis)
    axes.set_xlim(limits)
    figure.canvas.draw()
    ticks = [
        (place, text.get_text())
        for place, text in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        if limits[0] <= place <= limits[1]
    ]
    assert [place for place, _ in ticks] == pytest.approx(expected)
    assert all(text for _, text in ticks)
    assert not any(tick.get_text() for tick in axes.get_xticklabels(minor=True))
