"""Tests of core.cost_model: every kind has a cost, which grows with what costs."""

from typing import get_args

import cost_records
import msgspec
import numpy as np
import pytest

from hepfold.core import (
    cost_model,
    model_sizes,
    settings_averages,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.data import event_arrays, fold_file

TRAINED = [
    kind
    for kind in get_args(settings_models.Model)
    if issubclass(kind, settings_models.BaseModel)
]
STREAMING = settings_training.Streaming()
JOB = cost_model.Job(100_000, 50_000, 28, model_sizes.Inputs(28, 6))


def seconds(model: settings_models.BaseModel, job: cost_model.Job = JOB) -> float:
    """Seconds of a training without those of a start."""
    return cost_model.seconds(model, job) - cost_model.BASE_SECONDS


def megabytes(model: settings_models.BaseModel, job: cost_model.Job = JOB) -> float:
    return cost_model.megabytes(model, job, STREAMING) - cost_model.BASE_MB


@pytest.mark.parametrize("kind", TRAINED)
def test_every_kind_of_model_costs_time_and_memory(kind):
    model = kind()
    assert seconds(model) > 1
    assert megabytes(model) > 10


@pytest.mark.parametrize("kind", TRAINED)
def test_costs_grow_with_events_and_members(kind):
    one, two = kind(n_members=1), kind(n_members=2)
    for cost in (seconds, megabytes):
        larger = JOB._replace(n_training=2 * JOB.n_training)
        assert cost(one, larger) > cost(one)
        assert cost(two) >= cost(one)
    assert seconds(two) > 1.3 * seconds(one)
    assert seconds(one, JOB._replace(n_scored=10 * JOB.n_scored)) > seconds(one)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (settings_models.MLP, "network.depth", 6),
        (settings_models.MLP, "network.width", 200),
        (settings_models.Dense, "network.depth", 6),
        (settings_models.Residual, "network.width", 200),
        (settings_models.WideDeep, "network.width", 2048),
        (settings_models.TabM, "network.width", 200),
        (settings_models.Transformer, "network.width", 128),
        (settings_models.Transformer, "network.depth", 6),
        (settings_models.SuperTML, "images.size", 112),
        (settings_models.SuperTML, "network.backbone", "efficientnet_lite0"),
    ],
)
def test_larger_networks_cost_more(kind, path, value):
    small, large = kind(), cost_records.changed(kind(), path, value)
    assert seconds(large) > 1.2 * seconds(small)
    assert megabytes(large) > megabytes(small)


@pytest.mark.parametrize("kind", TRAINED)
def test_time_is_proportional_to_the_epochs_or_rounds(kind):
    """Apart from reading, and for networks from scoring."""
    name = "n_rounds" if kind is settings_models.XGBoost else "n_epochs"
    costs = [seconds(kind(**{name: n}), JOB._replace(n_scored=0)) for n in (10, 20, 30)]
    assert costs[2] - costs[1] == pytest.approx(costs[1] - costs[0]) != 0
    assert costs[1] - costs[0] > 0.8 * costs[0] / 2


def test_all_stages_of_a_training_count():
    frozen = settings_layers.StartFrom("other", part="body", frozen_epochs=5)
    model = settings_models.MLP(n_epochs=7, start_from=frozen)
    assert cost_model.n_epochs(model) == 7 + 5
    heads = settings_layers.ImageNetwork(frozen_epochs=2)
    assert cost_model.n_epochs(settings_models.SuperTML(network=heads)) == 10 + 2


@pytest.mark.parametrize("depth", [3, 5, 8])
def test_pretraining_a_layer_takes_less_than_training_the_network(depth):
    """All layers with their decoders take more than one epoch of the network."""
    layers = settings_layers.MLPLayers(depth=depth, width=500, pretrained_epochs=10)
    pretrained = settings_models.MLP(n_epochs=10, network=layers)
    without = cost_records.changed(pretrained, "network.pretrained_epochs", 0)
    job = JOB._replace(n_scored=0)
    ratio = seconds(pretrained, job) / seconds(without, job)
    assert 2 < ratio < 1 + 0.95 * depth
    twice = cost_records.changed(pretrained, "network.pretrained_epochs", 20)
    further = seconds(pretrained, job) - seconds(without, job)
    assert seconds(twice, job) - seconds(without, job) == pytest.approx(2 * further)


