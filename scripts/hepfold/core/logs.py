"""The log of one job: its progress, what it took and, if it fails, why."""

import atexit
import errno
import logging
import os
import re
import sys
import time
from types import TracebackType

from hepfold.core import costs

# The last line of a job that did not fail: wall time since its log began, time of all
# processors since the job began, largest memory.
TOOK = "Took {:.2f} s, {:.2f} s of processors, {:.0f} MB."
TOOK_LINE = re.compile(r"Took ([\d.]+) s, ([\d.]+) s of processors, (\d+) MB\.\n\Z")


class InputError(ValueError):
    """Input that its owner can mend; the message is one line that says where it is."""


class NetworkError(Exception):
    """A server that gives no answer; the message is one line that says what to do."""


def start(path: str) -> None:
    """Send log records and an uncaught exception to a file as well as the terminal."""
    handlers = [logging.FileHandler(path, mode="w"), logging.StreamHandler()]
    logging.basicConfig(
        format="%(asctime)s %(message)s", level="INFO", handlers=handlers
    )
    sys.excepthook = report
    atexit.register(finish, time.perf_counter())


def finish(start: float) -> None:
    """Log what the job took whose log began at `start`, by the clock of performance."""
    seconds = time.perf_counter() - start
    logging.info(TOOK.format(seconds, costs.processor_seconds(), costs.peak_mb()))


def took(text: str) -> tuple[float, float, float] | None:
    """Seconds, CPU seconds and MB that the log of a job ends with, if it does."""
    match = TOOK_LINE.search(text)
    return tuple(map(float, match.groups())) if match else None


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that there is no room; libraries in Rust give no number."""
    return os.strerror(errno.ENOSPC) in str(error)


def report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Log an uncaught exception: one line if the user can act on it, else in full."""
    atexit.unregister(finish)
    if isinstance(error, InputError):
        logging.critical("Bad input: %s", error)
    elif isinstance(error, NetworkError):
        logging.critical("%s", error)
    elif is_full_disk(error):
        logging.critical("The disk is full: %s", error)
    else:
        logging.critical("Failed.", exc_info=(kind, error, traceback))
