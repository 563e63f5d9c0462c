"""Tests of core.settings_layers: ranges of the parts of models."""

import msgspec
import pytest

from hepfold.core import settings_layers


def test_an_image_has_at_least_8_pixels_a_side():
    assert msgspec.convert({"size": 8}, settings_layers.Images).size == 8
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"size": 7}, settings_layers.Images)


def test_trees_cannot_be_augmented():
    assert msgspec.convert({"use": "augmentation"}, settings_layers.Symmetry)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"use": "augmentation"}, settings_layers.Orientation)
