"""Code digests and package versions, which determine the result of a step."""

import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

# Modules that only define settings, whose values are parameters of each step.
VALUES = "settings"
# Fields of statements that hold statements.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def code_digest(script: Path, *modules: str) -> str:
    """Digest of a script and of all library modules that it imports, also indirectly.

    `modules` are modules that the script looks up by name, such as
    `hepfold.figures.plot_roc`. Comments, docstrings and formatting do not count.
    """
    trees = import_closure(script, *modules)
    meaning = repr(
        sorted(
            (str(path.relative_to(script.parent)), tree_digest(tree))
            for path, tree in trees.items()
        )
    )
    return hashlib.sha256(meaning.encode()).hexdigest()[:16]


def digest(record: dict) -> str:
    """Digest of settings and other JSON-compatible values."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def package_versions(script: Path, *modules: str) -> dict[str, str]:
    """Version of each package that a script or one of its library modules imports.

    `modules` as for `code_digest`. Local version labels of builds for different devices
    (`+cpu`, `+cu130`) are dropped.
    """
    names = {
        name
        for tree in import_closure(script, *modules).values()
        for name in imported_packages(tree)
    }
    return {name: package_version(name) for name in sorted(names)}


@cache
def package_version(name: str) -> str:
    """Installed version of the package imported as `name`, or `absent`."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        providers = distributions().get(name)
        version = metadata.version(providers[0]) if providers else "absent"
    return version.split("+")[0]


@cache
def distributions() -> dict[str, list[str]]:
    """Names of the distributions that provide each importable package: takes 0.5 s."""
    return dict(metadata.packages_distributions())


def import_closure(script: Path, *modules: str) -> dict[Path, ast.AST]:
    """Syntax trees, without docstrings, of a script and its library modules."""
    scripts = script.parent
    trees, unread = {}, [script, *(module_path(name, scripts) for name in modules)]
    while unread:
        path = unread.pop()
        trees[path] = parsed(path.read_text())
        imported = imported_modules(trees[path], scripts)
        unread += [
            module
            for module in imported
            if module not in trees and not module.name.startswith(VALUES)
        ]
    return trees


def module_path(name: str, scripts: Path) -> Path:
    """File of a module of the library."""
    return scripts / f"{name.replace('.', '/')}.py"


# Steps share most of their modules, so the results are cached.
@cache
def parsed(text: str) -> ast.AST:
    """Syntax tree of a module without its docstrings."""
    return without_docstrings(ast.parse(text))


@cache
def tree_digest(tree: ast.AST) -> str:
    """Digest of a syntax tree."""
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def imported_modules(tree: ast.AST, scripts: Path) -> list[Path]:
    """Files of the modules named by `from hepfold.<package> import <module>`."""
    return [
        module_path(f"{node.module}.{alias.name}", scripts)
        for node in statements(tree)
        if isinstance(node, ast.ImportFrom) and is_of_library(node)
        for alias in node.names
    ]


def is_of_library(node: ast.ImportFrom) -> bool:
    """Whether an import takes modules from a package of the library."""
    return (node.module or "").startswith("hepfold.")


@cache
def imported_packages(tree: ast.AST) -> set[str]:
    """Top-level names of imported packages outside the standard library and hepfold."""
    imported = set()
    for node in statements(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    return imported - set(sys.stdlib_module_names) - {"hepfold"}


def without_docstrings(tree: ast.AST) -> ast.AST:
    """The tree with its docstrings removed."""
    for node in statements(tree):
        body = getattr(node, "body", None)
        if body and is_docstring(body[0]):
            node.body = body[1:]
    return tree


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """A module and all its statements: a tenth of the nodes, with all imports."""
    unread = [tree]
    while unread:
        node = unread.pop()
        yield node
        for name in BLOCKS:
            unread += getattr(node, name, ())


def is_docstring(node: ast.AST) -> bool:
    """Whether a statement is only a constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
