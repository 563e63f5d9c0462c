"""The time left of a run, from what Snakemake logs about its jobs."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping

from snakemake_interface_logger_plugins.common import LogEvent

# It is reported at most this often, and not in the last minute of a run.
REPORT_SECONDS = 30.0
SHORTEST_SECONDS = 60.0

# Wildcards of a job; None asks for the mean over all jobs of a rule.
Wildcards = Mapping[str, str] | None


class TimeLeft(logging.Handler):
    """Reports the time left whenever the progress of a run is logged.

    `expected` estimates the seconds of a job from its rule and wildcards. The estimates
    of each rule are scaled by the time that its finished jobs took, or those of all
    rules if it has none. As many jobs as so far are taken to run at a time. Nothing is
    reported while rules without a finished job make up most of the expected work.
    """

    def __init__(
        self,
        expected: Callable[[str, Wildcards], float],
        report: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.expected, self.report, self.clock = expected, report, clock
        self.n_jobs: dict[str, int] = {}
        self.finished: dict[str, list[Wildcards]] = {}
        self.seconds: Counter[str] = Counter()
        # Rule, wildcards and start of each job.
        self.running: dict[object, tuple[str, Wildcards, float]] = {}
        self.first_start: float | None = None
        self.last_report = clock()

    def emit(self, record: logging.LogRecord) -> None:
        """Follow a message of Snakemake; an error in it does not end the run."""
        try:
            self.follow(record)
        except Exception:
            self.handleError(record)

    def follow(self, record: logging.LogRecord) -> None:
        """Follow a message of Snakemake; those that are no events are ignored."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self.n_jobs = {k: n for k, n in record.stats.items() if k != "total"}
        elif event == LogEvent.JOB_INFO:
            self.start(record.jobid, record.rule_name, record.wildcards)
        elif event == LogEvent.JOB_FINISHED:
            self.finish(record.job_id)
        elif event == LogEvent.PROGRESS:
            self.report_progress()

    def start(self, job: object, rule: str, wildcards: Wildcards) -> None:
        """A job has been started or submitted."""
        now = self.clock()
        self.first_start = now if self.first_start is None else self.first_start
        self.running[job] = rule, wildcards, now

    def finish(self, job: object) -> None:
        """A job has finished; groups of jobs finish one by one."""
        if job in self.running:
            rule, wildcards, start = self.running.pop(job)
            self.finished.setdefault(rule, []).append(wildcards)
            self.seconds[rule] += self.clock() - start

    def report_progress(self) -> None:
        """Estimate and report the time left, unless that was done a moment ago."""
        now = self.clock()
        if now - self.last_report < REPORT_SECONDS:
            return
        self.last_report, left = now, self.seconds_left()
        if left >= SHORTEST_SECONDS:
            self.report(f"About {duration(left)} left")

    def seconds_left(self) -> float:
        """Estimated seconds until the end of the run; 0 if there is no estimate yet."""
        now = self.clock()
        if not self.is_known():
            return 0.0
        done = sum(self.seconds.values())
        work = sum(self.rule_seconds(rule) for rule in self.n_jobs)
        for rule, wildcards, start in self.running.values():
            done += now - start
            job_seconds = self.scale(rule) * self.expected(rule, wildcards)
            work -= min(now - start, job_seconds)
        n_parallel = done / max(now - self.first_start, 1.0)
        return max(work, 0.0) / max(n_parallel, 1.0)

    def is_known(self) -> bool:
        """Whether rules with a finished job make up most of the expected work."""
        work = {rule: n * self.expected(rule, None) for rule, n in self.n_jobs.items()}
        known = sum(work[rule] for rule in self.finished if rule in work)
        return known > sum(work.values()) / 2

    def rule_seconds(self, rule: str) -> float:
        """Expected seconds of all jobs of a rule that have not finished."""
        of_all = self.n_jobs[rule] * self.expected(rule, None)
        return self.scale(rule) * max(of_all - self.finished_seconds(rule), 0.0)

    def finished_seconds(self, rule: str) -> float:
        """Expected seconds of the finished jobs of a rule."""
        jobs = self.finished.get(rule, ())
        return sum(self.expected(rule, wildcards) for wildcards in jobs)

    def scale(self, rule: str) -> float:
        """Time that the finished jobs of a rule took, divided by the expected time."""
        rules = [rule] if rule in self.finished else [*self.finished]
        expected = sum(map(self.finished_seconds, rules))
        return sum(self.seconds[name] for name in rules) / expected if expected else 1.0


def duration(seconds: float) -> str:
    """A duration in minutes, or in hours and minutes."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
