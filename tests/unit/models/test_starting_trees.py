"""Tests of models.starting_trees: boosting that continues from another training."""

import json
from dataclasses import replace

import numpy as np
import pytest
import samples
import xgboost
from scipy import special

from hepfold.core import columns, logs, parsing, settings_layers
from hepfold.data import event_arrays
from hepfold.models import boosters, starting_trees, starts, zoo

SCHEMA = samples.schema(4)
# Two classes whose means differ by one, in other events than those of the start.
EVENTS = samples.two_gaussians(600, distance=1.0)
# Steps so small that single precision shows no change.
UNMOVED = {"learning_rate": 1e-30, "n_rounds": 1}


def train(start=None, events=EVENTS, seed=1, **changes):
    if start:
        changes["start_from"] = parsing.as_dict(start.settings)
    return samples.train(events, seed, base=samples.FOREST, start=start, **changes)


def start_from(forest, scale=1.0, schema=SCHEMA) -> starts.Start:
    settings = settings_layers.BoosterStart("other", scale=scale)
    return starts.Start(settings, forest.arrays(), schema, {})


@pytest.fixture(scope="module")
def other():
    """The forest that others continue, of other and wider events."""
    events = samples.two_gaussians(500, seed=5)
    wide = samples.events_of(1.3 * events.inputs, events.label, events.weight)
    return train(events=wide, seed=4, n_members=3)[0]


def margins(forest, events=EVENTS) -> np.ndarray:
    """Margins of the boosters (n_members, n_events)."""
    return forest.margins(forest.prepared(events.inputs)).double().numpy()


def booster_of(n_classes: int) -> tuple[xgboost.Booster, np.ndarray]:
    """A booster of classes of unequal size, and events for it."""
    rng = np.random.default_rng(n_classes)
    x = rng.normal(size=(400, 3)).astype("f4")
    noise = rng.normal(size=(400, n_classes))
    label = (noise + np.arange(n_classes) + x[:, :1] * [0, 1, 2][:n_classes]).argmax(1)
    parameters = boosters.objective(0 if n_classes == 2 else n_classes)
    data = xgboost.DMatrix(x, label)
    return xgboost.train(parameters | {"nthread": 1, "max_depth": 3}, data, 12), x


def raw_margins(booster: xgboost.Booster, x: np.ndarray) -> np.ndarray:
    return booster.inplace_predict(x, predict_type="margin")


def loaded(content: bytearray) -> xgboost.Booster:
    return boosters.loaded(np.frombuffer(content, np.uint8))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_scale_one_gives_the_same_margins(n_classes):
    booster, x = booster_of(n_classes)
    again = loaded(starting_trees.scaled(booster, 1.0))
    np.testing.assert_allclose(
        raw_margins(again, x), raw_margins(booster, x), rtol=0, atol=2e-7
    )


@pytest.mark.parametrize("scale", [0.5, 0.3, 1e-3])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_scale_multiplies_all_margins(n_classes, scale):
    """Also the first one, which is far from zero for classes of unequal size.

    The tolerance is the rounding of a probability, and of the sum of margins.
    """
    booster, x = booster_of(n_classes)
    base = json.loads(booster.save_config())["learner"]["learner_model_param"]
    first = np.array(json.loads(base["base_score"]))
    assert np.abs(special.logit(first) if n_classes == 2 else first).max() > 0.3
    expected = scale * raw_margins(booster, x).astype(float)
    scaled = raw_margins(loaded(starting_trees.scaled(booster, scale)), x)
    np.testing.assert_allclose(scaled, expected, rtol=1e-6, atol=3e-7)


def test_a_probability_is_scaled_as_its_logit():
    """Half the logit of 4 / 5 is that of 2 / 3."""
    assert json.loads(starting_trees.scaled_base("[0.8]", 0.5)) == [
        pytest.approx(2 / 3, rel=1e-15)
    ]
    assert json.loads(starting_trees.scaled_base("[-1, 3]", 0.5)) == [-0.5, 1.5]


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_without_new_information_margins_are_those_of_the_start(other, scale):
    """With the scaling of features of the other training, not of these events."""
    forest, _ = train(start_from(other, scale), n_members=3, **UNMOVED)
    expected = scale * margins(other)
    np.testing.assert_allclose(margins(forest), expected, rtol=1e-6, atol=1e-6)
    assert np.abs(margins(train(**UNMOVED)[0])).max() < 0.1 < np.abs(expected).max()


