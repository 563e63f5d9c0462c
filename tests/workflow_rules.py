"""Text of the rules: steps with a script, and figures, which inherit it."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import get_args

from hepfold.core import provenance, settings_datasets, settings_models

REPO = Path(__file__).parent.parent
RULES = REPO / "workflow/rules"
SCRIPTS = REPO / "scripts"
# What every figure inherits; it is no step itself.
BASE = "draw"
HEAD = re.compile(rf"^(use rule {BASE} as|rule) (\w+)(?: with)?:\n", re.MULTILINE)
DIRECTIVE = re.compile(r"^    (\w+):", re.MULTILINE)


@cache
def texts() -> dict[str, str]:
    """Text of each step by name, for figures with the inherited directives."""
    inherited = directives(written()[BASE])
    return {
        name: merged(text, inherited) if is_figure(name) else text
        for name, text in written().items()
        if name != BASE
    }


@cache
def written() -> dict[str, str]:
    """Text of each rule as written, without code that follows it in the file."""
    text = "\n".join(path.read_text() for path in sorted(RULES.glob("*.smk")))
    _, *parts = HEAD.split(text)
    bodies = (re.split(r"^(?=\S)", b, maxsplit=1, flags=re.M)[0] for b in parts[2::3])
    return dict(zip(parts[1::3], bodies, strict=True))


@cache
def figures() -> set[str]:
    """Names of the rules that inherit `draw`."""
    text = "\n".join(path.read_text() for path in RULES.glob("*.smk"))
    return {name for kind, name in HEAD.findall(text) if kind != "rule"}


def is_figure(name: str) -> bool:
    """Whether a rule inherits `draw`."""
    return name in figures()


def directives(text: str) -> dict[str, str]:
    """Text of each directive of a rule by its name."""
    _, *parts = DIRECTIVE.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def merged(text: str, inherited: dict[str, str]) -> str:
    """Text of a rule with inherited directives in place of those that it lacks."""
    docstring = DIRECTIVE.split(text)[0]
    parts = directives(text) | {
        name: body for name, body in inherited.items() if name not in directives(text)
    }
    return docstring + "".join(f"    {name}:{body}" for name, body in parts.items())


def script(rule: str) -> str:
    """File name of the script of a step."""
    return f"{BASE}.py" if is_figure(rule) else f"{rule}.py"


def modules(rule: str) -> list[str]:
    """Modules of the library that the script of a step may look up by name."""
    if is_figure(rule):
        return [f"hepfold.figures.{rule}"]
    if "model_module" in texts()[rule]:
        return sorted({kind.module() for kind in get_args(settings_models.Model)})
    return []


@cache
def settings_call(rule: str) -> ast.Call:
    """The call of `settings`, or of `figure_settings`, in the parameters of a rule."""
    params = ast.parse(f"dict({directives(texts()[rule])['params']})").body[0].value
    return next(k.value for k in params.keywords if k.arg == "settings")


def settings_of(rule: str) -> list[str]:
    """Parts of the configuration that a rule names, as `models.<model>.kind`."""
    paths = [path for k in settings_call(rule).keywords for path in paths_of(k.value)]
    if is_figure(rule):
        paths.append("figures/style")
        paths += ["datasets/{dataset}/title"] if is_of_dataset(rule) else []
    return [re.sub(r"\{(\w+)\}", r"<\1>", path).replace("/", ".") for path in paths]


def is_of_dataset(rule: str) -> bool:
    """Whether the results of a rule are of one data set."""
    return "{dataset}" in directives(texts()[rule])["output"]


def paths_of(value: ast.expr) -> list[str]:
    """Paths of the settings that a keyword of `settings` names, or its functions."""
    if isinstance(value, ast.Constant):
        return [value.value]
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    functions = set(names) & set(settings_by_function())
    assert functions, f"settings_by_function lacks {ast.unparse(value)}"
    return [
        f"datasets/{{dataset}}/{key}"
        for name in functions
        for key in settings_by_function()[name]
    ]


@cache
def settings_by_function() -> dict[str, list[str]]:
    """Settings of a data set in the values of functions of the rules."""
    text = (RULES / "datasets.smk").read_text()
    (not_read,) = re.findall(r"^NOT_READ = (\{.*?^\})", text, re.MULTILINE | re.DOTALL)
    every = settings_datasets.Dataset.__struct_fields__
    read = [name for name in every if name not in ast.literal_eval(not_read)]
    return {
        "reading_part": read,
        "part_declaration": [name for name in read if name != "luminosity_ipb"],
        "part_samples": [],
        "raw_entries": ["files", "processes", "test/files"],
        "further_part": ["apply", "data"],
        "processes_of": ["processes", "process"],
        "regions_of": ["regions"],
        "varied_part": [*read, "systematics"],
        "variations_of": ["systematics", "processes", "process"],
        "mirrored_in": ["systematics"],
        "is_public": [],
        "decorrelated_spectrum": ["spectrum/feature"],
        "decorrelation_strengths": [],
        "part_settings": [],
        "release_of_workflow": [],
    }


def packages(rule: str) -> set[str]:
    """Packages that a step imports."""
    return set(provenance.package_versions(SCRIPTS / script(rule), *modules(rule)))
