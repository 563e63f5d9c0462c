"""Tests of publish.methods_training: the text is that of the training."""

import method_samples
import pytest

from hepfold.core import settings_layers, settings_models, settings_training
from hepfold.core.settings_models import MLP
from hepfold.publish import methods_training

SPACE = {"network.width": (50, 100)}
DEFAULT = settings_training.Training()
SEARCH = settings_training.Search(27, 3, "auc", 0.2, SPACE)


def text(
    model: settings_models.BaseModel, training: settings_training.Training = DEFAULT
) -> str:
    described = methods_training.text(model, training, {"mlp": SEARCH})
    return " ".join(described.split())


@pytest.mark.parametrize("model", method_samples.options())
def test_every_model_has_a_text_without_holes(model):
    described = text(model)
    assert "None" not in described and "  " not in described and ".." not in described
    assert described.endswith(".")
    assert ("epoch" in described) != isinstance(model, settings_models.XGBoost)


def test_numbers_are_those_of_the_settings():
    model = MLP(n_epochs=7, batch_size=64, max_gradient_norm=0.5, label_smoothing=0.1)
    described = text(model, settings_training.Training(n_devices=4))
    assert "for 7 epochs in batches of 256 events" in described
    assert "norm of at most 0.5" in described and "smoothed by 0.1" in described


def test_validation_events_are_named_where_there_are_any():
    assert "No events were set aside" in text(MLP())
    assert "fraction of 0.25 of" in text(MLP(validation_fraction=0.25))
    fixed = settings_models.XGBoost(validation_fraction=0.0, n_rounds=80)
    assert "Boosting took 80 rounds at" in text(fixed)
    assert "at most 1,000 rounds" in text(settings_models.XGBoost())


def test_choices_of_events_and_classes_are_told_apart():
    described = text(MLP(n_events=5000, hypotheses=(500, 750)))
    assert "at most 5,000 events" in described and "500 GeV and 750 GeV" in described
    assert "equal sums for all classes" in text(MLP(classes="processes"))


def test_a_start_from_another_training_is_described():
    start = settings_layers.StartFrom("other", "higgs", 1, "body", 3)
    described = text(MLP(start_from=start))
    assert "`other` trained on higgs for fold 1." in described
    assert "3 epochs before all others" in described


@pytest.mark.parametrize("validation_fraction", [0.0, 0.2])
def test_trees_of_another_training_are_described(validation_fraction):
    start = settings_layers.BoosterStart("other", "higgs", 1, 0.7)
    model = settings_models.XGBoost(
        start_from=start, validation_fraction=validation_fraction
    )
    expected = "continued from the trees of `other` trained on higgs for fold 1, with "
    assert f"{expected}their margins multiplied by 0.7." in text(model)
    assert "continued" not in text(settings_models.XGBoost())


def test_searched_settings_are_named():
    assert "`network.width` were the best of a Hyperband" in text(MLP(tuned="mlp"))
    assert "Hyperband" not in text(MLP())


def test_tf32_is_said_to_be_of_a_gpu():
    training = settings_training.Training(precision="tf32")
    assert "TF32 on a GPU, and in float32 elsewhere." in text(MLP(), training)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_precision_is_that_of_the_training(precision):
    training = settings_training.Training(precision=precision)
    assert f"computed in {precision}." in text(MLP(), training)
    both = text(MLP())
    assert "bfloat16" in both and "float32" in both


def test_a_blend_names_its_parts():
    described = methods_training.of_blend(settings_models.Blend(("a", "b")))
    assert "`a` and `b`" in described and "[@wolpert1992; @breiman1996]" in described
