"""Tests of figures.bar_lists: rows have their names, bars and strokes."""

import polars as pl
import pytest

from hepfold.figures import bar_lists

NAMES = ["first", "second"]


def test_rows_are_from_the_top_with_their_bars():
    _, (axes,) = bar_lists.new_lists([2])
    length, unc = pl.Series([3.0, 1.0]), pl.Series([0.1, 0.2])
    bar_lists.draw_bars(axes, NAMES, length, unc, "tab:blue")
    assert [text.get_text() for text in axes.get_yticklabels()] == NAMES
    assert [bar.get_width() for bar in axes.patches] == [3.0, 1.0]
    bottom, top = axes.get_ylim()
    assert top < 0 < 1 < bottom


def test_strokes_are_in_the_rows_of_their_names():
    _, (axes,) = bar_lists.new_lists([2])
    values, of_name = pl.Series([0.5, 0.7]), pl.Series(["second", "first"])
    bar_lists.draw_points(axes, values, of_name, NAMES)
    assert axes.lines[0].get_xydata().tolist() == [[0.5, 1], [0.7, 0]]


def test_lists_have_rows_of_one_height():
    figure, panels = bar_lists.new_lists([2, 20])
    figure.draw_without_rendering()
    heights = [panel.get_position().height for panel in panels]
    assert heights[1] / heights[0] == pytest.approx(21 / 3, rel=0.01)


@pytest.mark.parametrize("values", [[0.2, 0.2], [-1.0, 3.0]])
def test_limits_leave_a_margin_around_all_values(values):
    low, high = bar_lists.axis_limits(pl.Series(values))
    assert low < min(values) and high > max(values)
