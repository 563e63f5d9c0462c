"""Log of one job: its progress, time and memory and, if it fails, the reason."""

import atexit
import errno
import logging
import os
import re
import sys
import time
from types import TracebackType
from typing import Protocol

from hepfold.core import costs

# Last line in the log of a successful job: wall time since the log was opened, CPU time
# of the job, peak memory, and the time and memory that the rule requested.
TOOK = (
    "Finished in {:.2f} s (CPU time {:.2f} s, peak memory {:.0f} MB; requested {:.0f} "
    "min and {:.0f} MB)."
)
TOOK_LINE = re.compile(
    r"Finished in ([\d.]+) s \(CPU time ([\d.]+) s, peak memory (\d+) MB; "
    r"requested (\d+) min and (\d+) MB\)\.\n\Z"
)


class Resources(Protocol):
    """Resources of a job of Snakemake: run time in minutes, memory in MB."""

    runtime: int
    mem_mb: int


class InputError(ValueError):
    """Invalid input that the user can fix; the message is one line and says where."""


class NetworkError(Exception):
    """A server that cannot be reached; the message is one line and says what to do."""


def start(path: str, resources: Resources) -> None:
    """Send log records and uncaught exceptions to a file and to the terminal."""
    handlers = [logging.FileHandler(path, mode="w"), logging.StreamHandler()]
    logging.basicConfig(
        format="%(asctime)s %(message)s", level="INFO", handlers=handlers
    )
    sys.excepthook = report
    atexit.register(finish, time.perf_counter(), resources)


def finish(start: float, resources: Resources) -> None:
    """Log time and memory of the job; its log was opened at `start` (perf_counter)."""
    seconds = time.perf_counter() - start
    used = seconds, costs.cpu_seconds(), costs.peak_mb()
    logging.info(TOOK.format(*used, resources.runtime, resources.mem_mb))


def took(text: str) -> tuple[float, ...] | None:
    """Numbers in the last line of a log, if it is that of a successful job.

    Wall and CPU time in s, memory in MB, requested time in min and memory in MB.
    """
    match = TOOK_LINE.search(text)
    return tuple(map(float, match.groups())) if match else None


def is_full_disk(error: BaseException) -> bool:
    """Whether an error is due to a full disk; Rust libraries set no error number."""
    return os.strerror(errno.ENOSPC) in str(error)


def report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Log an uncaught exception: one line if the user can fix it, else a traceback."""
    atexit.unregister(finish)
    if isinstance(error, InputError):
        logging.critical("Bad input: %s", error)
    elif isinstance(error, NetworkError):
        logging.critical("%s", error)
    elif is_full_disk(error):
        logging.critical("The disk is full: %s", error)
    else:
        logging.critical("Failed.", exc_info=(kind, error, traceback))
