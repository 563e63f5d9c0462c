"""Tests of core.settings_datasets: events and their classes come from one place."""

import pytest

from hepfold.core import logs, parsing, settings_datasets

PROCESSES = {
    "ttH": {"files": "a.root", "label": "signal"},
    "ttW": {"files": "b.root", "label": "background"},
}
LABEL = {"column": "y", "signal": 1, "background": 0}
PROCESS = {"column": "p", "signal": ["ttH"], "background": ["ttW", "ttZ"]}
ONE_FILE = {"title": "x", "files": "a.csv", "label": LABEL, "features": ["x"]}
MANY_FILES = {"title": "x", "processes": PROCESSES, "features": ["x"]}


def parse(declared: dict) -> settings_datasets.Dataset:
    return parsing.parse(declared, settings_datasets.Dataset, "datasets.own")


@pytest.mark.parametrize(
    "declared",
    [
        ONE_FILE,
        MANY_FILES,
        MANY_FILES | {"test": "n % 5 == 4"},
        MANY_FILES | {"test": {"column": "s", "train": 0, "test": [1, 2]}},
        ONE_FILE | {"files": ["a.csv", "b.zip!c.csv#md5=0a"], "test": {"last": 5}},
        {**ONE_FILE, "label": None, "process": PROCESS},
    ],
)
def test_a_declaration_survives_a_round_trip(declared):
    parsed = parse(declared)
    assert parse(parsing.as_dict(parsed)) == parsed


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (ONE_FILE | {"processes": PROCESSES}, "one of files and processes must"),
        ({**ONE_FILE, "files": None}, "one of files and processes must be given"),
        (ONE_FILE | {"process": PROCESS}, "one of processes, process and label must"),
        (MANY_FILES | {"label": LABEL}, "one of processes, process and label must"),
        ({**ONE_FILE, "label": None}, "one of processes, process and label must"),
        (MANY_FILES | {"test": {"last": 5}}, "with processes, test must be an"),
        (MANY_FILES | {"test": {"files": "c.root"}}, "with processes, test must be"),
        (ONE_FILE | {"files": "toy"}, "files: toy needs a generator"),
        (ONE_FILE | {"files": []}, "files must not be empty"),
    ],
)
def test_contradictions_are_rejected(declared, message):
    with pytest.raises(logs.InputError) as error:
        parse(declared)
    assert str(error.value).startswith(f"datasets.own: {message}")


def test_a_body_is_named_by_its_momentum_and_angles():
    jet = settings_datasets.Body(pt="a", phi="b", eta="c", more=("tag",))
    assert jet.names == ("a", "c", "b")
    assert settings_datasets.Body(pt="a", phi="b").names == ("a", "b")
