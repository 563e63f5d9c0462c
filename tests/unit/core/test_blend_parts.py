"""Tests of core.blend_parts: blends name models that can be blended."""

import public_sets
import pytest

from hepfold.core import blend_parts, configuration, logs, settings

MODELS = {
    "mlp": {"kind": "mlp"},
    "xgboost": {"kind": "xgboost"},
    "images": {"kind": "supertml"},
    "of_500": {"kind": "mlp", "hypotheses": [500]},
    "blend": {"kind": "blend", "of": ["mlp", "xgboost"]},
}


def complete(run: dict, folds=None, **changes) -> settings.Configuration:
    """The configuration of a run with changes of its models."""
    config = {
        "run": {"datasets": ["higgsml"], **run},
        "datasets": {"higgsml": {"files": "toy"}},
        "models": MODELS | changes,
        "folds": folds or {},
    }
    return configuration.complete(config, public_sets.VALUES)


@pytest.mark.parametrize(
    ("run", "names"),
    [
        ({"models": ["blend"]}, ["mlp", "xgboost"]),
        ({"models": ["mlp", "blend"]}, ["mlp", "xgboost"]),
        ({"models": ["blend"], "compared": ["images"]}, ["mlp", "xgboost", "images"]),
        ({"models": ["mlp"], "compared": ["blend"]}, ["mlp", "xgboost"]),
        ({"models": ["mlp"]}, ["mlp"]),
    ],
)
def test_parts_of_blends_are_trained_once(run, names):
    assert blend_parts.trained(complete(run)) == names


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["mlp", "forest"], "'forest' is not one of mlp, xgboost, images, of_500"),
        (["mlp", "blend"], "'blend' is a blend itself; name its parts instead"),
        (["mlp", "other"], "'other' is a blend itself; name its parts instead"),
        (["mlp", "images"], "'images' sees images, which a blend does not support"),
        (["mlp", "of_500"], "'of_500' is trained on some mass hypotheses only"),
        (["mlp"], "expected list of length >= 2, got ['mlp']"),
        (["mlp", "mlp"], "'mlp' is listed twice"),
    ],
)
def test_parts_that_cannot_be_blended_are_named(parts, message):
    with pytest.raises(logs.InputError) as error:
        complete({"models": ["mlp"]}, other={"kind": "blend", "of": parts})
    assert str(error.value).startswith("models.other.of: ")
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("key", ["tuned", "n_members", "learning_rate", "features"])
def test_a_blend_has_no_settings_of_a_training(key):
    with pytest.raises(logs.InputError, match=f"models.blend.{key}: unknown key"):
        complete({"models": ["mlp"]}, blend=MODELS["blend"] | {key: 1})


def test_a_blend_cannot_be_searched():
    search = {"max_epochs": 3, "factor": 3, "merit": "auc", "validation_fraction": 0.3}
    config = {
        "run": {"datasets": ["higgsml"], "models": ["blend"]},
        "datasets": {"higgsml": {"files": "toy"}},
        "models": MODELS,
        "search": {"blend": search | {"space": {"n_members": [1, 2]}}},
    }
    with pytest.raises(logs.InputError, match=r"search.blend.space.n_members: the mod"):
        configuration.complete(config, public_sets.VALUES)


def test_weights_need_a_second_trained_fold():
    with pytest.raises(logs.InputError, match=r"folds.n_trained: 1, but"):
        complete({"models": ["blend"]}, {"n_trained": 1})
    complete({"models": ["blend"]}, {"n_trained": 2})
    complete({"models": ["mlp"]}, {"n_trained": 1})


def test_a_further_seed_of_a_blend_is_of_parts_with_that_seed():
    full = complete({"models": ["blend"], "n_seeds": 2})
    assert full.run.compared == ("blend_seed2",)
    assert full.models["blend_seed2"].of == ("mlp_seed2", "xgboost_seed2")
    assert full.models["mlp_seed2"].seed == full.models["mlp"].seed + 1
    names = ["mlp", "xgboost", "mlp_seed2", "xgboost_seed2"]
    assert blend_parts.trained(full) == names
