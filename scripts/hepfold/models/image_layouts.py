"""Layouts: the position of each feature in the image of an event.

This module does not need torch, so that layouts can be checked when the configuration
is read.
"""

from dataclasses import dataclass

import numpy as np

from hepfold.core import logs, settings_layers
from hepfold.models import image_glyphs

TEXTS = ("text_equal", "text_importance")
ENCODINGS = (*TEXTS, "blocks", "stripes")
BLOCKS_PER_ROW = 6
# Texts begin at multiples of this number of pixels.
WORD = 8
# Empty rows of pixels between lines of text.
LINE_GAP = 1


@dataclass(frozen=True)
class Layout:
    """Boxes (n_features, 4) of features in an image: left, top, right and bottom.

    Right and bottom are the first pixels outside. `font_sizes` (n_features,) are zero
    for features without text.
    """

    size: int
    boxes: np.ndarray
    font_sizes: np.ndarray


def check(settings: settings_layers.Images, is_derived: np.ndarray) -> None:
    """Check that the features fit into an image with these settings.

    `is_derived` (n_features,) distinguishes derived from primary features.
    """
    if settings.encoding != "text_importance":
        arrange(settings, is_derived, np.ones(len(is_derived)))
        return
    check_text_settings(settings)
    n_characters = image_glyphs.n_characters(settings.decimals)
    # The importances are not known yet. The check assumes one feature at the requested
    # font size and all others at the smallest size.
    sizes = np.full(len(is_derived), image_glyphs.SMALLEST_FONT)
    sizes[0] = max(sizes[0], settings.font_size or 0)
    if shelves(settings.size, sizes, n_characters) is None:
        raise logs.InputError(
            f"images: {len(sizes)} texts of {n_characters} characters, one at font "
            f"size {sizes[0]} and the others at the smallest, "
            f"{image_glyphs.SMALLEST_FONT}, "
            f"do not fit in {settings.size} x {settings.size} pixels; increase size "
            "or lower font_size or decimals"
        )


