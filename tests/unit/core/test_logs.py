"""Tests of core.logs: messages of failed jobs, and the last line of finished ones."""

import re
import subprocess
import sys

import pytest

from hepfold.core import logs

FAILING = """
import sys
from types import SimpleNamespace
sys.path.insert(0, {scripts!r})
from hepfold.core import logs
logs.start({log!r}, SimpleNamespace(runtime=30, mem_mb=500))
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


def test_a_silent_server_is_no_bad_input(fail):
    log, terminal, code = fail("logs.NetworkError('Cannot reach a.b: timed out')")
    assert code == 1
    assert log == terminal
    assert re.fullmatch(r"[-\d]+ [\d:,]+ Cannot reach a.b: timed out\n", log)


def test_a_full_disk_is_one_line(fail):
    log, _, code = fail("OSError(28, 'No space left on device', 'results/x')")
    assert code == 1 and log.count("\n") == 1
    assert "The disk is full: [Errno 28] No space left on device: 'results/x'" in log


def test_a_bug_is_logged_with_its_traceback(fail):
    log, terminal, code = fail("KeyError('x')")
    assert code == 1
    assert "Traceback" in log and "KeyError: 'x'" in log
    assert log == terminal


WORKING = """
import sys
import time
from types import SimpleNamespace
sys.path.insert(0, {scripts!r})
from hepfold.core import logs
logs.start({log!r}, SimpleNamespace(runtime=30, mem_mb=500))
block = bytearray(200_000_000)
time.sleep(0.2)
"""


@pytest.mark.slow
def test_the_log_of_a_job_that_ended_well_says_what_it_took(repo, tmp_path):
    log = tmp_path / "job.log"
    code = WORKING.format(scripts=str(repo / "scripts"), log=str(log))
    subprocess.run([sys.executable, "-c", code], check=True)
    seconds, cpu_seconds, peak_mb, *requested = logs.took(log.read_text())
    assert requested == [30, 500]
    assert seconds > 0.19 and cpu_seconds > 0
    assert 200 < peak_mb < 400


def test_other_logs_say_nothing_of_that():
    numbers = (1.5, 2.25, 3, 30, 500)
    line = f"2026-01-01 {logs.TOOK.format(*numbers)}\n"
    assert logs.took(line) == numbers
    for text in ("", line + "More.\n"):
        assert logs.took(text) is None
