"""Tests of core.training_costs: counts of multiplications, and measured trainings."""

import dataclasses

import msgspec
import numpy as np
import pytest
import samples
from measured_costs import MEASURED

from hepfold.core import parsing, settings_models, settings_training, training_costs
from hepfold.models import feature_preparation, networks

N_FEATURES, N_BODIES = 28, 7
SCHEMA = dataclasses.replace(
    samples.schema(
        N_FEATURES, bodies=tuple((3 * i, 3 * i + 1, 3 * i + 2) for i in range(N_BODIES))
    ),
    kinds=("a",) * N_BODIES,
    more=((),) * N_BODIES,
)
STREAMING = settings_training.Streaming(above_gb=1.0, buffer_events=1_000_000)


def model(**settings) -> settings_models.Model:
    """A model with the defaults of its kind."""
    return parsing.parse(settings, settings_models.Model)


@pytest.mark.parametrize("name", MEASURED)
def test_estimates_are_within_a_factor_of_two_of_measured_times(name):
    settings, measured_us = MEASURED[name]
    estimate = training_costs.microseconds(model(**settings), N_FEATURES)
    assert 0.5 < measured_us / estimate < 2


def test_every_kind_was_measured():
    kinds = {settings["kind"] for settings, _ in MEASURED.values()}
    assert kinds == set(training_costs.COSTS)
    trained = {k.__struct_config__.tag for k in settings_models.Model.__args__}
    assert kinds == trained - {"blend"}


@pytest.mark.parametrize("kind", ["mlp", "residual", "dense", "wide_deep", "tabm"])
@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize("width", [32, 200])
def test_multiplications_are_those_of_the_matrices(kind, depth, width):
    """Of all layers but the last, which has one unit."""
    settings = model(kind=kind, network={"depth": depth, "width": width})
    n_inputs = training_costs.n_prepared(settings, N_FEATURES)
    network = networks.build(settings, 3, networks.Inputs(n_inputs, (), 1))
    shared = kind == "tabm"
    n_weights = sum(
        p.numel() // (1 if shared else 3)
        for p in network.parameters()
        if p.ndim == (2 if shared else 3) and min(p.shape[-2:]) > 3
    )
    expected = 1e-3 * n_weights
    assert training_costs.products(settings, N_FEATURES) == pytest.approx(expected, 0.1)


@pytest.mark.parametrize("pairs", [True, False])
def test_prepared_features_are_counted(pairs):
    preparation = {"pairs": pairs}
    settings = model(kind="mlp", preparation=preparation)
    inputs = np.random.default_rng(0).exponential(size=(50, N_FEATURES)).astype("f4")
    prepared = feature_preparation.fitted(SCHEMA, settings, inputs)
    n_columns = prepared.columns.y.stop
    estimate = training_costs.n_prepared(settings, N_FEATURES)
    assert estimate == pytest.approx(n_columns, rel=0.3)


def test_time_grows_in_proportion_to_events_epochs_and_members():
    settings = model(kind="mlp", symmetry={"use": "none", "n_views": 1})
    base = training_costs.seconds(settings, 1e6) - training_costs.START_S
    for name, factor in (("n_members", 3), ("n_epochs", 3)):
        more = msgspec.structs.replace(
            settings, **{name: factor * getattr(settings, name)}
        )
        ratio = (training_costs.seconds(more, 1e6) - training_costs.START_S) / base
        assert ratio == pytest.approx(factor, rel=0.05)
    double = training_costs.seconds(settings, 2e6) - training_costs.START_S
    assert double == pytest.approx(2 * base)


def test_a_limited_number_of_events_costs_no_more():
    few = model(kind="xgboost", n_events=1000)
    assert training_costs.seconds(few, 1e6) == training_costs.seconds(few, 1e9)


def test_all_passes_are_counted():
    plain, pretrained, frozen = (
        training_costs.passes(
            model(kind=kind, network=network, n_epochs=5, n_members=2)
        )
        for kind, network in (
            ("mlp", {"depth": 3}),
            ("mlp", {"depth": 3, "pretrained_epochs": 2}),
            ("supertml", {"frozen_epochs": 4}),
        )
    )
    assert (plain, pretrained, frozen) == (10, 22, 18)
    assert training_costs.passes(model(kind="xgboost", n_members=2, n_rounds=7)) == 14


def test_memory_is_flat_once_events_are_streamed():
    settings = model(kind="mlp", validation_fraction=0.1)
    sizes = [
        training_costs.megabytes(settings, n, STREAMING) for n in (1e5, 5e6, 1e7, 1e9)
    ]
    assert sizes[0] < sizes[1]
    assert sizes[2] == sizes[3] < sizes[1]
    forest = model(kind="xgboost")
    ratio = np.divide(
        *(training_costs.megabytes(forest, n, STREAMING) for n in (1e9, 1e8))
    )
    assert ratio == pytest.approx(10, rel=0.1)
