"""What is run again when: the tables of workflow/guide.md, held against the rules.

Steps that follow those that run again run too; tests/test_reruns.py shows by dry runs
that Snakemake sees it so.
"""

import ast
import fnmatch
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
import yaml

from hepfold.core import provenance

REPO = Path(__file__).parent.parent
RULES = REPO / "workflow/rules"
SCRIPTS = REPO / "scripts"
LIBRARY = SCRIPTS / "hepfold"
MODULES = sorted(
    str(path.relative_to(LIBRARY).with_suffix(""))
    for path in LIBRARY.glob("*/[!_]*.py")
)
# It tells the whole configuration, so that each setting concerns it.
ALWAYS = "publish"
IMPORT = re.compile(r"^ *from hepfold\.(\w+) import (\([^)]*\)|.*)$", re.MULTILINE)


@cache
def rule_texts() -> dict[str, str]:
    """Text of each rule with a script."""
    text = "\n".join(path.read_text() for path in sorted(RULES.glob("*.smk")))
    parts = re.split(r"^rule (\w+):", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def settings_of(rule: str) -> list[str]:
    """Parts of the configuration that a rule names, as `models.<model>.kind`."""
    text = re.search(r"settings=(settings\(.*?\)),\n", rule_texts()[rule], re.DOTALL)
    call = ast.parse(text[1]).body[0].value
    paths = [ast.literal_eval(keyword.value) for keyword in call.keywords]
    return [re.sub(r"\{(\w+)\}", r"<\1>", path).replace("/", ".") for path in paths]


def every_setting() -> list[str]:
    """Every setting that the schema has, models and data sets as `<model>`."""
    schema = yaml.safe_load((REPO / "workflow/schemas/config.schema.yaml").read_text())
    return sorted(set(leaves(schema, schema["$defs"], "")))


def leaves(part: dict, defined: dict, path: str):
    """Paths of the values below a part of the schema."""
    if "$ref" in part:
        part = defined[part["$ref"].split("/")[-1]]
    choices = [c for key in ("oneOf", "anyOf", "allOf") for c in part.get(key, ())]
    choices += [part[key] for key in ("then", "else") if key in part]
    below = [c for c in choices if "$ref" in c or "properties" in c]
    for choice in below:
        yield from leaves(choice, defined, path)
    named = part.get("properties", {})
    if path == "datasets" and named:
        named = {"<dataset>": next(iter(named.values()))}
    others = part.get("additionalProperties")
    if path in ("models", "search") and isinstance(others, dict):
        named = {"<model>": others}
    for name, inner in named.items():
        yield from leaves(inner, defined, f"{path}.{name}".strip("."))
    if not below and not named:
        yield path


@cache
def rows() -> dict[str, set[str]]:
    """Of the guide: setting or pattern of settings, and the steps that it names."""
    text = (REPO / "workflow/guide.md").read_text()
    (table,) = re.findall(r"\| a changed setting \|.*\n\|[-|]+\n((?:\|.*\n)+)", text)
    found = {}
    for line in table.splitlines():
        names, steps, *_ = (cell.strip() for cell in line.strip("|").split("|"))
        for name in re.findall(r"`([^`]+)`", names):
            found[name] = set(re.findall(r"`(\w+)`", steps))
    return found


def concerns(part: str, setting: str) -> bool:
    """Whether a part of the configuration holds a setting."""
    return part == "" or setting == part or setting.startswith(f"{part}.")


@pytest.mark.parametrize("setting", every_setting())
def test_a_setting_redoes_the_steps_of_the_guide(setting):
    fit = [name for name in rows() if fnmatch.fnmatchcase(setting, name)]
    assert fit, f"workflow/guide.md has no row for {setting}"
    found = {
        rule
        for rule in rule_texts()
        if rule != ALWAYS and any(concerns(part, setting) for part in settings_of(rule))
    }
    assert rows()[max(fit, key=len)] == found


def test_the_guide_tells_of_no_setting_that_is_not_there():
    for name in rows():
        assert fnmatch.filter(every_setting(), name), name


def test_publishing_follows_every_setting():
    assert "" in settings_of(ALWAYS)


def reached(text: str) -> set[str]:
    """Modules that a file imports, directly or not, by the words in its text."""
    found, unread = set(), [text]
    while unread:
        names = {
            f"{package}/{name}"
            for package, imported in IMPORT.findall(unread.pop())
            for name in re.findall(r"\w+", imported)
        }
        unread += [(SCRIPTS / f"hepfold/{n}.py").read_text() for n in names - found]
        found |= names
    return found


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A copy of all code, and the digest of each script."""
    folder = tmp_path_factory.mktemp("code") / "scripts"
    shutil.copytree(SCRIPTS, folder)
    return folder, digests(folder)


def digests(folder: Path, names: set[str] | None = None) -> dict[str, str]:
    """Digest of the code of each script, or of some."""
    names = names or {path.stem for path in folder.glob("*.py")}
    return {n: provenance.code_digest(folder / f"{n}.py") for n in names}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_redoes_the_steps_that_import_it_and_no_other(module, copied):
    folder, before = copied
    path = folder / f"hepfold/{module}.py"
    text = path.read_text()
    importing = {
        p.stem for p in SCRIPTS.glob("*.py") if module in reached(p.read_text())
    }
    of_rules = reached("\n".join(path.read_text() for path in RULES.glob("*.smk")))
    assert importing or module in of_rules, f"nothing imports {module}"
    # One script of the others stands for all: parsing takes its time.
    others = sorted(set(before) - importing)[:1]
    path.write_text(f"{text}\nEDITED = True\n")
    after = digests(folder, importing | set(others))
    path.write_text(text)
    assert {name for name in after if after[name] != before[name]} == importing


def test_each_rule_tells_the_digest_of_its_own_script():
    for rule, text in rule_texts().items():
        assert f'"../../scripts/{rule}.py"' in text
        assert re.search(rf'settings\(\s*"{rule}.py"', text), rule


def test_scripts_use_no_wildcard_and_no_setting_but_by_settings():
    """What decides a result is in `settings`, by which the cache tells jobs apart."""
    for path in SCRIPTS.glob("*.py"):
        uses = set(re.findall(r"snakemake\.(\w+)", path.read_text()))
        allowed = {"input", "output", "params", "log", "threads", "wildcards"}
        assert uses <= allowed, path
        for name in re.findall(r"snakemake\.params\.(\w+)", path.read_text()):
            assert f"{name}=" in rule_texts()[path.stem], f"{path}: {name}"
