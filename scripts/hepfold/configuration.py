"""The configuration: complete, and as its schema says, before anything runs."""

import math
import re
from pathlib import Path

import jsonschema
import numpy as np
import yaml

from hepfold import choices, datasets, layouts, logs

# Settings of a model of which exactly one kind is set.
CHOICES = ("optimizer", "schedule", "average")

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


def first_fault(config: dict, schema_path: Path) -> str | None:
    """What is wrong with settings, if anything is: one line that names the setting.

    A setting may be unknown, missing, of a wrong type or out of range.
    """
    schema = yaml.safe_load(schema_path.read_text())
    worst = jsonschema.exceptions.best_match(VALIDATOR(schema).iter_errors(config))
    if worst is not None:
        place = ".".join(map(str, worst.absolute_path)) or "top level"
        return f"configuration, {place}: {worst.message}{hint(worst.instance)}"
    for kind in ("datasets", "models"):
        for name in config["run"][kind]:
            if name not in config[kind]:
                known = ", ".join(config[kind])
                return f"configuration, run.{kind}: {name!r} is not one of {known}"
    return fault_of_choices(config["models"]) or fault_of_images(config)


def fault_of_choices(models: dict) -> str | None:
    """Where a model has not exactly one optimizer, schedule and average."""
    for name, model in models.items():
        for part in [p for p in CHOICES if p in model]:
            try:
                choices.chosen(model[part], f"models.{name}.{part}")
            except logs.InputError as error:
                return f"configuration, {error}"
    return None


def fault_of_images(config: dict) -> str | None:
    """Where the features of a data set of the run do not fit into images."""
    for name, model in config["models"].items():
        for dataset in config["run"]["datasets"] if "images" in model else ():
            definition = datasets.DATASETS[dataset]
            seen = definition.feature_sets[model["features"]]
            names = [feature for feature in definition.features if feature in seen]
            try:
                is_derived = np.array(definition.is_derived(names))
                layouts.refuse(model["images"], is_derived)
            except logs.InputError as error:
                return f"configuration, models.{name} on {dataset}: {error}"
    return None


def hint(value: object) -> str:
    """Help with text that was meant as a number: in YAML, 1e-3 is text."""
    is_text = isinstance(value, str) and re.fullmatch(r"-?\d+e-?\d+", value)
    return f" (write {value.replace('e', '.0e')})" if is_text else ""
