"""Tests of publish.methods_models: the text is that of the architecture."""

import method_samples
import public_sets
import pytest

from hepfold.core import settings_layers, settings_models
from hepfold.publish import methods_models

ROLES = public_sets.DATASETS["higgsml"]
# What only the text of one kind says.
WORDS = {
    settings_models.MLP: "4 multilayer perceptrons was",
    settings_models.Residual: "residual networks was",
    settings_models.Dense: "[@huang2017dense]",
    settings_models.WideDeep: "[@cheng2016]",
    settings_models.TabM: "TabM network",
    settings_models.Transformer: "transformers was",
    settings_models.XGBoost: "XGBoost [@chen2016]",
    settings_models.SuperTML: "saw events as images",
}


def text(model: settings_models.BaseModel) -> str:
    return " ".join(methods_models.text(model, ROLES).split())


@pytest.mark.parametrize("kind", method_samples.KINDS)
def test_each_kind_is_described_by_its_own_words(kind):
    described = text(kind(n_members=4))
    assert [k for k, words in WORDS.items() if words in described] == [kind]
    assert "None" not in described and ".." not in described


def test_numbers_of_the_network_are_those_of_the_settings():
    network = settings_layers.MLPLayers(depth=7, width=33, dropout=0.25)
    described = text(settings_models.MLP(network=network, n_members=6))
    assert "6 multilayer perceptrons" in described
    assert "7 hidden layers of 33 units and swish" in described
    assert "dropout with probability 0.25." in described


def test_options_that_are_off_are_not_mentioned():
    network = settings_layers.MLPLayers(dropout=0.0)
    described = text(settings_models.MLP(network=network, n_members=1))
    for word in ("dropout", "normalization", "mean over its members"):
        assert word not in described
    top = settings_layers.MLPLayers(dropout_layers="top", batch_norm=True)
    described = text(settings_models.MLP(network=top))
    assert "after the last hidden layer and batch normalization" in described


def test_trees_have_the_numbers_of_their_settings():
    trees = settings_layers.Trees(depth=4, event_fraction=0.7, feature_fraction=0.3)
    described = text(settings_models.XGBoost(trees=trees))
    assert "depth of at most 4" in described
    assert "70% of the events" in described and "30% of the features" in described


@pytest.mark.parametrize(
    ("backbone", "words"),
    [
        ("se_resnet", "squeeze and excitation"),
        ("efficientnet_lite0", "pretrained on ImageNet"),
        ("timm/resnet18", "`resnet18` with the pretrained weights of timm"),
    ],
)
def test_the_backbone_of_image_networks_is_named(backbone, words):
    network = settings_layers.ImageNetwork(backbone=backbone)
    assert words in text(settings_models.SuperTML(network=network))


def test_decimals_matter_for_texts_alone():
    images = settings_layers.Images(encoding="text_equal", decimals=2, size=64)
    with_text = text(settings_models.SuperTML(images=images))
    assert "64 x 64 pixels" in with_text and "Numbers had 2 decimals." in with_text
    assert "decimal" not in text(settings_models.SuperTML())


def test_the_score_of_classes_is_a_likelihood_ratio():
    model = settings_models.MLP(classes={"a": ("x",), "b": ("y",)})
    assert "classes `a` and `b`" in text(model)
    assert "those of the training events" in text(model)
    by_weight = settings_layers.WeightClasses(signal=(0.2,), background=(0.5, 1.0))
    model = settings_models.MLP(weight_classes=by_weight)
    divided = "(divided at weights of signal: 0.2; background: 0.5, 1)"
    assert f"ranges of the event weight as classes {divided}" in text(model)
    model = settings_models.MLP(classes="processes", class_fractions={"x": 1.0})
    assert "the processes as classes" in text(model) and "were given" in text(model)
    assert "sigmoid" in text(settings_models.MLP())
