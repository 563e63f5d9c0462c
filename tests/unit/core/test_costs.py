"""Tests of core.costs."""

import subprocess
import sys

import numpy as np
import pytest

from hepfold.core import costs


@pytest.mark.slow
def test_costs_are_those_since_the_start(tmp_path):
    state = tmp_path / "state"
    start = costs.start(str(state))
    # A list of bytes that are touched, so that memory is really used.
    block = np.ones(30_000_000)
    scoring = costs.start(str(state))
    cost = costs.since(start, scoring, 2, "cpu", [30, 900])
    assert 0 <= cost["scoring_seconds"] <= cost["seconds"]
    assert cost["seconds"] > 0 and cost["cpu_seconds"] > 0
    assert cost["peak_mb"] > block.nbytes / 1e6
    assert (cost["threads"], cost["device"]) == (2, "cpu")
    assert (cost["requested_min"], cost["requested_mb"]) == (30, 900)
    assert cost["resumed"] is False


def test_a_job_that_goes_on_says_so(tmp_path):
    state = tmp_path / "state"
    state.touch()
    start = costs.start(str(state))
    assert costs.since(start, start, 1, "cpu", [1, 2])["resumed"] is True


def test_costs_of_several_jobs_are_those_of_all():
    one = {"threads": 1, "device": "cuda", "resumed": False, "seconds": 10.0}
    one |= {"scoring_seconds": 1.0, "cpu_seconds": 9.0, "peak_mb": 500.0}
    one |= {"requested_min": 5.0, "requested_mb": 800.0}
    other = one | {"threads": 2, "device": "cpu", "resumed": True, "peak_mb": 600.0}
    assert costs.joint([one]) == one
    assert costs.joint([one, other, one]) == {
        "threads": 2,
        "device": "cuda, cpu",
        "resumed": True,
        "seconds": 30.0,
        "scoring_seconds": 3.0,
        "cpu_seconds": 27.0,
        "requested_min": 15.0,
        "peak_mb": 600.0,
        "requested_mb": 800.0,
    }


@pytest.mark.slow
def test_memory_is_that_of_the_process_alone(repo):
    """Peak memory excludes that of the parent process, which is large here."""
    block = np.ones(60_000_000)
    code = (
        f"import sys; sys.path.insert(0, {str(repo / 'scripts')!r}); "
        "from hepfold.core import costs; print(costs.peak_mb())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 1 < float(run.stdout) < block.nbytes / 1e6
