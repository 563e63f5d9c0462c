"""Tests of models.ensembles: mean scores, and invariance under rotations."""

import numpy as np
import pytest
import samples
import torch

from hepfold.models import ensembles, symmetries


def trained(use: str, n_views: int, **changes):
    model, _ = samples.train(
        samples.two_bodies(600),
        schema_=samples.TWO_BODIES,
        preparation=samples.VECTORS,
        symmetry={"use": use, "n_views": n_views},
        n_epochs=2,
        **changes,
    )
    return model


@pytest.fixture(scope="module")
def augmented():
    return trained("augmentation", 32)


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    return samples.two_bodies(300, seed=4).inputs


@pytest.mark.slow
def test_score_is_the_mean_over_members_and_views(augmented, inputs):
    prepared = augmented.prepared(inputs)
    columns = augmented.preparation.columns
    scores = []
    with torch.no_grad():
        for i_view in range(32):
            view = symmetries.turned_evenly(prepared, columns, i_view, 32, 3)
            logit = augmented.network(view)
            scores += list(torch.sigmoid(logit.double()).numpy())
    score = augmented.score(inputs)
    np.testing.assert_allclose(score, np.mean(scores, axis=0), rtol=1e-6)
    assert np.std(scores, axis=0).min() > 0
    assert ((score > 0) & (score < 1)).all()


@pytest.mark.slow
@pytest.mark.parametrize("signs", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
@pytest.mark.parametrize(
    ("angle", "tolerance"), [(0.0, 1e-5), (np.pi / 4, 1e-5), (2.0, 0.01)]
)
def test_a_turned_event_has_nearly_the_same_score(
    augmented, inputs, angle, tolerance, signs
):
    """By exactly the angle between views, which only changes their order."""
    turned = samples.turned(inputs, angle, *signs)
    np.testing.assert_allclose(
        augmented.score(turned), augmented.score(inputs), atol=tolerance
    )


def test_without_symmetry_a_turned_event_has_another_score(inputs):
    model = trained("none", 1)
    turned = samples.turned(inputs, 2.0, -1, -1)
    assert abs(model.score(turned) - model.score(inputs)).max() > 0.1


def test_in_one_orientation_turns_change_nothing(inputs):
    model = trained("orientation", 1)
    for angle, *signs in ((2.0, 1, 1), (0.3, -1, 1), (1.0, 1, -1), (3.0, -1, -1)):
        turned = samples.turned(inputs, angle, *signs)
        np.testing.assert_allclose(model.score(turned), model.score(inputs), atol=1e-4)


@pytest.mark.slow
def test_batches_of_scoring_change_nothing(augmented, inputs, monkeypatch):
    whole = augmented.score(inputs)
    monkeypatch.setitem(ensembles.SCORING_BATCH, "cpu", 7)
    monkeypatch.setattr(ensembles, "PREPARING_BATCH", 30)
    np.testing.assert_allclose(augmented.score(inputs), whole, rtol=1e-5)
    torch.testing.assert_close(
        augmented.prepared(inputs),
        augmented.preparation(torch.from_numpy(inputs)),
    )


def test_no_event_has_no_score(augmented):
    assert augmented.score(np.empty((0, 6), "f4")).shape == (0,)
    # Two momenta, two pseudorapidities, two vectors.
    assert augmented.prepared(np.empty((0, 6), "f4")).shape == (0, 8)


def test_scoring_leaves_out_no_unit():
    """Dropout acts in training only, so scores are reproducible."""
    model = trained("none", 1, network=samples.NETWORK | {"dropout": 0.5})
    inputs = samples.two_bodies(50).inputs
    model.network.train()
    np.testing.assert_array_equal(model.score(inputs), model.score(inputs))
