"""Tests of data.event_classes: groups of processes, balanced weights and shares."""

import class_samples
import numpy as np
import pytest

from hepfold.core import columns, logs
from hepfold.data import event_arrays, event_classes, weights

NAMES, LABELS = class_samples.NAMES, class_samples.LABELS
GROUPS = {"other": ["ttW", "ttZ"], "signal": ["ttH"], "top": ["ttbar"]}


def test_every_process_is_a_class():
    classes = event_classes.of("processes", NAMES, LABELS)
    assert classes == event_classes.EventClasses(NAMES, LABELS, (0, 1, 2, 3))


def test_groups_are_classes_in_their_order():
    classes = event_classes.of(GROUPS, NAMES, LABELS)
    assert classes.names == tuple(GROUPS)
    assert classes.labels == (0, 1, 0)
    assert classes.of_process == (1, 2, 0, 0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"a": ["ttH"], "b": ["ttbar", "ttW"]}, "process 'ttZ' is in 0 classes"),
        ({**GROUPS, "more": ["ttZ"]}, "process 'ttZ' is in 2 classes"),
        ({**GROUPS, "more": ["tHq"]}, "no process 'tHq'; the processes are ttH, ttbar"),
        ({**GROUPS, "none": []}, "class 'none' has no process"),
        ({"a": ["ttH", "ttW"], "b": ["ttZ", "ttbar"]}, "'a' has signal and background"),
    ],
)
def test_groups_that_are_no_classes_are_named(groups, message):
    with pytest.raises(logs.InputError, match=message):
        event_classes.of(groups, NAMES, LABELS)


WEIGHT_CLASSES = event_classes.WeightClasses(background=(0.5, 2.0), signal=(0.1,))


def weighted(weight: list[float], label: list[int]) -> event_arrays.Events:
    """Events with given weights and labels, and one feature."""
    n = len(weight)
    numbers, row = np.arange(n), np.zeros((n, 1), "f4")
    return event_arrays.Events(
        row, np.array(label, "i1"), np.array(weight), numbers, np.zeros(n, "u1")
    )


def test_ranges_of_the_weight_are_classes():
    """An edge belongs to the range above it; the sign does not matter."""
    events = weighted([0.4, 0.5, -0.6, 2.0, 0.05, 0.1, 9.0], [0, 0, 0, 0, 1, 1, 1])
    classified = event_classes.with_class(events, WEIGHT_CLASSES)
    names = [WEIGHT_CLASSES.names[code] for code in classified.extra[columns.CLASS]]
    assert names == [
        "background_1",
        "background_2",
        "background_2",
        "background_3",
        "signal_1",
        "signal_2",
        "signal_2",
    ]
    assert WEIGHT_CLASSES.labels == (0, 0, 0, 1, 1)
    labels = [WEIGHT_CLASSES.labels[code] for code in classified.extra[columns.CLASS]]
    np.testing.assert_array_equal(labels, events.label)


def test_a_range_without_events_is_named():
    events = weighted([0.4, 0.6, 0.05, 0.2], [0, 0, 1, 1])
    classified = event_classes.with_class(events, WEIGHT_CLASSES)
    with pytest.raises(logs.InputError, match="0 events of class background_3"):
        event_classes.balanced(classified, WEIGHT_CLASSES.names)


def test_all_classes_have_the_same_sum_in_training():
    events = class_samples.events(403)
    balanced = event_classes.balanced(events, NAMES)
    sums = np.bincount(balanced.extra[columns.CLASS], balanced.weight)
    np.testing.assert_allclose(sums, 403 / 4)
    ratio = balanced.weight / events.weight
    for code in range(4):
        assert np.ptp(ratio[events.extra[columns.CLASS] == code]) < 1e-9


def test_without_classes_signal_and_background_are_balanced():
    events = class_samples.events(403)
    expected = weights.balanced(events).weight
    np.testing.assert_array_equal(event_classes.balanced(events, ()).weight, expected)


def test_shares_are_those_of_signed_expected_events():
    """Not of the training weights, in which a rule may change negative ones."""
    events = class_samples.events(400)
    signed = events.with_weight(np.where(np.arange(400) % 40 == 2, -1, 1.0))
    signed = event_classes.with_class(signed, class_samples.CLASSES)
    trained = signed.with_weight(np.abs(signed.weight))
    shares = event_classes.shares(trained, NAMES, LABELS, None)
    np.testing.assert_allclose(shares, [1, 100 / 280, 80 / 280, 100 / 280])


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_given_fractions_are_relative_within_a_label(scale):
    fractions = dict(zip(NAMES, np.array([7.0, 3.0, 0.0, 1.0]) * scale, strict=True))
    shares = event_classes.shares(class_samples.events(40), NAMES, LABELS, fractions)
    np.testing.assert_allclose(shares, [1, 0.75, 0, 0.25])


def test_a_class_without_positive_weights_is_named():
    events = class_samples.events(400)
    is_third = events.extra[columns.CLASS] == 2
    without = events.with_weight(np.where(is_third, 0.0, 1.0))
    message = "weights of 100 events of class ttW sum to 0;"
    with pytest.raises(logs.InputError, match=message):
        event_classes.balanced(without, NAMES)
    without = event_classes.with_class(without, class_samples.CLASSES)
    with pytest.raises(logs.InputError, match=message):
        event_classes.shares(without, NAMES, LABELS, None)


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ({"ttH": 1, "ttbar": 1}, "give a number for each of ttH, ttbar, ttW, ttZ"),
        (dict.fromkeys(NAMES, 0) | {"ttW": 1}, "all signal classes have zero"),
        (dict.fromkeys(NAMES, 0) | {"ttH": 1}, "all background classes have zero"),
    ],
)
def test_fractions_that_define_no_mixture_are_rejected(fractions, message):
    with pytest.raises(logs.InputError, match=message):
        event_classes.check_fractions(fractions, class_samples.CLASSES)