def test_a_network_of_one_layer_costs_what_its_parts_do():
    """The time is that of values, products, weights and updates, in closed form."""
    layers = settings_layers.MLPLayers(depth=1, width=10)
    model = settings_models.MLP(
        n_members=2,
        n_epochs=3,
        batch_size=50,
        network=layers,
        symmetry=settings_layers.Symmetry(use="none"),
    )
    job = cost_model.Job(1000, 0, 4, model_sizes.Inputs(4, 0))
    n_weights = 4 * 10 + 10
    of_event = (
        cost_model.PER_VALUE * (4 + model_sizes.KEPT * 10)
        + cost_model.PER_PRODUCT * n_weights
    )
    of_update = cost_model.PER_UPDATE + 2 * n_weights * cost_model.PER_WEIGHT
    expected = 3 * (1000 * 2 * of_event + 20 * of_update)
    expected += 1000 * cost_model.PER_EVENT
    assert seconds(model, job) == pytest.approx(expected)


def test_small_batches_take_longer_and_less_memory():
    small, large = (settings_models.MLP(batch_size=n) for n in (64, 4096))
    assert seconds(small) > seconds(large)
    assert megabytes(small) < megabytes(large)


def test_events_that_are_not_drawn_cost_nothing_but_reading():
    job, all_events = JOB._replace(n_scored=0), settings_models.MLP()
    reading = cost_model.PER_EVENT * JOB.n_training
    few = seconds(settings_models.MLP(n_events=10_000), job) - reading
    assert few == pytest.approx(0.1 * (seconds(all_events, job) - reading))


def test_a_fraction_takes_its_part_of_the_time_and_all_memory():
    job, model = JOB._replace(n_scored=0), settings_models.MLP(n_events=50_000)
    reading = cost_model.PER_EVENT * JOB.n_training
    part, whole = job._replace(fraction=0.1), seconds(model, job) - reading
    assert seconds(model, part) - reading == pytest.approx(0.1 * whole)
    streaming = settings_training.Streaming(above_gb=0.001, buffer_events=10_000)
    for rule in (STREAMING, streaming):
        costs = [cost_model.megabytes(model, one, rule) for one in (part, job)]
        assert costs[0] == costs[1]


def test_classes_multiply_the_time_of_boosting_and_of_scoring_trees():
    model, inputs = settings_models.XGBoost(), JOB.inputs._replace(n_classes=3)
    one, three = model_sizes.of(model, JOB.inputs), model_sizes.of(model, inputs)
    times = [cost_model.round_seconds(model, size, 10**5) for size in (one, three)]
    assert times[1] == pytest.approx(3 * times[0])
    times = [cost_model.scoring_seconds(model, size) for size in (one, three)]
    assert times[1] == pytest.approx(3 * times[0])


def test_continued_trees_need_more_memory_and_score_with_the_first_ones_too():
    """In memory are 8 further bytes of each prepared feature."""
    first, job = settings_models.XGBoost(), JOB._replace(n_training=10**6)
    start = settings_layers.BoosterStart("first")
    model = msgspec.structs.replace(first, start_from=start)
    n_values = job.n_training * model_sizes.of(model, JOB.inputs).n_inputs
    further = megabytes(model, job) - megabytes(first, job)
    assert further == pytest.approx(8 * n_values / 1e6)
    size = model_sizes.of(model, JOB.inputs._replace(n_first_rounds=model.n_rounds))
    expected = 2 * cost_model.scoring_seconds(first, model_sizes.of(first, JOB.inputs))
    assert cost_model.scoring_seconds(model, size) == pytest.approx(expected)


def test_views_multiply_the_time_of_scoring():
    def scoring(use: str, n_views: int) -> float:
        symmetry = settings_layers.Symmetry(use=use, n_views=n_views)
        model = settings_models.MLP(symmetry=symmetry)
        return (
            cost_model.application_seconds(model, JOB.inputs, 10**6, False)
            - cost_model.BASE_SECONDS
        )

    assert scoring("augmentation", 8) == pytest.approx(8 * scoring("none", 8))


@pytest.mark.parametrize(
    "average",
    [settings_averages.Snapshots(4), settings_averages.FastGeometric(10, 4)],
)
def test_snapshots_multiply_the_time_of_scoring_but_not_of_training(average):
    """The network in training is validated, and all snapshots score."""
    one = settings_models.MLP(n_epochs=20, validation_fraction=0.2)
    several = msgspec.structs.replace(one, average=average)
    few = msgspec.structs.replace(several, n_epochs=2)
    scoring = [
        cost_model.application_seconds(model, JOB.inputs, 10**6, False)
        - cost_model.BASE_SECONDS
        for model in (one, several, few)
    ]
    assert scoring == pytest.approx([scoring[0], 4 * scoring[0], 2 * scoring[0]])
    job = JOB._replace(n_scored=0)
    assert seconds(several, job) == seconds(one, job)


