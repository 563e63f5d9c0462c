"""Tests of models.starts: what a training takes from another one, and when it fits."""

from dataclasses import replace

import numpy as np
import pytest
import samples

from hepfold.core import logs, settings_layers
from hepfold.models import feature_preparation, starts

SCHEMA = samples.schema(4, n_values=(3,))
EVENTS = samples.with_category(samples.two_gaussians(50))
EVENTS = samples.events_of(EVENTS.inputs[:, 1:], EVENTS.label)
WEIGHTS = {
    part: settings_layers.StartFrom("other", part=part)
    for part in ("all", "body", "embeddings")
}
TREES = settings_layers.BoosterStart("other")


def preparation_of(inputs, schema=SCHEMA) -> feature_preparation.FeaturePreparation:
    return feature_preparation.fitted(schema, samples.model(), inputs)


def start_from(settings=TREES, schema=SCHEMA, values=None) -> starts.Start:
    """The start from a model that was fitted to wider features."""
    arrays = preparation_of(3 * EVENTS.inputs).arrays()
    return starts.Start(settings, arrays, schema, values or {})


@pytest.mark.parametrize(
    ("settings", "factor"),
    [
        (WEIGHTS["all"], 3),
        (WEIGHTS["body"], 3),
        (WEIGHTS["embeddings"], 1),
        (TREES, 3),
    ],
)
def test_all_but_embeddings_come_with_the_scaling_of_features(settings, factor):
    preparation = preparation_of(EVENTS.inputs)
    expected = factor * preparation.unit
    start_from(settings).prepare(preparation)
    np.testing.assert_allclose(preparation.unit, expected, rtol=1e-6)


@pytest.mark.parametrize("settings", [WEIGHTS["all"], TREES])
def test_outputs_of_other_classes_are_not_taken(settings):
    """As many classes in another order would fit by their shape."""
    start = start_from(settings, replace(SCHEMA, class_names=("ttH", "ttW")))
    turned = replace(SCHEMA, class_names=("ttW", "ttH"))
    with pytest.raises(logs.InputError, match="the classes differ, or their order; ch"):
        start.prepare(preparation_of(EVENTS.inputs, turned))
    replace(start, settings=WEIGHTS["body"]).prepare(
        preparation_of(EVENTS.inputs, turned)
    )


def test_features_in_another_order_are_rejected():
    turned = replace(SCHEMA, features=("x1", "x0", "x2", "x3"))
    with pytest.raises(logs.InputError, match="only one of them has an order"):
        start_from(schema=turned).prepare(preparation_of(EVENTS.inputs))


@pytest.mark.parametrize(("unit", "fits"), [(1.001, True), (1.02, False)])
def test_units_may_differ_in_late_digits(unit, fits):
    start = start_from(schema=replace(SCHEMA, units=(unit, 1.0, 1.0, 1.0)))
    preparation = preparation_of(EVENTS.inputs)
    if fits:
        start.prepare(preparation)
    else:
        with pytest.raises(logs.InputError, match="their order or units differ"):
            start.prepare(preparation)


def test_categories_must_have_the_same_values():
    start = start_from(values={"x3": (0.0, 1.0, 2.0), "x9": (1.0,)})
    start.check_values(SCHEMA.features, {"x3": (0.0, 1.0, 2.0)})
    with pytest.raises(logs.InputError, match=r"x3 has the values \(0.0, 1.0, 2.0\) t"):
        start.check_values(SCHEMA.features, {"x3": (1.0, 2.0, 3.0)})


def test_the_checksum_is_that_of_all_values():
    start = start_from()
    assert start.checksum == start_from().checksum
    changed = start.arrays | {"preparation.unit": start.arrays["preparation.unit"] * 2}
    assert replace(start, arrays=changed).checksum != start.checksum


def test_without_a_start_nothing_is_read():
    assert starts.read([], None, "", ()) is None
