"""Write the JSON Schema and the reference page of the settings, from their classes.

Also write the RO-Crate metadata of the repository, from its citation and pins.
`make settings` runs it; tests hold these files current.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import yaml

REPO = Path(__file__).parents[2]
sys.path.insert(0, str(REPO / "scripts"))
import repository_crate  # noqa: E402

from hepfold.core import parsing, settings, settings_samples  # noqa: E402

SCHEMA = "workflow/schemas/config.schema.json"
PAGE = "docs/settings.md"
CRATE = "ro-crate-metadata.json"
# Limit of all 64-bit integers, which the page leaves out.
LARGEST = 2**63 - 1
HEAD = """# Settings

Every key of the configuration with its type and default. `make settings` generates this
page from the classes in `scripts/hepfold/core/settings*.py`. `config.yaml` holds the
keys that are changed most; any other key can be set in an overlay. Keys without a
default are required.

A model, an optimizer, a schedule and an average have a key `kind` that chooses among
several kinds with settings of their own. `like: <model>` in a model inherits the
settings of another model; keys listed with it override them, and `null` restores the
default. `like: <data set>` does the same in a data set.
"""


def descriptions(kind: type) -> dict[str, str]:
    """Description of each setting of a class, by the docstrings of it and its bases."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        entries = re.findall(
            r"^    (\w+): (.*(?:\n        .*)*)", base.__doc__ or "", re.MULTILINE
        )
        found |= {name: re.sub(r"\s+", " ", text) for name, text in entries}
    return found


def classes(kind: Any) -> list[type]:
    """A class of settings, all below it, and each once."""
    found: dict[type, None] = {}
    for part in parsing.alternatives(kind):
        if parsing.is_group(part):
            found[part] = None
            for annotation in get_type_hints(part, include_extras=True).values():
                found |= dict.fromkeys(classes(annotation))
        else:
            for argument in get_args(part):
                found |= dict.fromkeys(classes(argument))
    return list(found)


def schema() -> str:
    """JSON Schema of the configuration, for editors."""
    full = msgspec.json.schema(settings.Configuration)
    for kind in classes(settings.Configuration):
        part = full["$defs"][kind.__name__]
        for name, text in descriptions(kind).items():
            if name in part["properties"]:
                part["properties"][name]["description"] = text
        # Keys may come from another model or data set.
        if kind.__name__ in (*MODELS, settings.Dataset.__name__):
            part["required"] = []
            part["properties"]["like"] = {
                "type": "string",
                "description": "Model or data set whose settings are inherited.",
            }
    return json.dumps(full, separators=(",", ":")) + "\n"


def page() -> str:
    """Markdown page of all settings, one section for each class."""
    parts = [HEAD]
    for kind in classes(settings.Configuration):
        parts.append(section(kind))
    return "\n".join(parts)


def section(kind: type) -> str:
    """Heading, first line of the docstring and table of the settings of a class."""
    tag = kind.__struct_config__.tag
    title = f"{kind.__name__}, `kind: {tag}`" if tag else kind.__name__
    about = (kind.__doc__ or "").split("\n")[0]
    texts = descriptions(kind)
    kinds = get_type_hints(kind, include_extras=True)
    rows = [
        f"| `{field.name}` | {type_text(kinds[field.name])} | {default_text(field)} "
        f"| {texts[field.name].replace('|', chr(92) + '|')} |"
        for field in msgspec.structs.fields(kind)
    ]
    table = ["| key | type | default | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([f"## {title}", "", about, "", *(table if rows else []), ""])


def type_text(kind: Any) -> str:
    """A type as readers of the page know it."""
    if get_origin(kind) is Annotated or hasattr(kind, "__metadata__"):
        return type_text(kind.__origin__) + limits(kind.__metadata__)
    parts = parsing.alternatives(kind)
    if set(parts) >= VALUES:
        others = [type_text(part) for part in parts if part not in VALUES]
        return " or ".join(["value", *others])
    if len(parts) > 1:
        return " or ".join(dict.fromkeys(type_text(part) for part in parts))
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) is dict:
        return f"{type_text(get_args(kind)[1])}, by name"
    if get_origin(kind) is tuple:
        return f"list of {type_text(get_args(kind)[0])}"
    if parsing.is_group(kind):
        return f"[{kind.__name__}](#{anchor(kind)})"
    return {NoneType: "null", str: "text", bool: "true or false"}.get(kind) or {
        int: "integer",
        float: "number",
    }[kind]


def limits(metadata: tuple) -> str:
    """Range of a number, as in mathematics."""
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    parts = [
        f"{sign} {getattr(meta, name)}"
        for meta in metadata
        for name, sign in signs.items()
        if getattr(meta, name) not in (None, LARGEST)
    ]
    return f" {', '.join(parts)}" if parts else ""


def default_text(field: msgspec.structs.FieldInfo) -> str:
    """The default of a setting; empty for a required one or a group of settings."""
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory
        return "" if value is msgspec.NODEFAULT else "`{}`"
    if parsing.is_group(type(value)):
        tag = type(value).__struct_config__.tag
        return f"`{tag}`" if tag else "its defaults"
    return f"`{json.dumps(value)}`"


def anchor(kind: type) -> str:
    """Anchor of the section of a class."""
    tag = kind.__struct_config__.tag
    return f"{kind.__name__.lower()}-kind-{tag}" if tag else kind.__name__.lower()


def crate() -> str:
    """RO-Crate metadata of the repository."""
    citation = yaml.safe_load((REPO / "CITATION.cff").read_text())
    groups = tomllib.loads((REPO / "pyproject.toml").read_text())["dependency-groups"]
    pins = dict(line.split("==") for lines in groups.values() for line in lines)
    metadata = repository_crate.metadata(citation, pins)
    return json.dumps(metadata, indent=4) + "\n"


# What a cell of a table may hold.
VALUES = set(parsing.alternatives(settings_samples.Cell))
MODELS = {part.__name__ for part in parsing.alternatives(settings.Model)}

if __name__ == "__main__":
    (REPO / "docs").mkdir(exist_ok=True)
    (REPO / SCHEMA).write_text(schema())
    (REPO / PAGE).write_text(page())
    (REPO / CRATE).write_text(crate())
