"""Every figure is tested in both looks where its test asks for `look`."""

import pytest

from hepfold.figures import style


@pytest.fixture(params=sorted(style.LOOKS))
def look(request):
    """Set each look in turn."""
    style.use(request.param)
