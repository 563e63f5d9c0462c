"""The log of one job: its progress and, if it fails, why."""

import errno
import logging
import os
import sys
from types import TracebackType


class InputError(ValueError):
    """Input that its owner can mend; the message is one line that says where it is."""


def start(path: str) -> None:
    """Send log records and an uncaught exception to a file as well as the terminal."""
    handlers = [logging.FileHandler(path, mode="w"), logging.StreamHandler()]
    logging.basicConfig(
        format="%(asctime)s %(message)s", level="INFO", handlers=handlers
    )
    sys.excepthook = report


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that there is no room; libraries in Rust give no number."""
    return os.strerror(errno.ENOSPC) in str(error)


def report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Log an uncaught exception: bad input as one line, anything else in full."""
    if isinstance(error, InputError):
        logging.critical("Bad input: %s", error)
    elif is_full_disk(error):
        logging.critical("The disk is full: %s", error)
    else:
        logging.critical("Failed.", exc_info=(kind, error, traceback))
