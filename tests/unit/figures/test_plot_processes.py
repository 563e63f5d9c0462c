"""Tests of figures.plot_processes: one row per background process, and its points."""

import process_samples
import pytest

from hepfold.core import columns
from hepfold.figures import plot_processes

RECORD = {"dataset": "tth", "title": process_samples.TITLE, "model": "mlp"}
RECORD |= {"toy": False, "normalization": process_samples.NORMALIZATION, "cut": 0.7}
DECLARED = [vars(process) for process in process_samples.DECLARED]


@pytest.fixture
def drawn():
    scores = process_samples.scores()
    return plot_processes.plot_processes(scores, RECORD, DECLARED, [0.3, 0.9])[
        "processes"
    ]


@pytest.mark.usefixtures("look")
def test_backgrounds_are_listed_by_expected_events(drawn):
    (axes,) = drawn.figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    backgrounds = [p for p in DECLARED if p["label"] == columns.BACKGROUND]
    assert len(names) == len(backgrounds)
    assert names[0].startswith("top pairs with")
    assert "21,000 → " in names[0] and names[-1].startswith("four top")
    assert drawn.figure.get_suptitle().endswith(", mlp, test events")


def test_each_working_point_has_a_color(drawn):
    (axes,) = drawn.figure.axes
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(texts) == 3 and texts[-1] == "chosen cut"
    colors = {container[0].get_color() for container in axes.containers}
    assert len(colors) == 3


@pytest.mark.slow
@pytest.mark.usefixtures("look")
def test_names_and_legend_are_on_the_page(drawn):
    figure = drawn.figure
    figure.draw_without_rendering()
    width = figure.bbox.width
    title = figure._suptitle.get_window_extent()
    assert title.x1 <= width and title.y0 >= figure.axes[0].bbox.y1
    (axes,) = figure.axes
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert min(box.x0 for box in boxes) >= -2
    assert axes.get_legend().get_window_extent().x1 <= width
    for lower, upper in zip(boxes[1:], boxes, strict=False):
        assert lower.y1 <= upper.y0 + 2
