"""Figure rules: each inherits `draw`, and has a module with a function of its name."""

import ast
import re
from pathlib import Path

import pytest
import workflow_rules

from hepfold.core import provenance

FOLDER = workflow_rules.SCRIPTS / "hepfold/figures"
FIGURES = sorted(workflow_rules.figures())


def functions(name: str) -> dict[str, ast.FunctionDef]:
    """Functions of a module of figures by their names."""
    body = ast.parse((FOLDER / f"{name}.py").read_text()).body
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def test_rule_module_and_function_share_one_name():
    modules = [path.stem for path in FOLDER.glob("[!_]*.py")]
    assert sorted(name for name in modules if name in functions(name)) == FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_takes_the_inputs_and_settings_of_its_rule(name):
    rule = workflow_rules.directives(workflow_rules.written()[name])
    inputs = set(re.findall(r"^        (\w+)=", rule["input"], re.MULTILINE))
    settings = {keyword.arg for keyword in workflow_rules.settings_call(name).keywords}
    taken = {argument.arg for argument in functions(name)[name].args.args}
    assert not inputs & settings
    always = {"wildcards", "threads", "title"}
    assert inputs | settings <= taken <= inputs | settings | always


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_returns_the_drawings_of_its_rule(name):
    """Their names are those of the files and of the captions in the report."""
    rule = workflow_rules.directives(workflow_rules.written()[name])
    body = functions(name)[name].body
    (returned,) = (node.value for node in body if isinstance(node, ast.Return))
    prefixes = re.findall(r'figure\(\s*"([^"]+)"', rule["output"])
    assert [key.value for key in returned.keys] == [Path(p).name for p in prefixes]
    for key in returned.keys:
        assert (workflow_rules.REPO / f"workflow/report/{key.value}.rst").exists()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_log_of_its_name(name):
    rule = workflow_rules.directives(workflow_rules.written()[name])
    assert f'"results/logs/{name}' in rule["log"]


def test_the_rule_that_figures_inherit_makes_nothing():
    """So that Snakemake never runs it for a file."""
    base = workflow_rules.directives(workflow_rules.written()[workflow_rules.BASE])
    assert set(base) == {"log", "conda", "threads", "resources", "script"}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_do_not_import_each_other(name):
    """What they share is in modules without a rule, so that each is redone alone."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    imported = provenance.imported_modules(tree, workflow_rules.SCRIPTS)
    assert not {path.stem for path in imported} & set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_wait_for_compiled_replicas_only_where_they_have_bands(name):
    """Numba takes as long to import as half of the other packages of a figure."""
    has_bands = name in ("plot_roc", "plot_ams", "plot_class_rocs")
    has_images = name in ("plot_gallery", "plot_saliency")
    assert has_images or ("numba" in workflow_rules.packages(name)) == has_bands
    assert not workflow_rules.packages(name) & {"uproot", "pyhf", "onnx", "onnxruntime"}
