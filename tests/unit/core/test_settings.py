"""Tests of core.settings: settings are described, and generated files current."""

import sys

import msgspec
import pytest

from hepfold.core import settings


@pytest.fixture(scope="module")
def generate(repo):
    sys.path.insert(0, str(repo / "workflow/schemas"))
    import generate

    sys.path.pop(0)
    return generate


def test_every_setting_is_described(generate):
    for kind in generate.classes(settings.Configuration):
        names = {field.name for field in msgspec.structs.fields(kind)}
        assert names <= set(generate.descriptions(kind)), kind
        for base in kind.__mro__[:1]:
            described = set(generate.descriptions(base))
            assert described <= names, f"{kind.__name__} describes {described - names}"


def test_schema_and_reference_are_current(generate, repo):
    """After a change of settings: `make settings`."""
    assert (repo / generate.SCHEMA).read_text() == generate.schema()
    assert (repo / generate.PAGE).read_text() == generate.page()


def test_the_crate_of_the_repository_is_current(generate, repo):
    """After a change of CITATION.cff or of the pins: `make settings`."""
    assert (repo / generate.CRATE).read_text() == generate.crate()
