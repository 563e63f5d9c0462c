"""Tests of models.image_layouts: boxes are disjoint and inside the image."""

import subprocess
import sys

import numpy as np
import pytest

from hepfold.core import logs, parsing, settings_layers
from hepfold.models import image_glyphs, image_layouts

DEFAULTS = {
    "encoding": "blocks",
    "size": 224,
    "order": "file",
    "grouped": False,
    "font_size": None,
    "decimals": 3,
}
N_FEATURES = (1, 5, 6, 7, 28, 30)


def settings(**changes) -> settings_layers.Images:
    return parsing.parse(DEFAULTS | changes, settings_layers.Images)


def arrange(n_features: int, importance=None, n_derived: int = 0, **changes):
    if importance is None:
        importance = np.random.default_rng(n_features).exponential(size=n_features)
    is_derived = np.arange(n_features) < n_derived
    return image_layouts.arrange(settings(**changes), is_derived, importance)


def check(n_features: int = 30, **changes) -> None:
    image_layouts.check(settings(**changes), np.arange(n_features) < n_features // 2)


@pytest.mark.slow
@pytest.mark.parametrize("n_features", N_FEATURES)
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("encoding", image_layouts.ENCODINGS)
@pytest.mark.parametrize("size", [128, 224])
def test_boxes_neither_overlap_nor_leave_the_image(encoding, n_features, grouped, size):
    n_derived = n_features // 3
    settings = {"encoding": encoding, "grouped": grouped, "size": size}
    layout = arrange(n_features, n_derived=n_derived, order="importance", **settings)
    taken = np.zeros((size, size), int)
    for left, top, right, bottom in layout.boxes:
        assert 0 <= left < right <= size and 0 <= top < bottom <= size
        taken[top:bottom, left:right] += 1
    assert taken.max() == 1


@pytest.mark.parametrize("n_features", N_FEATURES)
@pytest.mark.parametrize("encoding", image_layouts.TEXTS)
def test_texts_fit_their_boxes(encoding, n_features):
    layout = arrange(n_features, encoding=encoding)
    for box, font_size in zip(layout.boxes, layout.font_sizes, strict=True):
        width, height = image_glyphs.text_size(9, int(font_size))
        assert box[2] - box[0] >= width and box[3] - box[1] == height
        assert box[0] % image_layouts.WORD == box[2] % image_layouts.WORD == 0


def test_blocks_and_stripes_fill_the_image():
    for encoding, n_features in (("blocks", 30), ("stripes", 30), ("stripes", 7)):
        boxes = arrange(n_features, encoding=encoding, size=56).boxes
        assert np.prod(image_layouts.extent(boxes), axis=1).sum() == 56**2


def test_equal_cells_are_equal_and_their_font_the_largest_that_fits():
    layout = arrange(30, encoding="text_equal")
    assert len(set(layout.font_sizes)) == 1
    assert len({tuple(row) for row in image_layouts.extent(layout.boxes)}) == 1
    check(encoding="text_equal", font_size=int(layout.font_sizes[0]))
    with pytest.raises(logs.InputError, match="its cell"):
        check(encoding="text_equal", font_size=int(layout.font_sizes[0]) + 1)


def test_file_order_is_row_by_row():
    boxes = arrange(30, size=56).boxes
    places = [(box[1], box[0]) for box in boxes]
    assert places == sorted(places)


@pytest.mark.parametrize("encoding", ["blocks", "stripes", "text_equal"])
def test_importance_orders_within_groups_and_derived_come_first(encoding):
    importance = np.array([1.0, 5.0, 3.0, 9.0, 2.0])
    settings = {"encoding": encoding, "order": "importance"}
    for grouped, expected in ((False, [3, 1, 2, 4, 0]), (True, [1, 2, 0, 3, 4])):
        boxes = arrange(5, importance, 3, grouped=grouped, **settings).boxes
        order = sorted(range(5), key=lambda i, boxes=boxes: (boxes[i, 1], boxes[i, 0]))
        assert order == expected
        if encoding == "blocks":
            assert (boxes[3, 1] > boxes[0, 1]) == grouped


def test_fonts_grow_with_importance_the_largest_first():
    importance = np.array([0.5, 4.0, 0.0, 1.0, 2.0, -1.0])
    layout = arrange(6, importance, encoding="text_importance")
    order = np.argsort(-importance, kind="stable")
    sizes = layout.font_sizes[order]
    assert (np.diff(sizes) <= 0).all() and sizes[0] > 1.9 * sizes[2]
    assert sizes[-2:].tolist() == [image_glyphs.SMALLEST_FONT] * 2
    places = [tuple(layout.boxes[i, 1::-1]) for i in order]
    assert places == sorted(places)


def test_font_size_is_the_largest_of_importance():
    layout = arrange(6, encoding="text_importance", font_size=20)
    assert layout.font_sizes.max() == 20


def test_layout_does_not_depend_on_the_scale_of_importance():
    importance = np.random.default_rng(3).exponential(size=30)
    for encoding in image_layouts.ENCODINGS:
        settings = {"encoding": encoding, "order": "importance"}
        first = arrange(30, importance, **settings)
        again = arrange(30, 1e-6 * importance, **settings)
        np.testing.assert_array_equal(first.boxes, again.boxes)


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"encoding": "stripes", "size": 8},
            "30 rows of 1 stripes, too many for 8 pixels",
        ),
        ({"encoding": "stripes", "size": 29}, "30 rows of 1 stripes, too many for 29"),
        ({"encoding": "text_equal", "size": 100}, "100 is not a multiple of 8"),
        (
            {"encoding": "text_equal", "font_size": 30},
            "font size 30 needs 162 x 23 .*its cell has 112 x 14: 30 features",
        ),
        ({"encoding": "text_equal", "size": 56}, "36 x 6 .*its cell has 24 x 3"),
        ({"encoding": "text_importance", "size": 56}, "30 texts .* in 56 x 56"),
        ({"encoding": "text_importance", "font_size": 60}, "one at font size 60"),
    ],
)
def test_impossible_images_are_rejected_with_numbers(changes, message):
    with pytest.raises(logs.InputError, match=message):
        check(**changes)


@pytest.mark.parametrize("encoding", image_layouts.ENCODINGS)
def test_accepted_settings_can_be_arranged(encoding):
    """For any importances."""
    settings = {"encoding": encoding, "order": "importance", "size": 96}
    check(**settings)
    for importance in (
        np.ones(30),
        np.arange(30) == 3,
        np.zeros(30),
        2.0 ** np.arange(30),
    ):
        assert arrange(30, importance, **settings).boxes.max() <= 96


def test_settings_are_checked_without_torch():
    code = (
        "import sys; from hepfold.models import image_layouts; "
        "assert 'torch' not in sys.modules"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    assert not subprocess.run([sys.executable, "-c", code], env=environment).returncode
