"""Tests of hepfold.logs: what a user reads when a job fails."""

import subprocess
import sys

import pytest

FAILING = """
import sys
sys.path.insert(0, {scripts!r})
from hepfold import logs
logs.start({log!r})
raise {error}
"""


@pytest.fixture
def fail(repo, tmp_path):
    def run(error: str) -> tuple[str, str, int]:
        log = tmp_path / "job.log"
        code = FAILING.format(scripts=str(repo / "scripts"), log=str(log), error=error)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True
        )
        return log.read_text(), done.stderr, done.returncode

    return run


def test_bad_input_is_one_line_in_log_and_terminal(fail):
    log, terminal, code = fail("logs.InputError('events.csv, line 3: wrong')")
    assert code == 1
    assert log == terminal
    assert log.endswith("Bad input: events.csv, line 3: wrong\n")
    assert log.count("\n") == 1


def test_a_full_disk_is_one_line(fail):
    log, _, code = fail("OSError(28, 'No space left on device', 'results/x')")
    assert code == 1 and log.count("\n") == 1
    assert "The disk is full: [Errno 28] No space left on device: 'results/x'" in log


def test_a_fault_of_the_program_is_told_in_full(fail):
    log, terminal, code = fail("KeyError('x')")
    assert code == 1
    assert "Traceback" in log and "KeyError: 'x'" in log
    assert log == terminal