def test_the_first_losses_are_those_of_the_start(other):
    """Also for events between a threshold and the edge of its bin."""
    many = samples.two_gaussians(3000, seed=6, distance=1.0)
    weight = np.ones(3000)
    many = samples.events_of(many.inputs, many.label, weight)
    _, history = train(
        start_from(other), many, n_members=1, validation_fraction=0.0, **UNMOVED
    )
    margin = margins(other, many)[0] * np.where(many.label, 1, -1)
    loss = np.log1p(np.exp(-margin))
    # Both classes have the same sum of weights.
    expected = np.mean([loss[many.label == label].mean() for label in (0, 1)])
    assert history[0]["loss"] == pytest.approx(expected, rel=1e-5)


def test_members_continue_those_of_the_other_model_in_turn(other):
    forest, _ = train(start_from(other), n_members=5, **UNMOVED)
    expected = margins(other)[[0, 1, 2, 0, 1]]
    np.testing.assert_allclose(margins(forest), expected, rtol=1e-6, atol=1e-6)


def test_rounds_are_counted_from_the_start(other):
    """The best of the new rounds is kept, with all trees of the start."""
    changes = {"n_rounds": 200, "learning_rate": 0.5, "n_members": 3}
    forest, history = train(start_from(other), **changes)
    for member, booster in enumerate(forest.boosters):
        rows = [row for row in history if row["member"] == member]
        losses = [row["validation_loss"] for row in rows]
        best = int(np.argmin(losses)) + 1
        n_first = other.boosters[member].num_boosted_rounds()
        assert booster.num_boosted_rounds() == n_first + best
        assert len(losses) == best + samples.FOREST["patience"] < 200
        assert [row["epoch"] for row in rows] == [*range(1, len(rows) + 1)]


def test_without_validation_all_rounds_are_new(other):
    start = start_from(other)
    forest, history = train(start, validation_fraction=0.0, n_rounds=7)
    n_first = [booster.num_boosted_rounds() for booster in other.boosters]
    n_rounds = [booster.num_boosted_rounds() for booster in forest.boosters]
    assert n_rounds == [n + 7 for n in n_first[:2]]
    assert len(history) == 2 * 7


def test_new_trees_lower_the_validation_loss(other):
    """Toy events with too large a distance are corrected by the events."""
    validation = {
        name: min(row["validation_loss"] for row in train(start, **changes)[1])
        for name, start, changes in (
            ("start", start_from(other), UNMOVED),
            ("continued", start_from(other), {}),
        )
    }
    assert validation["continued"] < validation["start"] - 0.01


def with_classes(events) -> event_arrays.Events:
    """The events with a third class, which is half of the background."""
    code = np.where(events.label == 1, 0, 1 + np.arange(len(events)) % 2)
    inputs = events.inputs + np.eye(4)[code]
    part = samples.events_of(inputs, events.label, events.weight)
    return replace(part, extra={columns.CLASS: code, columns.EXPECTED: events.weight})


CLASSES = replace(SCHEMA, class_names=("a", "b", "c"), class_labels=(1, 0, 0))


def test_several_classes_are_continued_saved_and_loaded(tmp_path):
    start_events = with_classes(samples.two_gaussians(500, seed=5))
    other, _ = train(events=start_events, schema_=CLASSES)
    start = start_from(other, 0.5, CLASSES)
    forest, _ = train(start, with_classes(EVENTS), schema_=CLASSES, **UNMOVED)
    np.testing.assert_allclose(margins(forest), 0.5 * margins(other), atol=1e-6)
    continued, _ = train(start, with_classes(EVENTS), schema_=CLASSES)
    path = str(tmp_path / "forest.safetensors")
    zoo.save(path, continued, samples.record(base=samples.FOREST))
    again = zoo.load(path, "cpu")
    np.testing.assert_array_equal(margins(again), margins(continued))


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (replace(SCHEMA, features=("y", "x1", "x2", "x3")), "only one of them has x0"),
        (CLASSES, "the classes differ, or their order"),
    ],
)
def test_other_features_or_classes_are_rejected(other, schema, message):
    with pytest.raises(logs.InputError, match=f"other does not fit: {message}; change"):
        train(start_from(other, schema=schema))


def test_trees_of_more_prepared_features_are_rejected(other):
    with pytest.raises(logs.InputError, match="see 4 prepared features, and there are"):
        starting_trees.of(start_from(other), 5)


def test_without_a_start_boosting_begins_with_no_tree():
    assert starting_trees.of(None, 4) == [None]
