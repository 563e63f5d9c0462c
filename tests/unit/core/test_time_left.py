"""Tests of core.time_left: what is left of runs whose jobs take known times."""

import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from hepfold.core import time_left

SECONDS = {"train": 100.0, "draw": 10.0}


class Run:
    """A run whose events are logged, with a clock that the test sets."""

    def __init__(self, n_jobs: dict[str, int], expected=None) -> None:
        self.now, self.reports, self.n_started = 0.0, [], 0
        expected = expected or (lambda rule, wildcards: SECONDS[rule])
        self.left = time_left.TimeLeft(expected, self.reports.append, lambda: self.now)
        self.log(LogEvent.RUN_INFO, stats={**n_jobs, "total": sum(n_jobs.values())})

    def log(self, event, **values) -> None:
        self.left.handle(logging.makeLogRecord({"event": event, **values}))

    def start(self, rule: str, **wildcards) -> int:
        self.n_started += 1
        values = {"rule_name": rule, "wildcards": wildcards}
        self.log(LogEvent.JOB_INFO, jobid=self.n_started, **values)
        return self.n_started

    def finish(self, *jobs: int) -> None:
        for job in jobs:
            self.log(LogEvent.JOB_FINISHED, job_id=job)
        self.log(LogEvent.PROGRESS, done=1, total=2)


def test_jobs_take_the_time_of_finished_ones_of_their_rule():
    run = Run({"train": 5, "draw": 2})
    first = run.start("train")
    run.now = 300.0
    run.finish(first)
    # Four times 300 s; the other rule is three times as slow as expected, too.
    assert run.left.seconds_left() == pytest.approx(4 * 300 + 2 * 30)
    assert run.reports == ["About 21 min left"]


def test_jobs_that_run_side_by_side_divide_the_time():
    run = Run({"train": 6})
    jobs = [run.start("train"), run.start("train")]
    run.now = 100.0
    run.finish(*jobs)
    assert run.left.seconds_left() == pytest.approx(4 * 100 / 2)


def test_time_that_running_jobs_have_spent_is_not_left():
    run = Run({"train": 3})
    first = run.start("train")
    run.now = 100.0
    run.finish(first)
    run.start("train")
    run.now = 160.0
    assert run.left.seconds_left() == pytest.approx(200 - 60)
    # A job that takes longer than expected does not make the others shorter.
    run.now = 400.0
    assert run.left.seconds_left() == pytest.approx(100)


def test_long_and_short_jobs_of_one_rule_are_distinct():
    of_model = {"big": 900.0, "small": 100.0}

    def expected(rule, wildcards):
        return of_model[wildcards["model"]] if wildcards else 500.0

    run = Run({"train": 2}, expected)
    small = run.start("train", model="small")
    run.now = 50.0
    run.finish(small)
    # Twice as fast as expected, and the big one is left.
    assert run.left.is_known()
    assert run.left.seconds_left() == pytest.approx(450)


def test_nothing_is_reported_before_a_long_job_has_finished():
    run = Run({"train": 3, "draw": 5})
    first = run.start("draw")
    run.now = 40.0
    run.finish(first)
    assert not run.left.is_known()
    assert run.reports == []


def test_reports_are_rare_and_leave_out_the_last_minute():
    run = Run({"draw": 200})
    for _ in range(200):
        job = run.start("draw")
        run.now += 10.0
        run.finish(job)
    assert run.reports[0] == "About 33 min left"
    assert run.reports[-1] == "About 1 min left"
    assert len(run.reports) == (200 - 6) // 3
    other = SimpleNamespace(event=None)
    run.left.emit(other)
    run.left.emit(logging.makeLogRecord({"msg": "no event"}))


def test_an_error_in_an_estimate_does_not_end_the_run(capsys):
    def expected(rule, wildcards):
        raise ValueError("no estimate")

    run = Run({"draw": 2}, expected)
    job = run.start("draw")
    run.now = 40.0
    run.finish(job)
    assert "no estimate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(61, "1 min"), (3569, "59 min"), (3600, "1 h 0 min"), (9000, "2 h 30 min")],
)
def test_durations_have_minutes(seconds, text):
    assert time_left.duration(seconds) == text
