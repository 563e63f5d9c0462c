"""Tests of core.jit: compiled code is cached if a folder is writable."""

import subprocess
import sys

import numpy as np
import pytest

from hepfold.core import jit


@jit.part
def half(x):
    return x / 2


@jit.compiled
def half_sum(values):
    total = 0.0
    for value in values:
        total += half(value)
    return total


def test_compiled_code_computes_what_it_says():
    assert half_sum(np.arange(5.0)) == 5.0


def test_nowhere_to_keep_compiled_code(monkeypatch):
    def njit(cache=False, **options):
        if cache:
            raise RuntimeError("no locator available")
        return lambda function: function

    monkeypatch.setattr(jit, "njit", njit)
    assert jit.compiled(len) is len


@pytest.mark.slow
def test_no_extension_of_other_packages_is_imported(repo):
    code = (
        f"import sys; sys.path.insert(0, {str(repo / 'scripts')!r}); "
        "from hepfold.core import jit; jit.compiled(lambda x: x + 1)(1); "
        "assert 'awkward' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
