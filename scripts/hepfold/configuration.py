"""The configuration: complete, and as its schema says, before anything runs."""

from pathlib import Path

import jsonschema
import yaml

from hepfold import logs


def refuse_invalid(config: dict, schema_path: Path) -> None:
    """Refuse settings that are unknown, missing, of a wrong type or out of range."""
    schema = yaml.safe_load(schema_path.read_text())
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(config), key=lambda error: error.json_path)
    if errors:
        worst = jsonschema.exceptions.best_match(errors)
        place = ".".join(map(str, worst.absolute_path)) or "top level"
        raise logs.InputError(f"configuration, {place}: {worst.message}")
    for kind in ("datasets", "models"):
        unknown = [name for name in config["run"][kind] if name not in config[kind]]
        if unknown:
            raise logs.InputError(
                f"configuration, run.{kind}: {unknown[0]!r} is not one of "
                f"{', '.join(config[kind])}, as {kind} defines them"
            )
