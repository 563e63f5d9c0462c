"""Tests of hepfold.style: figures say whence their events come."""

from hepfold import style


def record(simulated: bool) -> dict:
    return {"dataset": "higgs", "simulated": simulated}


def test_simulation_is_called_simulation():
    assert "Simulation" in style.origin(record(True))
    assert style.origin(record(False)) == "HIGGS (UCI)"


def test_label_says_origin_and_note():
    _, axes = style.new_figure()
    style.label(axes, record(True), "mlp")
    assert axes.get_title("right") == "mlp"
    assert any("Simulation" in text.get_text() for text in axes.texts)


def test_panels_of_a_grid_are_equal():
    figure, panels = style.new_grid(3, 2)
    style.label_figure(figure, record(False), "train events")
    assert "HIGGS (UCI), train events" in figure.get_suptitle()
    sizes = {tuple(panel.get_position().size.round(6)) for panel in panels}
    assert (len(panels), len(sizes)) == (6, 1)


def test_panels_of_a_stack_share_their_horizontal_axis():
    _, (upper, lower) = style.new_stack()
    upper.set_xlim(1, 7)
    assert lower.get_xlim() == (1, 7)
