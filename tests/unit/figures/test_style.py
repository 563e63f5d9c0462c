"""Tests of figures.style: looks, layouts, and the origin of the events."""

import matplotlib.pyplot as plt
import mplhep
import pytest

from hepfold.figures import style


def record(toy: bool) -> dict:
    return {"dataset": "higgs", "title": "HIGGS (UCI)", "toy": toy}


def test_toy_events_are_called_toy():
    assert "Toy events" in style.origin(record(True))
    assert style.origin(record(False)) == "HIGGS (UCI)"


def test_labels_have_origin_and_note():
    _, axes = style.new_figure()
    style.label(axes, record(True), "mlp")
    assert axes.get_title("right") == "mlp"
    assert any("Toy events" in text.get_text() for text in axes.texts)


LONG = "Search for pairs of vector-like quarks in events with two leptons and jets"


@pytest.mark.slow
@pytest.mark.parametrize("look", sorted(style.LOOKS))
def test_a_long_title_ends_before_the_note(look):
    style.use(look)
    figure, axes = style.new_figure()
    style.label(axes, record(False) | {"title": LONG}, "mlp, out-of-fold and test")
    axes.set(xlabel="Score", ylabel="Events")
    figure.draw_without_rendering()
    (title,) = (t for t in axes.texts if t.get_text() == LONG)
    assert title.get_window_extent().x1 < axes._right_title.get_window_extent().x0


def test_a_long_title_of_a_figure_leaves_a_part_of_its_width():
    figure, _ = style.new_grid(1, 4)
    style.label_figure(figure, record(False) | {"title": 2 * LONG}, "", 0.7)
    extent = figure._suptitle.get_window_extent()
    assert extent.x1 <= 0.71 * figure.bbox.width


def test_panels_of_a_grid_are_equal():
    figure, panels = style.new_grid(3, 2)
    style.label_figure(figure, record(False), "training events")
    assert "HIGGS (UCI), training events" in figure.get_suptitle()
    sizes = {tuple(panel.get_position().size.round(6)) for panel in panels}
    assert (len(panels), len(sizes)) == (6, 1)


def test_panels_of_a_stack_share_their_horizontal_axis():
    _, (upper, lower) = style.new_stack()
    upper.set_xlim(1, 7)
    assert lower.get_xlim() == (1, 7)


@pytest.mark.parametrize("look", sorted(style.LOOKS))
def test_a_look_is_that_of_its_experiment(look):
    style.use(look)
    official = getattr(mplhep.style, look.upper())
    for name in ("axes.prop_cycle", "font.sans-serif", "ytick.direction"):
        assert plt.rcParams[name] == official[name]


@pytest.mark.slow
@pytest.mark.parametrize("look", sorted(style.LOOKS))
def test_the_first_labels_of_both_axes_are_apart(look):
    style.use(look)
    figure, axes = style.new_figure()
    axes.set(xlim=(0, 1), ylim=(0, 35), xlabel="Score", ylabel="AMS")
    figure.draw_without_rendering()
    across, up = (
        axis.get_ticklabels()[0].get_window_extent()
        for axis in (axes.xaxis, axes.yaxis)
    )
    assert across.x0 < axes.bbox.x0 and up.y0 < axes.bbox.y0
    assert not across.overlaps(up)


def test_a_look_replaces_the_previous_one():
    style.use("cms")
    expected = dict(plt.rcParams)
    style.use("atlas")
    assert dict(plt.rcParams) != expected
    style.use("cms")
    assert dict(plt.rcParams) == expected


def test_each_look_has_its_letters_for_name_and_origin():
    letters = {}
    for look in style.LOOKS:
        style.use(look)
        _, axes = style.new_figure()
        style.label(axes, record(True), "mlp")
        name, origin = axes.texts
        letters[look] = name.get_style(), origin.get_style()
    assert letters == {"atlas": ("italic", "normal"), "cms": ("normal", "italic")}


def test_each_of_ten_models_has_its_color():
    assert len(set(style.model_colors(10))) == 10
    assert style.model_colors(11)[10] == style.model_colors(1)[0]


def test_a_figure_of_merit_has_its_total_uncertainty_in_a_legend():
    merits = {"ams": 3.0, "ams_unc": 0.1, "ams_unc_total": 0.2}
    assert style.merit_text(merits, "ams", 1) == "3.0 ± 0.2"
    assert style.merit_text(merits | {"ams_unc_total": None}, "ams", 1) == "3.0"
    few = merits | {"ams_unc_low": 0.15, "ams_unc_high": 0.31}
    assert style.merit_text(few, "ams", 2) == "3.00 +0.31 -0.15"
    assert style.merit_text(merits | {"ams": None}, "ams", 1) == "undefined"
