"""The configuration: complete, and as its schema says, before anything runs."""

import copy
import math
import re
from pathlib import Path

import jsonschema
import numpy as np
import yaml

from hepfold.core import choices, logs, overlays
from hepfold.data import datasets
from hepfold.models import image_layouts

# Settings of a model of which exactly one kind is set.
CHOICES = ("optimizer", "schedule", "average")
# Settings of a model and of its network that `training.most_epochs` limits.
EPOCHS = {"n_epochs", "frozen_epochs", "pretrained_epochs"}

# Stricter than JSON Schema, for which 2.0 is an integer and NaN a number.
VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: type(value) is int,
            "number": lambda _, value: (
                type(value) in (int, float) and math.isfinite(value)
            ),
        }
    ),
)


def ready(config: dict, schema_path: Path) -> dict:
    """The configuration with every model written out, checked.

    A model that is `like` another has the settings of that one but for its own; a kind
    that it chooses takes the place of the other's. With `run.n_seeds`, copies of the
    models of the run that differ in their seed alone are compared with them. No
    training has more epochs than `training.most_epochs`. What is ready stays as it is.
    """
    config = copy.deepcopy(config)
    if isinstance(models := config.get("models"), dict):
        config["models"] = {name: written_out(models, name, ()) for name in models}
    if fault := first_fault(config, schema_path):
        raise logs.InputError(fault)
    limit_epochs(config["models"], config["training"]["most_epochs"])
    return with_copies(config)


def limit_epochs(models: dict, most: int | None) -> None:
    """Lower the epochs of models to some number, if one is given."""
    for model in models.values():
        for part in (model, model.get("network", {})):
            for name in set(part) & EPOCHS if most else ():
                part[name] = min(part[name], most)


def with_copies(config: dict) -> dict:
    """The configuration with a copy of the models of the run for each further seed."""
    models, run = config["models"], config["run"]
    copies = {
        seed_name(name, i): models[name] | {"seed": models[name]["seed"] + i}
        for i in range(1, run["n_seeds"])
        for name in (*run["models"], *run["compared"])
    }
    run = run | {"compared": [*run["compared"], *copies], "n_seeds": 1}
    return config | {"models": models | copies, "run": run}


def written_out(models: dict, name: str, seen: tuple[str, ...]) -> dict:
    """A model with what it takes from the one that it is like."""
    model = models[name]
    other = model.get("like") if isinstance(model, dict) else None
    if other is None:
        return model
    known = {n for n in models if isinstance(models[n], dict)} - {*seen, name}
    if not isinstance(other, str) or other not in known:
        raise logs.InputError(
            f"configuration, models.{name}.like: {other!r} is no other model"
        )
    taken = written_out(models, other, (*seen, name))
    own = {key: value for key, value in model.items() if key != "like"}
    for part in CHOICES:
        if isinstance(own.get(part), dict):
            own[part] = {**dict.fromkeys(taken.get(part, {})), **own[part]}
    return overlays.overlaid(taken, own)


def seed_name(model: str, i_seed: int) -> str:
    """Name of a model that is trained with its i-th seed, from 0."""
    return f"{model}_seed{i_seed + 1}" if i_seed else model


def is_first_seed(model: str) -> bool:
    """Whether a model is no copy that differs from another in its seed alone."""
    return re.search(r"_seed\d+$", model) is None


def first_fault(config: dict, schema_path: Path) -> str | None:
    """What is wrong with settings, if anything is: one line that names the setting.

    A setting may be unknown, missing, of a wrong type or out of range.
    """
    schema = yaml.safe_load(schema_path.read_text())
    worst = jsonschema.exceptions.best_match(VALIDATOR(schema).iter_errors(config))
    if worst is not None:
        place = ".".join(map(str, worst.absolute_path)) or "top level"
        return f"configuration, {place}: {worst.message}{hint(worst.instance)}"
    return (
        fault_of_names(config)
        or fault_of_choices(config["models"])
        or fault_of_masses(config)
        or fault_of_images(config)
        or fault_of_search(config, schema["$defs"])
    )