def arrange(
    settings: settings_layers.Images, is_derived: np.ndarray, importance: np.ndarray
) -> Layout:
    """The layout of an image.

    Parameters
    ----------
    settings
        Settings of the images.
    is_derived
        Which features (n_features,) are derived from others.
    importance
        Importance of each feature (n_features,), on any scale.
    """
    if settings.encoding in TEXTS:
        check_text_settings(settings)
    if settings.encoding == "text_importance":
        return by_importance(settings, importance)
    ranks = rank(settings, is_derived, importance)
    if settings.encoding == "text_equal":
        return in_equal_cells(settings, ranks, is_derived)
    n_columns = BLOCKS_PER_ROW if settings.encoding == "blocks" else 1
    groups = group_sizes(settings, is_derived)
    n_rows = sum(-(-n // n_columns) for n in groups)
    if settings.size < max(n_rows, n_columns):
        raise logs.InputError(
            f"images.size: {len(ranks)} features are {n_rows} rows of {n_columns} "
            f"{settings.encoding}, too many for {settings.size} pixels; increase it"
        )
    boxes = cells(settings.size, n_columns, groups)[ranks]
    return Layout(settings.size, boxes, np.zeros(len(ranks), int))


def check_text_settings(settings: settings_layers.Images) -> None:
    """Check that the image size is a multiple of the alignment of texts."""
    if settings.size % WORD:
        raise logs.InputError(
            f"images.size: {settings.size} is not a multiple of {WORD}, as required by "
            f"{TEXTS[0]} and {TEXTS[1]}"
        )


def rank(
    settings: settings_layers.Images, is_derived: np.ndarray, importance: np.ndarray
) -> np.ndarray:
    """Position (n_features,) of each feature in the image; in groups, derived first."""
    keys = [np.zeros(len(is_derived))]
    if settings.order == "importance":
        keys.append(-np.asarray(importance, "f8"))
    if settings.grouped:
        keys.append(~is_derived)
    ranks = np.empty(len(is_derived), int)
    ranks[np.lexsort(keys)] = np.arange(len(is_derived))
    return ranks


def group_sizes(settings: settings_layers.Images, is_derived: np.ndarray) -> list[int]:
    """Numbers of features in groups, each of which begins a new row."""
    n_derived = int(np.sum(is_derived))
    groups = [n_derived, len(is_derived) - n_derived]
    return [n for n in groups if n] if settings.grouped else [sum(groups)]


def cells(size: int, n_columns: int, groups: list[int], step: int = 1) -> np.ndarray:
    """Boxes (n_features, 4) of equal cells, row by row; a group begins a new row.

    Left and right are multiples of `step`.
    """
    n_rows = [-(-n // n_columns) for n in groups]
    first_row = np.cumsum([0, *n_rows[:-1]])
    row = np.concatenate(
        [f + np.arange(n) // n_columns for f, n in zip(first_row, groups, strict=True)]
    )
    column = np.concatenate([np.arange(n) % n_columns for n in groups])
    x = np.arange(n_columns + 1) * size // n_columns // step * step
    y = np.arange(sum(n_rows) + 1) * size // sum(n_rows)
    return np.stack([x[column], y[row], x[column + 1], y[row + 1]], axis=1)


def in_equal_cells(
    settings: settings_layers.Images, ranks: np.ndarray, is_derived: np.ndarray
) -> Layout:
    """Texts of one font size, centered in equal cells.

    The number of columns leaves the most room around the texts. SuperTML_EF of Sun et
    al. 2019, arXiv:1903.06246.
    """
    size, groups = settings.size, group_sizes(settings, is_derived)
    n_characters = image_glyphs.n_characters(settings.decimals)
    grids = [cells(size, n, groups, WORD) for n in range(1, max(groups) + 1)]
    smallest = image_glyphs.SMALLEST_FONT
    font_sizes = range(max(size, smallest), smallest - 1, -1)
    if settings.font_size:
        font_sizes = [settings.font_size]
    for font_size in font_sizes:
        text = image_glyphs.text_size(n_characters, font_size)
        needed = (text[0], text[1] + LINE_GAP)
        room = [np.min(extent(grid) / needed) for grid in grids]
        if max(room) >= 1:
            boxes = centered(grids[np.argmax(room)], text)[ranks]
            return Layout(size, boxes, np.full(len(ranks), font_size))
    width, height = extent(grids[np.argmax(room)]).min(axis=0)
    raise logs.InputError(
        f"images: a text of {n_characters} characters at font size {font_size} needs "
        f"{needed[0]} x {needed[1]} pixels with the line gap, but its cell has "
        f"{width} x {height}: {len(ranks)} features in {size} x {size} pixels; "
        "increase size or lower font_size or decimals"
    )


def extent(boxes: np.ndarray) -> np.ndarray:
    """Widths and heights (n_features, 2) of boxes."""
    return boxes[:, 2:] - boxes[:, :2]


def centered(boxes: np.ndarray, text: tuple[int, int]) -> np.ndarray:
    """Boxes of texts, aligned to whole words, in the middle of boxes."""
    size = np.array([whole_words(text[0]), text[1]])
    corner = boxes[:, :2] + (extent(boxes) - size) // 2
    corner[:, 0] = corner[:, 0] // WORD * WORD
    return np.hstack([corner, corner + size])


def whole_words(width: int) -> int:
    """Width of a text in pixels, rounded up to whole words."""
    return -(-width // WORD) * WORD


def by_importance(settings: settings_layers.Images, importance: np.ndarray) -> Layout:
    """Texts whose area grows with importance, the largest first, as large as fit.

    SuperTML_VF of Sun et al. 2019, arXiv:1903.06246, where the arrangement is open.
    """
    size = settings.size
    n_characters = image_glyphs.n_characters(settings.decimals)
    importance = np.maximum(importance, 0)
    relative = np.sqrt(importance / (importance.max() or 1))
    order = np.argsort(-importance, kind="stable")
    least = image_glyphs.SMALLEST_FONT
    for largest in range(max(settings.font_size or size, least), least - 1, -1):
        sizes = np.maximum((largest * relative).astype(int), least)
        boxes = shelves(size, sizes[order], n_characters)
        if boxes is not None:
            return Layout(size, boxes[np.argsort(order)], sizes)
    raise logs.InputError(
        f"images.size: {len(order)} texts of {n_characters} characters do not fit in "
        f"{size} x {size} pixels even at font size {least}, the smallest; increase it"
    )


def shelves(size: int, font_sizes: np.ndarray, n_characters: int) -> np.ndarray | None:
    """Boxes (n_features, 4) of texts in lines, or None if the texts do not fit.

    Takes font sizes in falling order; a line is as high as its first text.
    """
    boxes, left, top, line = [], 0, 0, 0
    for font_size in font_sizes:
        width, height = image_glyphs.text_size(n_characters, int(font_size))
        width = whole_words(width)
        if left + width > size:
            left, top, line = 0, top + line + LINE_GAP, 0
        line = max(line, height)
        boxes.append([left, top, left + width, top + height])
        left += width
    boxes = np.array(boxes)
    return boxes if boxes[:, 2:].max() <= size else None
