"""Tests of the functions by which jobs request resources, without Snakemake."""

import os
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from workflow_rules import REPO, RULES

from hepfold.core import (
    blend_parts,
    configuration,
    cost_model,
    parsing,
    settings_layers,
    settings_models,
    starting_models,
    stream_choice,
)
from hepfold.data import datasets, event_samples
from hepfold.training import hyperband

OVERLAY = {
    "run": {"datasets": ["higgsml"], "models": ["mlp", "blend"]},
    "training": {"device": "cpu"},
    "search": {
        "mlp": {
            "max_epochs": 4,
            "factor": 2,
            "merit": "auc",
            "validation_fraction": 0.2,
            "space": {"network.width": [20, 400], "batch_size": [64, 4096]},
        }
    },
}
MODELS = ["mlp", "transformer", "xgboost", "supertml"]


class Input(dict):
    """Files of a job by name, as Snakemake hands them over."""

    def __iter__(self):
        return iter(self.values())


@cache
def resources() -> dict:
    """The functions of resources.smk, with the names that other rules define."""
    config = yaml.safe_load((REPO / "config.yaml").read_text()) | OVERLAY
    config["models"]["tuned"] = {"like": "mlp", "tuned": "mlp"}
    public = {
        path.stem: yaml.safe_load(path.read_text())
        for path in REPO.glob("workflow/datasets/*.yaml")
    }
    full = configuration.complete(config, public)
    names = {
        "config": parsing.as_dict(full),
        "SETTINGS": full,
        "PLANS": {name: hyperband.plan(search) for name, search in full.search.items()},
        "FOLDS": range(5),
        "PARTS": {name: ["part"] for name in full.datasets},
        "RESULTS": "results/",
        "Path": Path,
        "parts_of": lambda name: blend_parts.parts_of(full.models[name]),
        "datasets": datasets,
        "event_samples": event_samples,
        "parsing": parsing,
        "starting_models": starting_models,
        "stream_choice": stream_choice,
    }
    exec((RULES / "resources.smk").read_text(), names)
    return names


def file(folder: Path, name: str, n_bytes: float) -> str:
    """A file of that size without content."""
    path = folder / "higgsml" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.truncate(path, int(n_bytes))
    return str(path)


def wildcards(model: str, **names: str) -> SimpleNamespace:
    class Wildcards(SimpleNamespace):
        """Wildcards with names and keys."""

        def keys(self):
            return vars(self).keys()

        def __getitem__(self, name):
            return vars(self)[name]

    return Wildcards(dataset="higgsml", model=model, **names)


def requested(name: str, model: str, input: Input, attempt: int = 1, **names) -> int:
    return resources()[name]()(wildcards(model, **names), input, attempt)


@pytest.fixture
def folds(tmp_path):
    """A function that makes fold files of a number of MB, whole or in parts."""

    def make(megabytes: float, in_parts: bool = False) -> Input:
        n_bytes, folder = 1e6 * megabytes, tmp_path / f"{megabytes}_{in_parts}"
        if in_parts:
            for part in range(4):
                file(folder, f"parts/{part}_train.h5", n_bytes / 4)
                file(folder, f"parts/{part}_test.h5", n_bytes / 8)
            n_bytes = 0
        return Input(
            train=file(folder, "train.h5", n_bytes),
            test=file(folder, "test.h5", n_bytes / 2),
        )

    return make


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["training_minutes", "training_memory"])
def test_trainings_request_more_for_more_events_and_at_each_retry(folds, name, model):
    small, large = folds(100), folds(2000)
    assert requested(name, model, large) > 1.5 * requested(name, model, small)
    assert requested(name, model, small, 2) >= 2 * requested(name, model, small)


def test_events_are_counted_by_the_size_of_the_fold_file(folds):
    full = resources()["SETTINGS"].datasets["higgsml"]
    n_columns = len(datasets.Dataset.of(full).features)
    of_event = cost_model.bytes_per_event(n_columns, len(full.keep))
    job = resources()["training_job"](wildcards("mlp"), folds(500))
    assert job.n_training == pytest.approx(0.8 * 500e6 / of_event)
    assert job.n_scored == pytest.approx((0.2 + 0.5) * 500e6 / of_event)


def test_gathered_parts_count_like_one_file(folds):
    for name in ("training_minutes", "training_memory"):
        one, parts = (requested(name, "mlp", folds(800, p)) for p in (False, True))
        assert one == parts > requested(name, "mlp", folds(0))


