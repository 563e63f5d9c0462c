"""Tests of models.feature_preparation.

The scaling depends on the fitted events only.
"""

import numpy as np
import public_sets
import pytest
import torch

from hepfold.core import settings_training
from hepfold.models import feature_preparation, feature_schema
from hepfold.toys import derived_features


def fitted(inputs: np.ndarray, n_values=(), scaling="standard"):
    names = tuple(f"x{i}" for i in range(inputs.shape[1]))
    schema = feature_schema.Schema(names, n_values, (), (1.0,) * len(names), True)
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation(scaling, True, True)
    )
    preparation.fit(inputs.astype("f4"))
    return preparation


def test_fitted_features_are_standardized():
    inputs = np.random.default_rng(0).normal(50, 7, (5000, 3))
    out = fitted(inputs)(torch.tensor(inputs, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(out.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(0), 1, atol=1e-5)


@pytest.mark.slow
def test_scoring_other_events_does_not_change_the_scaling():
    preparation = fitted(np.random.default_rng(0).normal(size=(100, 2)))
    before = {name: t.clone() for name, t in preparation.state_dict().items()}
    preparation(torch.full((10, 2), 1e6))
    for name, tensor in preparation.state_dict().items():
        torch.testing.assert_close(tensor, before[name])


def test_missing_value_is_the_mean_with_a_flag():
    inputs = np.array([[1.0, 5.0], [3.0, np.nan], [2.0, 7.0]])
    preparation = fitted(inputs)
    out = preparation(torch.tensor(inputs, dtype=torch.float32))
    assert preparation.columns.n_scalars == out.shape[1] == 3
    assert out[1, 1] == 0
    assert out[:, 2].tolist() == [0, 1, 0]
    assert out.isfinite().all()


def test_long_tail_is_seen_and_taken_by_its_logarithm():
    rng = np.random.default_rng(1)
    inputs = np.stack([rng.lognormal(3, 1, 20_000), rng.uniform(1, 2, 20_000)], axis=1)
    preparation = fitted(inputs)
    assert preparation.is_long_tailed.tolist() == [True, False]
    np.testing.assert_allclose(preparation.scale[0], np.exp(3), rtol=0.05)


def test_one_zero_does_not_decide_on_the_logarithm():
    values = np.random.default_rng(2).lognormal(3, 1, (5000, 1))
    with_zero = np.concatenate([values, [[0.0]]])
    assert fitted(values).is_long_tailed and fitted(with_zero).is_long_tailed


def test_values_below_the_fitted_range_stay_finite():
    """A long-tailed feature may be zero in a new event."""
    preparation = fitted(np.random.default_rng(1).lognormal(3, 1, (1000, 1)))
    assert preparation(torch.zeros(1, 1)).isfinite().all()


@pytest.mark.parametrize(
    "scaling", ["standard", "plain", "min_max", "quantile", "none"]
)
def test_constant_and_wholly_missing_features_stay_finite(scaling):
    inputs = np.stack([np.full(50, 4.0), np.full(50, np.nan)], axis=1)
    out = fitted(inputs, scaling=scaling)(torch.tensor(inputs, dtype=torch.float32))
    assert out.isfinite().all()


def long_and_short() -> np.ndarray:
    """A long-tailed feature, missing in part, and a flat one."""
    rng = np.random.default_rng(1)
    inputs = np.stack([rng.lognormal(3, 1, 5000), rng.uniform(1, 2, 5000)], axis=1)
    inputs[::7, 0] = np.nan
    return inputs.astype("f4")


def test_plain_scaling_takes_no_logarithm():
    inputs = long_and_short()
    out = fitted(inputs, scaling="plain")(torch.from_numpy(inputs)).numpy()
    present = np.isfinite(inputs)
    for i in range(2):
        values, scaled = inputs[present[:, i], i], out[present[:, i], i]
        expected = (values - values.mean()) / values.std()
        np.testing.assert_allclose(scaled, expected, rtol=1e-4, atol=1e-5)
    assert (out[::7, 0] == 0).all() and (out[::7, 2] == 1).all()


def test_min_max_runs_from_zero_to_one_and_is_linear():
    inputs = long_and_short()
    out = fitted(inputs, scaling="min_max")(torch.from_numpy(inputs)).numpy()
    present = np.isfinite(inputs[:, 0])
    assert out[present, :2].min(axis=0).tolist() == [0, 0]
    assert out[present, 0].max() == out[:, 1].max() == 1
    assert np.corrcoef(inputs[present, 0], out[present, 0])[0, 1] == pytest.approx(1)
    assert (out[~present, 0] == 0).all() and (out[~present, 2] == 1).all()


def test_min_max_of_other_events_may_leave_the_range():
    preparation = fitted(np.array([[1.0], [3.0]]), scaling="min_max")
    out = preparation(torch.tensor([[0.0], [2.0], [5.0]]))
    assert out[:, 0].tolist() == [-0.5, 0.5, 2.0]


def test_without_scaling_values_stay_as_they_are():
    inputs = long_and_short()
    out = fitted(inputs, scaling="none")(torch.from_numpy(inputs)).numpy()
    present = np.isfinite(inputs[:, 0])
    np.testing.assert_array_equal(out[present, :2], inputs[present])
    assert (out[~present, 0] == 0).all() and (out[~present, 2] == 1).all()


def test_codes_of_categories_come_last_as_they_are():
    inputs = np.array([[0.5, 0], [0.1, 2], [0.3, 1]])
    preparation = fitted(inputs, n_values=(4,))
    out = preparation(torch.tensor(inputs, dtype=torch.float32))
    assert out[:, 1].tolist() == [0, 2, 1]
    assert preparation.columns.n_codes == 1


def test_one_flag_for_features_that_are_missing_together():
    inputs = np.ones((6, 4))
    inputs[:2, 1:3] = np.nan
    inputs[3, 3] = np.nan
    preparation = fitted(inputs)
    assert preparation.flagged.tolist() == [1, 3]


def test_quantiles_make_any_feature_normal_and_keep_its_order():
    rng = np.random.default_rng(1)
    inputs = np.stack([rng.lognormal(3, 1, 20_000), rng.uniform(1, 2, 20_000)], axis=1)
    inputs[::7, 1] = np.nan
    out = fitted(inputs, scaling="quantile")(torch.from_numpy(inputs)).numpy()
    order = np.argsort(inputs[:, 0])
    assert (np.diff(out[order, 0]) >= 0).all()
    np.testing.assert_allclose(out[:, 0].mean(), 0, atol=0.01)
    np.testing.assert_allclose(out[:, 0].std(), 1, atol=0.02)
    assert (out[::7, 1] == 0).all()


@pytest.fixture(scope="module")
def bodies():
    """Random momenta of the bodies of Higgs ML; the last is sometimes missing."""
    rng = np.random.default_rng(4)
    definition = public_sets.DATASETS["higgsml"]
    table = {name: rng.normal(size=500) for name in definition.continuous}
    for body in definition.bodies:
        table[body.pt] = rng.exponential(30, 500) + 20
        table[body.phi] = rng.uniform(-np.pi, np.pi, 500)
    for name in definition.bodies[-1].names:
        table[name][:100] = np.nan
    inputs = np.stack([table[name] for name in definition.continuous], axis=1)
    schema = feature_schema.Schema.of(definition, definition.continuous, [], {})
    return table, inputs, schema


def test_components_are_those_of_the_momenta(bodies):
    table, inputs, schema = bodies
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation("standard", True, False)
    )
    preparation.fit(inputs)
    out = preparation(torch.from_numpy(inputs)).numpy()
    columns = preparation.columns
    x = out[:, columns.x] * preparation.vector_scale.numpy()
    y = out[:, columns.y] * preparation.vector_scale.numpy()
    for i, body in enumerate(public_sets.DATASETS["higgsml"].bodies):
        present = ~np.isnan(table[body.pt])
        length = np.hypot(x[:, i], y[:, i])[present]
        np.testing.assert_allclose(length, table[body.pt][present], rtol=1e-5)
        angle = np.arctan2(y[:, i], x[:, i])[present]
        np.testing.assert_allclose(angle, table[body.phi][present], atol=1e-5)
        assert (x[~present, i] == 0).all()
    assert columns.n_odd == 4 and columns.n_vectors == 5
    assert out.shape[1] == columns.y.stop


def test_without_scaling_components_are_momenta_in_their_unit(bodies):
    table, inputs, schema = bodies
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation("none", True, False)
    )
    preparation.fit(inputs)
    out = preparation(torch.from_numpy(inputs)).numpy()
    columns = preparation.columns
    for i, body in enumerate(public_sets.DATASETS["higgsml"].bodies[:-1]):
        expected = table[body.pt] * np.cos(table[body.phi])
        np.testing.assert_allclose(out[:, columns.x][:, i], expected, atol=1e-4)
    tau = public_sets.DATASETS["higgsml"].bodies[0]
    np.testing.assert_allclose(out[:, columns.odd][:, 0], table[tau.eta], rtol=1e-6)


