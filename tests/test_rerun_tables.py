"""What is rerun when: the tables of docs/explanation/reruns.md against the rules.

Steps that follow those that run again run too; tests/test_reruns.py shows by dry runs
that Snakemake sees it so.
"""

import ast
import fnmatch
import re
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
import workflow_rules
from records import every_setting
from workflow_rules import REPO, RULES, SCRIPTS

from hepfold.core import provenance

pytestmark = pytest.mark.slow

LIBRARY = SCRIPTS / "hepfold"
# Settings are values, which are parameters of the steps themselves.
MODULES = sorted(
    str(path.relative_to(LIBRARY).with_suffix(""))
    for path in LIBRARY.glob("*/[!_]*.py")
    if not path.stem.startswith(provenance.VALUES)
)
# One module of each package is edited; all are looked up in the code of the steps.
EDITED = {name.split("/")[0]: name for name in MODULES}.values()
# It publishes the whole configuration, so that each setting concerns it.
ALWAYS = "publish"
IMPORT = re.compile(r"^ *from hepfold\.(\w+) import (\([^)]*\)|.*)$", re.MULTILINE)


@cache
def rows() -> dict[str, set[str]]:
    """Rows of the guide: setting or pattern of settings, and the steps it reruns."""
    text = (REPO / "docs/explanation/reruns.md").read_text()
    (table,) = re.findall(r"\| a changed setting \|.*\n\|[-|]+\n((?:\|.*\n)+)", text)
    steps_of = {}
    for line in table.splitlines():
        names, steps, *_ = (cell.strip() for cell in line.strip("|").split("|"))
        redone = set(re.findall(r"`(\w+)`", steps))
        if steps == "all figures":
            redone = workflow_rules.figures()
        if steps.endswith("figures of one data set"):
            redone |= set(
                filter(workflow_rules.is_of_dataset, workflow_rules.figures())
            )
        for name in re.findall(r"`([^`]+)`", names):
            steps_of[name] = redone
    return steps_of


def concerns(part: str, setting: str) -> bool:
    """Whether a part of the configuration holds a setting."""
    return part == "" or setting == part or setting.startswith(f"{part}.")


@pytest.mark.parametrize("setting", every_setting())
def test_a_setting_redoes_the_steps_of_the_guide(setting):
    patterns = [name for name in rows() if fnmatch.fnmatchcase(setting, name)]
    assert patterns, f"docs/explanation/reruns.md has no row for {setting}"
    redone = {
        rule
        for rule in workflow_rules.texts()
        if rule != ALWAYS
        and any(concerns(part, setting) for part in workflow_rules.settings_of(rule))
    }
    assert rows()[max(patterns, key=len)] == redone


def test_the_guide_has_no_row_for_a_setting_that_is_not_there():
    for name in rows():
        assert fnmatch.filter(every_setting(), name), name


def test_publishing_follows_every_setting():
    assert "" in workflow_rules.settings_of(ALWAYS)


def reached(text: str) -> set[str]:
    """Modules that a file imports, directly or not, by the words in its text."""
    modules, unread = set(), [text]
    while unread:
        names = {
            f"{package}/{name}"
            for package, imported in IMPORT.findall(unread.pop())
            for name in re.findall(r"\w+", imported)
        }
        unread += [(SCRIPTS / f"hepfold/{n}.py").read_text() for n in names - modules]
        modules |= names
    return modules


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A copy of all code, and the digest of each step."""
    folder = tmp_path_factory.mktemp("code") / "scripts"
    shutil.copytree(SCRIPTS, folder)
    return folder, digests(folder, workflow_rules.texts())


def digests(folder: Path, rules: Iterable[str]) -> dict[str, str]:
    """Code digest of each step; for figures, including the module of the figure."""
    return {
        rule: provenance.code_digest(
            folder / workflow_rules.script(rule), *workflow_rules.modules(rule)
        )
        for rule in rules
    }


@cache
def modules_of_rules() -> set[str]:
    """Modules of the library that the rules themselves import, directly or not."""
    return reached("\n".join(path.read_text() for path in RULES.glob("*.smk")))


@cache
def modules_of(rule: str) -> set[str]:
    """Modules of the library that a step imports, directly or not."""
    script = (SCRIPTS / workflow_rules.script(rule)).read_text()
    names = [name.removeprefix("hepfold.") for name in workflow_rules.modules(rule)]
    lookups = [f"from hepfold.{n.replace('.', ' import ')}" for n in names]
    return reached("\n".join([script, *lookups]))


@pytest.mark.parametrize("rule", workflow_rules.texts())
def test_the_code_of_a_step_is_all_that_it_imports(rule):
    """The digest covers these files; tests of `provenance` hold what counts in them."""
    script = SCRIPTS / workflow_rules.script(rule)
    trees = provenance.import_closure(script, *workflow_rules.modules(rule))
    assert trees.keys() - {script} == {
        LIBRARY / f"{name}.py" for name in modules_of(rule) & set(MODULES)
    }


def test_every_module_is_imported_by_a_step_or_the_rules():
    of_steps = set().union(*(modules_of(rule) for rule in workflow_rules.texts()))
    assert set(MODULES) <= of_steps | modules_of_rules()


@pytest.mark.parametrize("module", EDITED)
def test_a_module_redoes_the_steps_that_import_it_and_no_other(module, copied):
    folder, before = copied
    path = folder / f"hepfold/{module}.py"
    text = path.read_text()
    path.write_text(f"{text}\nEDITED = True\n")
    after = digests(folder, before)
    path.write_text(text)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {rule for rule in before if module in modules_of(rule)}


@pytest.mark.parametrize("rule", sorted(workflow_rules.figures()))
def test_a_figure_is_redone_by_its_module_and_not_by_that_of_another(rule, copied):
    folder, before = copied
    path = folder / f"hepfold/figures/{rule}.py"
    text = path.read_text()
    path.write_text(f"{text}\nEDITED = True\n")
    after = digests(folder, workflow_rules.figures())
    path.write_text(text)
    assert [name for name in after if after[name] != before[name]] == [rule]


def test_each_rule_has_the_digest_of_its_own_script():
    for rule, text in workflow_rules.texts().items():
        assert f'"../../scripts/{workflow_rules.script(rule)}"' in text
        call = workflow_rules.settings_call(rule)
        name = rule if workflow_rules.is_figure(rule) else f"{rule}.py"
        assert ast.literal_eval(call.args[0]) == name


def test_scripts_use_no_wildcard_and_no_setting_but_by_settings():
    """What decides a result is in `settings`, by which the cache tells jobs apart.

    Resources only go into logs and records of costs.
    """
    for path in SCRIPTS.glob("*.py"):
        uses = set(re.findall(r"snakemake\.(\w+)", path.read_text()))
        allowed = {"input", "output", "params", "log", "threads", "wildcards"}
        assert uses <= allowed | {"resources"}, path
    for rule, text in workflow_rules.texts().items():
        script = (SCRIPTS / workflow_rules.script(rule)).read_text()
        for name in re.findall(r"snakemake\.params\.(\w+)", script):
            assert f"{name}=" in text, f"{rule}: {name}"