def test_a_fraction_of_the_events_takes_less_time_but_all_memory(folds):
    """All events are read before the fraction is drawn."""
    fold_files = folds(2000)
    for name, is_less in (("training_minutes", True), ("training_memory", False)):
        part = requested(name, "mlp", fold_files, fraction="0.1")
        whole = requested(name, "mlp", fold_files)
        assert part < 0.3 * whole if is_less else part == whole


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 1),
        ({"classes": "processes"}, 5),
        ({"classes": {"a": ("1", "2"), "b": ("3",), "c": ("4", "5")}}, 3),
        ({"weight_classes": settings_layers.WeightClasses(background=(0.1, 0.2))}, 4),
    ],
)
def test_classes_are_those_of_the_model_on_the_data_set(changes, expected):
    process = SimpleNamespace(signal=(1, 2), background=(3, 4, 5))
    declared = SimpleNamespace(processes={}, process=process)
    model = settings_models.XGBoost(**changes)
    assert resources()["n_classes"](model, declared) == expected


def test_rounds_of_all_continued_trainings_count(monkeypatch):
    def continued(name: str, n_rounds: int) -> settings_models.XGBoost:
        start = settings_layers.BoosterStart(name)
        return settings_models.XGBoost(n_rounds=n_rounds, start_from=start)

    models = {
        "first": settings_models.XGBoost(n_rounds=100),
        "second": continued("first", 20),
        "third": continued("second", 3),
    }
    monkeypatch.setitem(resources(), "SETTINGS", SimpleNamespace(models=models))
    n_rounds = [resources()["n_first_rounds"](model) for model in models.values()]
    assert n_rounds == [0, 100, 120]


def test_files_that_are_not_there_yet_request_a_start():
    missing = Input(train="no/train.h5", test="no/test.h5")
    minutes = requested("training_minutes", "mlp", missing)
    assert minutes <= cost_model.STARTING_MINUTES + 2


def test_a_trial_is_taken_for_the_largest_of_its_rung():
    model = resources()["trained_model"](
        wildcards("mlp", bracket="2", rung="1", trial="0")
    )
    assert model.network.width == 400
    assert model.n_epochs == hyperband.brackets(4, 2, 2)[2][1].n_epochs == 2
    assert model.validation_fraction == 0.2


@pytest.mark.parametrize("names", [{}, {"bracket": "2", "rung": "1", "trial": "0"}])
def test_the_smallest_batch_is_for_time_and_the_largest_for_memory(names):
    of = resources()["trained_model"]
    model = wildcards("mlp" if names else "tuned", **names)
    assert [of(model, is_large).batch_size for is_large in (False, True)] == [64, 4096]


def test_a_tuned_model_is_taken_for_the_costliest_of_its_search(folds, tmp_path):
    assert resources()["costliest_model"]("tuned").network.width == 400
    raw, train = Input(raw=file(tmp_path, "events.root", 1e9)), folds(500)
    for name, input in (
        ("training_minutes", train),
        ("training_memory", train),
        ("scoring_minutes", raw),
    ):
        assert requested(name, "tuned", input) > requested(name, "mlp", input)


def test_a_range_test_does_not_pass_over_all_events(folds):
    test, training = (
        requested(name, "mlp", folds(2000))
        for name in ("range_test_minutes", "training_minutes")
    )
    assert test < training


def test_a_range_test_of_trees_leaves_the_message_to_its_job(folds):
    start = cost_model.requested_minutes(cost_model.BASE_SECONDS)
    assert requested("range_test_minutes", "xgboost", folds(100)) == start


def test_no_job_requests_more_than_the_ceiling(folds, tmp_path):
    large = folds(10**7)
    raw = Input(raw=file(tmp_path, "events.root", 1e13))
    for name, input in (("training_minutes", large), ("scoring_minutes", raw)):
        assert requested(name, "transformer", input, 3) == cost_model.MOST_MINUTES
    of_step = resources()["minutes"](10**4)
    assert of_step(wildcards("mlp"), large, 3) == cost_model.MOST_MINUTES


def test_scoring_grows_with_the_raw_files_in_folders_too(folds, tmp_path):
    minutes = [requested("scoring_minutes", "mlp", Input(train="no", raw=[]))]
    raw = file(tmp_path, "raw/events.root", 2e9)
    for path in (raw, str(Path(raw).parent)):
        minutes.append(requested("scoring_minutes", "mlp", Input(raw=path)))
    varied = Input(raw=[raw], varied=[raw])
    minutes.append(requested("scoring_minutes", "mlp", varied))
    assert minutes[0] < minutes[1] == minutes[2] < minutes[3]


@pytest.mark.parametrize("name", ["scoring_minutes", "explanation_minutes"])
def test_a_blend_takes_the_time_of_its_parts(name, tmp_path):
    input = Input(raw=file(tmp_path, "events.root", 1e9))
    parts = [requested(name, part, input) for part in ("transformer", "xgboost")]
    n_starts = 2 * cost_model.STARTING_MINUTES
    assert requested(name, "blend", input) == pytest.approx(
        sum(parts) - n_starts + cost_model.STARTING_MINUTES, abs=1
    )