def test_masses_of_pairs_are_invariant_masses(bodies):
    table, inputs, schema = bodies
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation("standard", True, True)
    )
    preparation.fit(inputs)
    pairs = preparation.of_pairs(torch.from_numpy(inputs)).numpy()
    tau, lep, met, *_ = (
        derived_features.Momentum(
            table[b.pt], table[b.phi], table[b.eta] if b.eta else None
        )
        for b in public_sets.DATASETS["higgsml"].bodies
    )
    np.testing.assert_allclose(pairs[:, 0], np.cos(tau.phi - lep.phi), atol=1e-12)
    expected = derived_features.invariant_mass(tau, lep)
    np.testing.assert_allclose(pairs[:, 1], expected, rtol=0.01, atol=0.5)
    expected = derived_features.transverse_mass(tau, met)
    np.testing.assert_allclose(pairs[:, 3], expected, rtol=0.01, atol=0.5)


def test_momenta_that_are_not_positive_have_directions_alone():
    definition = public_sets.DATASETS["hepmass"]
    rng = np.random.default_rng(4)
    inputs = rng.normal(size=(300, len(definition.features)))
    schema = feature_schema.Schema.of(definition, definition.features, [], {"f2": 1.8})
    preparation = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation("standard", True, True)
    )
    preparation.fit(inputs)
    _, x, y = preparation.components(torch.from_numpy(inputs))
    np.testing.assert_allclose(x**2 + y**2, 1, rtol=1e-12)
    np.testing.assert_allclose(x[:, 0], np.cos(1.8 * inputs[:, 2]), rtol=1e-12)
    assert preparation.columns.n_scalars == len(definition.features) - 11 + 15


