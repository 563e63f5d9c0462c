"""Conversion of the configuration to typed settings; errors name the setting."""

import difflib
import math
import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from hepfold.core import logs, settings_base

T = TypeVar("T")
# Settings whose lists may hold a value twice.
REPEATABLE = {"momentum"}
# Names of types in messages, by those of msgspec.
YAML_NAMES = {"str": "text", "array": "list", "object": "group of keys"}
# Regular expressions of settings, described in words.
PATTERNS = {
    "^[a-z0-9_]+$": "a key of lowercase letters, digits and _",
    "^[A-Za-z][A-Za-z0-9_]*$": (
        "a key of letters, digits and _ that begins with a letter (a title can be any "
        "text)"
    ),
    "^https?://": "a URL",
}
Faults = Iterator[tuple[str, str]]


def parse(value: object, kind: type[T], path: str = "") -> T:
    """Typed settings from a value; `kind` is a settings class or a union of them.

    `path` is the position of the value in the configuration. Raises InputError with
    the path and the reason.
    """
    try:
        parsed = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        place, reason = next(faults(value, kind, path), (path, str(error)))
    else:
        place, reason = next(faults_of_parsed(parsed, path), (path, ""))
    if reason:
        raise logs.InputError(f"{place or 'configuration'}: {reason}")
    return parsed


def as_dict(parsed: settings_base.Settings) -> dict:
    """Settings as plain dictionaries, lists and values, as in YAML and JSON."""
    return msgspec.json.decode(msgspec.json.encode(parsed))


def faults(value: object, kind: Any, path: str) -> Faults:
    """Path and reason of everything in a value that violates its type.

    The errors of msgspec name neither dictionary keys nor the choices of unions.
    """
    plain = kind.__origin__ if hasattr(kind, "__metadata__") else kind
    groups = [part for part in alternatives(plain) if is_group(part)]
    arguments = get_args(plain)
    if groups and isinstance(value, dict):
        yield from faults_of_group(value, groups, path)
    elif get_origin(plain) is dict and isinstance(value, dict):
        for key, part in value.items():
            yield from fault_of_value(key, arguments[0], path)
            yield from faults(part, arguments[1], joined(path, key))
    elif get_origin(plain) is tuple and isinstance(value, list | tuple):
        is_choice = get_origin(arguments[0]) is Literal
        for i, part in enumerate(value if is_choice or is_group(arguments[0]) else ()):
            yield from faults(part, arguments[0], f"{path}[{i}]")
        if is_choice and any(part not in get_args(arguments[0]) for part in value):
            return
    yield from fault_of_value(value, kind, path)


def faults_of_group(value: dict, groups: list[type], path: str) -> Faults:
    """Faults of a group of settings; its key `kind` selects the class."""
    by_kind = {group.__struct_config__.tag: group for group in groups}
    has_kind = None not in by_kind
    chosen = value.get("kind") if has_kind else None
    if not isinstance(chosen, str | None) or chosen not in by_kind:
        yield joined(path, "kind"), one_of(chosen, by_kind)
        return
    group = by_kind[chosen]
    kinds = get_type_hints(group, include_extras=True)
    fields = {field.name: field for field in msgspec.structs.fields(group)}
    for key in value.keys() - fields.keys() - ({"kind"} if has_kind else set()):
        near = difflib.get_close_matches(str(key), fields, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(fields)}"
        yield joined(path, key), f"unknown key; {hint}"
    for name, field in fields.items():
        if name in value:
            yield from faults(value[name], kinds[name], joined(path, name))
        elif field.required:
            yield joined(path, name), "required key is missing"


def fault_of_value(value: object, kind: Any, path: str) -> Faults:
    """The fault of a value that msgspec rejects, worded as by msgspec."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text = str(error).partition(" - at ")[0].replace("`", "")
        choices = [c for part in alternatives(kind) for c in get_args(part)]
        if "enum" in text and choices:
            has_group = any(map(is_group, alternatives(kind)))
            or_group = ", or a group of keys" if has_group else ""
            yield path, one_of(value, choices) + or_group
        elif match := re.match(r"Expected (.*?)(, got .*)?$", text):
            yield path, f"expected {in_yaml(match[1])}, got {value!r}{hint_for(value)}"
        else:
            yield path, text


def in_yaml(types: str) -> str:
    """Types in the wording of msgspec, reworded for YAML."""
    for pattern, words in PATTERNS.items():
        types = types.replace(f"str matching regex '{pattern}'", words)
    names = "|".join(YAML_NAMES)
    return re.sub(rf"\b({names})\b", lambda match: YAML_NAMES[match[0]], types)


def faults_of_parsed(parsed: object, path: str) -> Faults:
    """Faults that types cannot express: infinite numbers, repeated list entries."""
    if isinstance(parsed, float) and not math.isfinite(parsed):
        yield path, f"expected a finite number, got {parsed}"
    elif isinstance(parsed, settings_base.Settings):
        for name in parsed.__struct_fields__:
            yield from faults_of_parsed(getattr(parsed, name), joined(path, name))
    elif isinstance(parsed, dict):
        for key, part in parsed.items():
            yield from faults_of_parsed(part, joined(path, key))
    elif isinstance(parsed, tuple):
        for i, part in enumerate(parsed):
            yield from faults_of_parsed(part, f"{path}[{i}]")
            if part in parsed[:i] and path.split(".")[-1] not in REPEATABLE:
                yield path, f"{part!r} is listed twice"


def alternatives(kind: Any) -> tuple:
    """The members of a union, or the type itself."""
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def is_group(kind: Any) -> bool:
    """Whether a type is a class of settings."""
    return isinstance(kind, type) and issubclass(kind, settings_base.Settings)


def one_of(value: object, choices: Any) -> str:
    """Message for a value that is not among the choices."""
    return f"{value!r} is not one of {', '.join(map(str, choices))}"


def joined(path: str, key: object) -> str:
    """Path of a key in the configuration."""
    return f"{path}.{key}" if path else str(key)


def hint_for(value: object) -> str:
    """Hint for text that looks like a number: YAML reads 1e-3 as text."""
    is_number = isinstance(value, str) and re.fullmatch(r"-?\d+e-?\d+", value)
    return f" (write {value.replace('e', '.0e')})" if is_number else ""
