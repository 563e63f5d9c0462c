"""The configuration: complete, and as its schema says, before anything runs."""

from pathlib import Path

import jsonschema
import yaml


def first_fault(config: dict, schema_path: Path) -> str | None:
    """What is wrong with settings, if anything is: one line that names the setting.

    A setting may be unknown, missing, of a wrong type or out of range.
    """
    schema = yaml.safe_load(schema_path.read_text())
    errors = jsonschema.Draft202012Validator(schema).iter_errors(config)
    worst = jsonschema.exceptions.best_match(errors)
    if worst is not None:
        place = ".".join(map(str, worst.absolute_path)) or "top level"
        return f"configuration, {place}: {worst.message}"
    for kind in ("datasets", "models"):
        for name in config["run"][kind]:
            if name not in config[kind]:
                known = ", ".join(config[kind])
                return f"configuration, run.{kind}: {name!r} is not one of {known}"
    return None