@pytest.mark.slow
def test_fitted_values_are_restored(bodies):
    _, inputs, schema = bodies
    first = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation("quantile", True, True)
    )
    first.fit(inputs)
    again = feature_preparation.FeaturePreparation(
        schema, settings_training.Preparation("quantile", True, True)
    )
    again.load_arrays(first.arrays())
    inputs = torch.from_numpy(inputs)
    torch.testing.assert_close(again(inputs), first(inputs))
    assert again.columns == first.columns


@pytest.mark.parametrize("systems", [3, 4])
def test_systems_come_after_pairs_and_are_missing_with_a_body(bodies, systems):
    _, inputs, schema = bodies
    first, more = (
        feature_preparation.FeaturePreparation(
            schema, settings_training.Preparation(systems=largest)
        )
        for largest in (2, systems)
    )
    first.fit(inputs)
    more.fit(inputs)
    n_systems = {3: 10, 4: 15}[systems]
    values = torch.from_numpy(inputs)
    scalars = more.scalars(values)
    assert scalars.shape[1] == first.scalars(values).shape[1] + 2 * n_systems
    # The last of the five bodies is missing: six of the ten systems of three have it.
    n_missing = scalars[0, -2 * n_systems :].isnan().sum()
    assert n_missing == {3: 12, 4: 20}[systems]
    assert more(values).isfinite().all()
    assert more.columns.n_scalars == first.columns.n_scalars + 2 * n_systems


@pytest.mark.parametrize(("n_values", "step"), [(2500, 2), (10**6, 1)])
def test_fewer_events_are_fitted_to_if_there_are_many_features(
    monkeypatch, n_values, step
):
    monkeypatch.setattr(feature_preparation, "N_FITTED_VALUES", n_values)
    inputs = np.random.default_rng(0).normal(size=(1000, 4))
    inputs[1::2] += 10
    preparation = fitted(inputs)
    assert preparation.fitting_step(inputs) == step
    np.testing.assert_allclose(preparation.origin, inputs[::step].mean(0), rtol=1e-5)
