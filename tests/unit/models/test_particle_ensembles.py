"""Tests of models.particle_ensembles: training, symmetries, files and ONNX."""

import dataclasses

import numpy as np
import pytest
import samples

from hepfold.models import feature_schema, onnx_export, zoo

SCHEMA = samples.TWO_BODIES


def trained(n_epochs: int = 6, schema=SCHEMA, n_events: int = 600, **changes):
    model = samples.TRANSFORMER | {"n_epochs": n_epochs} | changes
    return samples.train(samples.two_bodies(n_events), schema_=schema, **model)[0]


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    return samples.two_bodies(50, seed=3).inputs


@pytest.mark.slow
def test_it_finds_bodies_that_are_back_to_back(model):
    assert samples.auc(model, samples.two_bodies(2000, seed=1)) > 0.75


@pytest.mark.parametrize("signs", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
def test_scores_have_the_symmetries_of_the_beam(model, inputs, signs):
    turned = samples.turned(inputs, 1.0, *signs)
    np.testing.assert_allclose(model.score(inputs), model.score(turned), atol=1e-4)


def test_a_saved_model_scores_as_before(model, inputs, tmp_path):
    path = str(tmp_path / "model.safetensors")
    zoo.save(path, model, samples.record(samples.MODEL | samples.TRANSFORMER))
    loaded = zoo.load(path, "cpu")
    assert loaded.preparation.schema == SCHEMA
    np.testing.assert_array_equal(model.score(inputs), loaded.score(inputs))


def test_groups_of_members_average_to_the_score(model, inputs):
    groups = model.group_scores(inputs, 3)
    np.testing.assert_allclose(groups.mean(0), model.score(inputs))


@pytest.mark.analyses
def test_onnx_has_the_scores_of_the_engine():
    """With missing bodies, a category and further features of bodies and events."""
    schema = feature_schema.Schema(
        features=(*SCHEMA.features, "tag", "other_tag", "mass", "category"),
        n_values=(3,),
        bodies=SCHEMA.bodies,
        units=(1.0,) * 10,
        momenta_are_positive=True,
        kinds=SCHEMA.kinds,
        more=((6,), (7,)),
    )
    events = samples.two_bodies(300)
    rng = np.random.default_rng(0)
    further = [rng.normal(size=(300, 3)), rng.integers(3, size=(300, 1))]
    inputs = np.concatenate([events.inputs, *further], axis=1)
    inputs[::5, 3:6] = np.nan
    events = samples.events_of(inputs.astype("f4"), events.label)
    model = samples.train(events, schema_=schema, **samples.TRANSFORMER, n_epochs=1)[0]
    form = onnx_export.InputFormat({"category": (0.0, 1.0, 2.0)})
    exported = onnx_export.exported([model], form, {})
    onnx_export.checked_difference(exported, [model], form, events.inputs)


def test_bodies_of_two_kinds_need_no_common_features(inputs):
    schema = dataclasses.replace(SCHEMA, kinds=("a", "b"), more=((), ()))
    score = trained(1, schema, n_events=100).score(inputs)
    assert np.isfinite(score).all()
