"""Files of slow tests alone are not even imported where slow tests are left out."""

import re
from pathlib import Path

import pytest

SLOW = re.compile(r"^pytestmark = .*\bmark\.slow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.suffix != ".py" or "not slow" not in config.option.markexpr:
        return None
    return True if SLOW.search(collection_path.read_text()) else None