def test_streaming_caps_the_memory():
    """Boosted trees need all events."""
    streaming = settings_training.Streaming(above_gb=0.001, buffer_events=10_000)
    jobs = [JOB._replace(n_training=n) for n in (10**6, 10**8)]
    for model, is_capped in (
        (settings_models.MLP(), True),
        (settings_models.XGBoost(), False),
    ):
        costs = [cost_model.megabytes(model, job, streaming) for job in jobs]
        assert (costs[0] == costs[1]) is is_capped
        assert is_capped == (cost_model.megabytes(model, jobs[1], STREAMING) > costs[1])


def test_devices_share_the_training_but_not_the_scoring():
    job = JOB._replace(n_devices=2)
    model = settings_models.MLP(n_epochs=10**4)
    assert seconds(model, job) == pytest.approx(seconds(model) / 2, rel=0.01)
    many = JOB._replace(n_training=0, n_scored=10**6)
    assert seconds(model, many._replace(n_devices=2)) == seconds(model, many)


def test_a_gpu_takes_less_time_and_more_memory_of_the_host():
    """Trees too, though the installed XGBoost may leave them to the host threads."""
    job = JOB._replace(has_gpu=True)
    network, forest = settings_models.MLP(), settings_models.XGBoost()
    assert seconds(network, job) < 0.2 * seconds(network)
    assert 0.2 * seconds(forest) < seconds(forest, job) < 0.3 * seconds(forest)
    assert megabytes(network, job) == megabytes(network) + cost_model.GPU_MB


def test_a_range_test_takes_its_number_of_steps():
    model = settings_models.MLP()
    costs = [cost_model.updates_seconds(model, JOB, n) for n in (0, 100, 200)]
    assert costs[2] - costs[1] == pytest.approx(costs[1] - costs[0])
    step = cost_model.step_seconds(model, model_sizes.of(model, JOB.inputs))
    assert costs[1] - costs[0] == pytest.approx(100 * model.batch_size * step)


def test_requests_have_a_margin_and_the_time_of_a_start():
    assert cost_model.requested_minutes(0) == cost_model.STARTING_MINUTES
    longer = cost_model.requested_minutes(3600) - cost_model.requested_minutes(0)
    assert longer == 60 * cost_model.TIME_MARGIN
    assert cost_model.requested_minutes(0, 2) == 2 * cost_model.STARTING_MINUTES
    assert cost_model.requested_minutes(10**9) == cost_model.MOST_MINUTES
    assert cost_model.requested_minutes(3600 * 24 * 3, 3) == cost_model.MOST_MINUTES
    assert cost_model.requested_mb(1000) == 1000 * cost_model.MEMORY_MARGIN


def test_bytes_of_an_event_are_those_of_a_fold_file(tmp_path):
    """With many events; of few, HDF5 reserves more."""
    rng = np.random.default_rng(0)
    n, names = 200_000, tuple(f"x{i}" for i in range(10))
    events = event_arrays.Events(
        inputs=rng.normal(size=(n, len(names))).astype("f4"),
        label=np.zeros(n, "i1"),
        weight=np.ones(n),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
        extra={"mass": np.ones(n)},
    )
    path = tmp_path / "train.h5"
    layout = fold_file.Layout(names, {}, extra=("mass",))
    with fold_file.writing(str(path), 2, layout, {}) as writer:
        writer.append(events, events.event_id % 2)
    expected = cost_model.bytes_per_event(len(names), 1)
    assert path.stat().st_size / n == pytest.approx(expected, rel=0.4)


@pytest.mark.parametrize(("model", "microseconds"), cost_records.STEPS)
def test_estimated_steps_are_within_a_factor_of_the_measured_ones(model, microseconds):
    size = model_sizes.of(model, JOB.inputs)
    estimate = 1e6 * cost_model.step_seconds(model, size) / model.n_members
    assert 1 / 1.6 < estimate / microseconds < 1.6


@pytest.mark.parametrize(("depth", "n_events", "milliseconds"), cost_records.ROUNDS)
def test_estimated_rounds_are_within_a_factor_of_the_measured_ones(
    depth, n_events, milliseconds
):
    model = settings_models.XGBoost(trees=settings_layers.Trees(depth=depth))
    size = model_sizes.of(model, JOB.inputs)
    estimate = 1e3 * cost_model.round_seconds(model, size, n_events)
    assert 1 / 1.6 < estimate / milliseconds < 1.6


@pytest.mark.parametrize(
    ("model", "n_training", "n_scored", "peak"), cost_records.PEAKS
)
def test_estimated_memory_is_within_a_factor_of_the_measured_one(
    model, n_training, n_scored, peak
):
    job = JOB._replace(n_training=n_training, n_scored=n_scored)
    assert 0.9 < cost_model.megabytes(model, job, STREAMING) / peak < 1.3
