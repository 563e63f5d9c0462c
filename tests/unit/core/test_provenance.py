"""Tests of core.provenance: digests change only with the meaning of code."""

import pytest

from hepfold.core import provenance

SCRIPT = '''"""Doc."""
import numpy
from hepfold.core import metrics


def step():
    """Doc."""
    return metrics.ams(1)  # why
'''


@pytest.fixture
def script(tmp_path):
    (tmp_path / "hepfold/core").mkdir(parents=True)
    (tmp_path / "hepfold/figures").mkdir()
    (tmp_path / "hepfold/core/metrics.py").write_text(
        "from hepfold.core import columns\nimport polars.selectors\nX = 1\n"
    )
    (tmp_path / "hepfold/core/columns.py").write_text("import os\nSIGNAL = 1\n")
    (tmp_path / "hepfold/figures/plots.py").write_text("import matplotlib\nY = 1\n")
    path = tmp_path / "step.py"
    path.write_text(SCRIPT)
    return path


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("step.py", "# why", "# because"),
        ("step.py", '"""Doc."""', '"""Other."""'),
        ("step.py", "\n\n\ndef", "\ndef"),
        ("hepfold/figures/plots.py", "Y = 1", "Y = 2"),
    ],
)
def test_what_means_the_same_keeps_the_digest(script, name, old, new):
    digest = provenance.code_digest(script)
    edit(script.parent / name, old, new)
    assert provenance.code_digest(script) == digest


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("step.py", "ams(1)", "ams(2)"),
        ("hepfold/core/metrics.py", "X = 1", "X = 2"),
        ("hepfold/core/columns.py", "SIGNAL = 1", "SIGNAL = 2"),
    ],
)
def test_a_change_of_meaning_changes_the_digest(script, name, old, new):
    digest = provenance.code_digest(script)
    edit(script.parent / name, old, new)
    assert provenance.code_digest(script) != digest


def test_packages_are_those_of_the_closure(script):
    versions = provenance.package_versions(script)
    assert list(versions) == ["numpy", "polars"]
    assert all("+" not in version for version in versions.values())


def test_a_module_that_is_looked_up_by_name_counts(script):
    """The script has no import statement that names it."""
    name = "hepfold.figures.plots"
    digest = provenance.code_digest(script, name)
    assert digest != provenance.code_digest(script)
    assert "matplotlib" in provenance.package_versions(script, name)
    edit(script.parent / "hepfold/figures/plots.py", "Y = 1", "Y = 2")
    assert provenance.code_digest(script, name) != digest


def test_a_package_that_is_not_there_is_absent():
    assert provenance.package_version("no_such_package") == "absent"


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
