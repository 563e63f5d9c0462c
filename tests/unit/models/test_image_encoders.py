"""Tests of models.image_encoders.

Images equal those that Pillow draws; numbers are formatted as in Python.
"""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from hepfold.core import parsing, settings_layers
from hepfold.models import image_encoders, image_glyphs, image_layouts

N_FEATURES = 11
IS_DERIVED = np.arange(N_FEATURES) < 4
DEFAULTS = {
    "encoding": "text_equal",
    "size": 112,
    "order": "importance",
    "grouped": True,
    "font_size": None,
    "decimals": 3,
}


def settings(**changes) -> settings_layers.Images:
    return parsing.parse(DEFAULTS | changes, settings_layers.Images)


def events(n: int, seed: int = 0) -> np.ndarray:
    """Ten features of very different sizes with gaps, and a category of four values."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n, N_FEATURES)) * np.logspace(-2, 3.5, N_FEATURES)
    inputs[rng.random(inputs.shape) < 0.1] = np.nan
    inputs[:, -1] = rng.integers(0, 4, n)
    return np.clip(inputs, -9999.9, 9999.9).astype("f4")


def fitted(inputs=None, **changes) -> image_encoders.Encoder:
    encoder = image_encoders.build(settings(**changes), n_values=(4,))
    importance = np.random.default_rng(7).exponential(size=N_FEATURES)
    encoder.fit(events(300) if inputs is None else inputs, importance, IS_DERIVED)
    return encoder


def encoded(encoder: image_encoders.Encoder, inputs: np.ndarray) -> np.ndarray:
    out = encoder(torch.from_numpy(inputs))
    size = encoder.settings.size
    assert out.dtype == torch.uint8 and out.shape == (len(inputs), 1, size, size)
    return out[:, 0].numpy()


def blank(encoder: image_encoders.Encoder) -> Image.Image:
    return Image.new("L", (encoder.settings.size,) * 2)


def with_text(encoder: image_encoders.Encoder, event: np.ndarray) -> np.ndarray:
    """The image of one event, each feature drawn by Pillow as one text."""
    image = blank(encoder)
    draw = ImageDraw.Draw(image)
    for value, (left, top, *_), size in zip(
        event.tolist(), encoder.boxes.tolist(), encoder.font_sizes.tolist(), strict=True
    ):
        text = "?" if np.isnan(value) else f"{value:.{encoder.settings.decimals}f}"
        place = (left, top - image_glyphs.ink(size)[0])
        draw.text(place, text, fill=255, font=image_glyphs.font(size))
    return np.asarray(image)


def with_blocks(encoder: image_encoders.Encoder, gray: np.ndarray) -> np.ndarray:
    """The image of one event, each feature drawn by Pillow as a rectangle."""
    image = blank(encoder)
    for value, box in zip(gray.tolist(), encoder.boxes.tolist(), strict=True):
        left, top, right, bottom = box
        area = (left, top, right - 1, bottom - 1)
        ImageDraw.Draw(image).rectangle(area, fill=round(value))
    return np.asarray(image)


@pytest.mark.slow
@pytest.mark.parametrize("size", [112, 224])
@pytest.mark.parametrize("encoding", image_layouts.TEXTS)
@pytest.mark.parametrize("decimals", [0, 1, 3, 5])
def test_text_is_pixel_for_pixel_that_of_pillow(encoding, decimals, size):
    encoder = fitted(encoding=encoding, decimals=decimals, size=size)
    inputs = events(40, seed=1)
    for event, image in zip(inputs, encoded(encoder, inputs), strict=True):
        np.testing.assert_array_equal(image, with_text(encoder, event))


@pytest.mark.parametrize("font_size", [7, 8, 9, 10, 11, 12, 13, 16, 20])
def test_every_font_size_is_that_of_pillow(font_size):
    encoder = fitted(font_size=font_size, size=224, grouped=False, order="file")
    inputs = events(10, seed=font_size)
    for event, image in zip(inputs, encoded(encoder, inputs), strict=True):
        np.testing.assert_array_equal(image, with_text(encoder, event))


@pytest.mark.parametrize("encoding", ["blocks", "stripes"])
@pytest.mark.parametrize("size", [12, 56])
def test_brightness_is_a_sigmoid_of_the_standardized_feature(encoding, size):
    training, inputs = events(300), events(40, seed=1)
    encoder = fitted(training, encoding=encoding, size=size)
    continuous = training[:, :-1].astype("f8")
    standard = inputs[:, :-1] - np.nanmean(continuous, axis=0)
    standard /= np.nanstd(continuous, axis=0)
    gray = np.c_[127.5 * (1 + np.tanh(standard / 2)), 255 * inputs[:, -1] / 3]
    gray = np.nan_to_num(gray)
    for row, image in zip(gray, encoded(encoder, inputs), strict=True):
        np.testing.assert_array_equal(image, with_blocks(encoder, row))


def test_known_grays():
    """The mean is middle gray, a missing value black, the last category white."""
    encoder = fitted(encoding="blocks", size=56)
    mean = encoder.mean.float().numpy()
    inputs = np.array([[*mean, 3], [*np.full(10, np.nan), 0]], "f4")
    gray = encoder.brightness(torch.from_numpy(inputs))
    assert gray[0].tolist() == [pytest.approx(127.5, abs=0.6)] * 10 + [255]
    assert not encoded(encoder, inputs)[1].any()


@pytest.mark.parametrize("encoding", image_layouts.ENCODINGS)
def test_images_are_those_of_their_events_in_any_order_and_batch(encoding):
    encoder, inputs = fitted(encoding=encoding), events(30, seed=2)
    order = np.random.default_rng(0).permutation(len(inputs))
    whole = encoded(encoder, inputs)
    np.testing.assert_array_equal(encoded(encoder, inputs[order]), whole[order])
    alone = [encoded(encoder, inputs[i : i + 1]) for i in range(len(inputs))]
    np.testing.assert_array_equal(np.concatenate(alone), whole)
    assert encoded(encoder, inputs[:0]).shape == (0, 112, 112)


@pytest.mark.parametrize("encoding", image_layouts.ENCODINGS)
def test_a_feature_changes_only_its_box(encoding):
    encoder, inputs = fitted(encoding=encoding), events(2, seed=3)
    for i in range(N_FEATURES):
        changed = inputs.copy()
        changed[:, i] = np.where(np.isnan(inputs[:, i]), 0.0, np.nan)
        if i == N_FEATURES - 1:
            changed[:, i] = 3 - inputs[:, i]
        differs = encoded(encoder, changed) != encoded(encoder, inputs)
        left, top, right, bottom = encoder.boxes[i].tolist()
        assert differs.any()
        differs[:, top:bottom, left:right] = False
        assert not differs.any()


@pytest.mark.parametrize("encoding", image_layouts.ENCODINGS)
def test_fitted_values_are_restored_from_plain_arrays(encoding):
    first, inputs = fitted(encoding=encoding), events(20, seed=4)
    arrays = {name: array.copy() for name, array in first.arrays().items()}
    again = image_encoders.build(first.settings, n_values=(4,))
    again.load_arrays(arrays | {"network.weight": np.zeros(3)})
    np.testing.assert_array_equal(encoded(again, inputs), encoded(first, inputs))
    assert again.arrays().keys() == first.arrays().keys()
    assert sum(array.nbytes for array in arrays.values()) < 100_000


def test_encoding_other_events_changes_nothing_that_was_fitted():
    encoder = fitted(encoding="blocks")
    before = {name: t.clone() for name, t in encoder.state_dict().items()}
    encoded(encoder, 1e3 * events(50, seed=5))
    for name, tensor in encoder.state_dict().items():
        torch.testing.assert_close(tensor, before[name])


def test_constant_and_wholly_missing_features_have_an_image():
    inputs = events(50)
    inputs[:, 0], inputs[:, 1] = 4.0, np.nan
    encoder = fitted(inputs, encoding="blocks")
    gray = encoder.brightness(torch.from_numpy(inputs))
    assert set(gray[:, 0].tolist()) == {128} and set(gray[:, 1].tolist()) == {0}


def printed(values: np.ndarray, decimals: int) -> list[str]:
    """Texts of float32 numbers, without blanks."""
    codes = image_encoders.printed(torch.from_numpy(values), decimals)
    characters = np.array(list(image_glyphs.CHARACTERS))[codes.numpy()]
    return ["".join(row).rstrip() for row in characters]


def in_python(values: np.ndarray, decimals: int) -> list[str]:
    return [f"{float(value):.{decimals}f}" for value in values]


@pytest.mark.slow
@pytest.mark.parametrize("decimals", range(6))
def test_random_numbers_are_printed_as_by_python(decimals):
    rng = np.random.default_rng(decimals)
    size = 10 ** rng.uniform(-6, 3.99, 20_000)
    values = (rng.choice([-1, 1], len(size)) * size).astype("f4")
    assert printed(values, decimals) == in_python(values, decimals)


@pytest.mark.parametrize("decimals", range(6))
def test_ties_zeros_and_limits_are_printed_as_by_python(decimals):
    """Halves of a last digit that float32 holds exactly go to the even digit."""
    ties = np.arange(1, 2000) / 2 ** (decimals + 1)
    near = np.nextafter(np.arange(1, 999, dtype="f4") / 2, np.float32(0))
    powers = 10.0 ** np.arange(-decimals - 2, image_glyphs.N_WHOLE)
    values = np.concatenate([[0.0, 1e-45], ties, near, powers, powers - 1e-4])
    values = np.concatenate([values, -values]).astype("f4")
    assert "-0" + "." * (decimals > 0) + "0" * decimals in printed(values, decimals)
    assert printed(values, decimals) == in_python(values, decimals)


def test_numbers_with_too_many_digits_are_clipped():
    values = np.array([9999.999, 1e4, -1e4, 3e38, np.inf, -np.inf], "f4")
    largest = "9999.999"
    texts = [largest, largest, f"-{largest}", largest, largest, f"-{largest}"]
    assert printed(values, 3) == texts


def test_missing_is_a_question_mark_whatever_its_sign():
    values = np.array([np.nan, -np.nan, 1.0], "f4")
    assert printed(values, 2) == ["?", "?", "1.00"]


def test_text_adds_a_dimension_for_its_characters():
    values = torch.zeros(2, 3, 4)
    assert image_encoders.printed(values, 1).shape == (2, 3, 4, 7)
