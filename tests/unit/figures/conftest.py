"""Tests that use the fixture `look` run in both looks."""

import pytest

from hepfold.figures import style


@pytest.fixture(params=sorted(style.LOOKS))
def look(request):
    """Set each look in turn."""
    style.use(request.param)
