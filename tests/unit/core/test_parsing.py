"""Tests of core.parsing: invalid values are reported with path and reason."""

import copy
from typing import get_type_hints

import public_sets
import pytest

from hepfold.core import logs, parsing, settings

SMALL = {
    "run": {"datasets": ["higgsml"], "models": ["mlp"]},
    "datasets": {"higgsml": public_sets.VALUES["higgsml"] | {"files": "toy"}},
    "models": {"mlp": {"kind": "mlp"}},
}


def with_value(path: str, value: object) -> dict:
    """A small configuration with one setting changed."""
    config = copy.deepcopy(SMALL)
    *groups, name = path.split(".")
    part = config
    for group in groups:
        part = part.setdefault(group, {})
    part[name] = value
    return config


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("n_fold", 3, "n_fold: unknown key; did you mean folds?"),
        ("zzz", 3, "zzz: unknown key; known: run, study, "),
        ("folds.n_fold", 3, "folds.n_fold: unknown key; did you mean n_folds?"),
        ("folds.n_folds", 1, "folds.n_folds: expected int >= 2, got 1"),
        ("folds.n_folds", 2.5, "folds.n_folds: expected int, got 2.5"),
        ("folds.n_folds", "5", "folds.n_folds: expected int, got '5'"),
        ("folds.n_folds", 2.0, "folds.n_folds: expected int, got 2.0"),
        ("folds.n_folds", True, "folds.n_folds: expected int, got True"),
        ("folds.n_folds", 101, "folds.n_folds: expected int <= 100, got 101"),
        ("seed", -1, "seed: expected int >= 0, got -1"),
        ("figures.style", "lhcb", "figures.style: 'lhcb' is not one of atlas, cms"),
        (
            "models.mlp.weight_classes",
            {"background": [1.1, 0.4]},
            "models.mlp.weight_classes: the weights of background must rise",
        ),
        (
            "models.mlp.weight_classes",
            {},
            "models.mlp.weight_classes: give weights for signal or background",
        ),
        (
            "tracking.formats",
            ["json_lines", "wandb"],
            "tracking.formats[1]: 'wandb' is not one of tensorboard, json_lines",
        ),
        ("models.mlp.network.dropout", 1, "models.mlp.network.dropout: expected float"),
        (
            "models.mlp.network.widht",
            1,
            "models.mlp.network.widht: unknown key; did yo",
        ),
        (
            "models.mlp.kind",
            "forest",
            "models.mlp.kind: 'forest' is not one of mlp, re",
        ),
        (
            "models.mlp.optimizer",
            {"kind": "lion"},
            "models.mlp.optimizer.kind: 'lion' i",
        ),
        (
            "models.mlp.optimizer.beta2",
            0.9,
            "models.mlp.optimizer.kind: None is not on",
        ),
        ("models.mlp", 3, "models.mlp: expected group of keys, got 3"),
        (
            "models.m-1",
            {"kind": "mlp"},
            "models: expected a key of lowercase letters, digits and _",
        ),
        ("models", 3, "models: expected group of keys, got 3"),
        ("run.models", [], "run.models: expected list of length >= 1, got []"),
        ("run.models", 3, "run.models: expected list, got 3"),
        ("run.models", ["mlp", "mlp"], "run.models: 'mlp' is listed twice"),
        ("run.n_seeds", "two", "run.n_seeds: expected int, got 'two'"),
        ("training", 3, "training: expected group of keys, got 3"),
        ("datasets.tth", {}, "datasets.tth.title: required key is missing"),
        (
            "datasets.tt-H",
            {"title": "x"},
            "datasets: expected a key of letters, digits and _",
        ),
        ("range_test.last_rate", 1e-9, "range_test: first_rate (1e-06) must be below "),
        ("study", {"title": "x"}, "study.question: required key is missing"),
    ],
)
def test_a_wrong_setting_is_named(path, value, message):
    with pytest.raises(logs.InputError) as error:
        parsing.parse(with_value(path, value), settings.Configuration)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("b_reg", float("nan"), ".b_reg: expected float >= 0.0, got nan"),
        ("b_reg", float("inf"), ".b_reg: expected a finite number, got inf"),
        ("b_reg", "1e-3", ".b_reg: expected float, got '1e-3' (write 1.0e-3)"),
        ("b_reg", None, ".b_reg: expected float, got None"),
        ("title", None, ".title: expected text, got None"),
        ("source", "a.csv", ".source: unknown key; "),
        ("files", "a#sum=1", ": 'a#sum=1' must be a file or a URL"),
        ("files", [], ": files must not be empty"),
        ("feature", ["x"], ".feature: unknown key; did you mean features?"),
        ("features", 3, ".features: expected "),
        ("label.signa", 1, ".label.signa: unknown key; did you mean signal?"),
        ("label.signal", None, ".label.signal: expected "),
        ("bodies.tau.rho", "x", ".bodies.tau.rho: unknown key; "),
        ("bodies.j-1", {"pt": "x", "phi": "y"}, ".bodies: expected a key of letters"),
        ("keep", ["x", "x"], ".keep: 'x' is listed twice"),
        ("test", 5, ".test: expected text | group of keys | null, got 5"),
        ("test.lst", 5, ".test.lst: unknown key; did you mean last?"),
        ("normalization", {"signal": 1}, ".normalization.background: required key is "),
        (
            "normalization",
            "sum",
            ".normalization: 'sum' is not one of weights, or a gr",
        ),
        ("systematics.j.up.tre", "x", ".systematics.j.up.tre: unknown key; did you m"),
        ("systematics.j", {"up": {}, "down": "x"}, ".systematics.j.down: 'x' is not "),
        ("define.x", 3, ".define.x: expected text, got 3"),
        ("missing", [float("nan")], ".missing[0]: expected a finite number, got nan"),
        ("test", {"last": 5, "files": "x"}, ".test: one of last, files and column m"),
        ("processes.ttW.file", "x", ".processes.ttW.file: unknown key; did you mean f"),
        (
            "processes.ttW",
            {"files": "x", "label": "signal", "xsec_pb": 1},
            ".processes.ttW: xsec_pb and sum_of_weights need each other",
        ),
        (
            "processes.ttW",
            {"files": [], "label": "signal"},
            ".processes.ttW: files must not be empty",
        ),
        ("negative_weights", "drop", ".negative_weights: 'drop' is not one of abs"),
    ],
)
def test_a_wrong_setting_of_a_data_set_is_named(path, value, message):
    with pytest.raises(logs.InputError) as error:
        config = with_value(f"datasets.higgsml.{path}", value)
        parsing.parse(config, settings.Configuration)
    assert str(error.value).startswith(f"datasets.higgsml{message}")
    assert "\n" not in str(error.value)


