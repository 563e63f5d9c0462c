"""Each test starts from the defaults of matplotlib; `look` runs it in both looks."""

import matplotlib
import pytest

from hepfold.figures import style

FIRST, *OTHERS = sorted(style.LOOKS)


@pytest.fixture(autouse=True)
def defaults():
    """Settings of matplotlib that no other test has changed."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


# Figures that the tests of a file share are drawn before the fixture above.
@pytest.fixture(autouse=True, scope="module")
def defaults_of_file():
    """Settings of matplotlib that no earlier file has changed."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


@pytest.fixture(
    params=[FIRST, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def look(request):
    """Set each look in turn."""
    style.use(request.param)