def fault_of_names(config: dict) -> str | None:
    """Where a run or its study names what there is not, or a fold too many."""
    run, study = config["run"], config["study"]
    for place, kind, names in (
        ("run.datasets", "datasets", run["datasets"]),
        ("run.models", "models", run["models"]),
        ("run.compared", "models", run["compared"]),
    ):
        for name in names:
            if name not in config[kind]:
                known = ", ".join(config[kind])
                return f"configuration, {place}: {name!r} is not one of {known}"
    if twice := set(run["models"]) & set(run["compared"]):
        return f"configuration, run.compared: {min(twice)!r} is in run.models too"
    n_folds, n_trained = config["folds"]["n_folds"], config["folds"]["n_trained"]
    if n_trained and n_trained > n_folds:
        return f"configuration, folds.n_trained: {n_trained} is more than {n_folds}"
    trained = {None, *run["models"], *run["compared"]}
    for row in study["rows"] if study else ():
        if row["model"] not in trained or row["dataset"] not in run["datasets"]:
            place = f"{row['model']} on {row['dataset']}"
            return f"configuration, study.rows: {place} is not in the run"
    return None


def fault_of_choices(models: dict) -> str | None:
    """Where a model has not exactly one optimizer, schedule and average."""
    for name, model in models.items():
        for part in [p for p in CHOICES if p in model]:
            try:
                choices.chosen(model[part], f"models.{name}.{part}")
            except logs.InputError as error:
                return f"configuration, {error}"
    return None


def fault_of_masses(config: dict) -> str | None:
    """Where a model of the run needs a mass hypothesis that a data set lacks."""
    for name in (*config["run"]["models"], *config["run"]["compared"]):
        model = config["models"][name]
        for dataset in config["run"]["datasets"]:
            definition = datasets.DATASETS[dataset]
            if model["features"] not in definition.feature_sets:
                setting = f"features: {model['features']}"
            elif model["hypotheses"] and not definition.mass_hypothesis:
                setting = "hypotheses"
            else:
                continue
            return (
                f"configuration, models.{name}.{setting}: {dataset} has no mass "
                "hypothesis"
            )
    return None


def fault_of_images(config: dict) -> str | None:
    """Where the features of a data set of the run do not fit into images."""
    for name, model in config["models"].items():
        for dataset in config["run"]["datasets"] if "images" in model else ():
            definition = datasets.DATASETS[dataset]
            seen = definition.feature_sets.get(model["features"])
            if seen is None:
                continue  # a model of other runs
            names = [feature for feature in definition.features if feature in seen]
            try:
                is_derived = np.array(definition.is_derived(names))
                image_layouts.refuse(model["images"], is_derived)
            except logs.InputError as error:
                return f"configuration, models.{name} on {dataset}: {error}"
    return None


def fault_of_search(config: dict, defined: dict) -> str | None:
    """Where a search varies what a model has not, or to what it cannot be."""
    models = config["models"]
    for name, model in models.items():
        if model["tuned"] not in {None, *config["search"]}:
            return (
                f"configuration, models.{name}.tuned: "
                f"there is no search.{model['tuned']}"
            )
    check = VALIDATOR(defined["model"] | {"$defs": defined})
    for name, part in config["search"].items():
        if name not in models:
            return f"configuration, search.{name}: there is no such model"
        tuned = [n for n, model in models.items() if model["tuned"] == name]
        for other in (name, *tuned):
            place = f"configuration, search.{name}.space"
            if fault := overlays.fault(models[other], part["space"]):
                return f"{place}.{fault}"
            for path, value in overlays.changes(part["space"]):
                model = overlays.applied(models[other], {path: value})
                worst = jsonschema.exceptions.best_match(check.iter_errors(model))
                if worst is not None:
                    return f"{place}.{path}: {worst.message}{hint(value)}"
    return None


def hint(value: object) -> str:
    """Help with text that was meant as a number: in YAML, 1e-3 is text."""
    is_text = isinstance(value, str) and re.fullmatch(r"-?\d+e-?\d+", value)
    return f" (write {value.replace('e', '.0e')})" if is_text else ""