def test_rows_are_named_by_their_number():
    texts = dict.fromkeys(("title", "question", "method", "variations"), "x")
    row = {"label": "x", "dataset": "higgsml", "model": "mlp"}
    rows = [row, row | {"published": {"oof.auc": "high"}}]
    study = texts | {"merits": ["oof.auc"], "rows": rows}
    with pytest.raises(logs.InputError, match=r"^study.rows\[1\].published.oof.auc: "):
        parsing.parse({**SMALL, "study": study}, settings.Configuration)


def test_settings_survive_a_round_trip():
    full = parsing.parse(SMALL, settings.Configuration)
    again = parsing.parse(parsing.as_dict(full), settings.Configuration)
    assert again == full


def test_a_place_is_put_before_the_setting():
    with pytest.raises(logs.InputError, match=r"^evaluation.n_replicas: expected int"):
        parsing.parse({"n_replicas": 1}, settings.Evaluation, "evaluation")


def test_no_annotation_makes_the_parser_crash():
    """msgspec 0.22 corrupts memory for unions of constrained text and lists."""
    for kind in every_annotation(settings.Configuration):
        for _ in range(30):
            list(parsing.faults([object()], kind, ""))


def every_annotation(kind: type) -> list:
    """Annotations of all settings below a class, without repetition of classes."""
    annotations = []
    for annotation in get_type_hints(kind, include_extras=True).values():
        annotations.append(annotation)
        for part in parsing.alternatives(annotation):
            if parsing.is_group(part):
                annotations += every_annotation(part)
    return annotations
