"""Time and memory of a job, measured by the job itself."""

import re
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# Unit of `ru_maxrss` in bytes.
UNIT = 1 if sys.platform == "darwin" else 1024


class Start(NamedTuple):
    """Clocks at the start in seconds, and whether the job resumes a checkpoint."""

    wall: float
    cpu: float
    is_resumed: bool


def start(state_path: str) -> Start:
    """Current wall time and CPU time, to be passed to `since`."""
    return Start(time.perf_counter(), cpu_seconds(), Path(state_path).exists())


def cpu_seconds() -> float:
    """CPU time in seconds of this process and of its finished child processes."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def since(
    start: Start, scoring: Start, threads: int, device: str, requested: Sequence[float]
) -> dict:
    """Time since the start, and peak memory of the process.

    `scoring` marks the start of scoring, the last stage of the job. `requested` are the
    minutes and the MB that the rule estimated.
    """
    minutes, megabytes = requested
    return {
        "threads": threads,
        "device": device,
        "resumed": start.is_resumed,
        "seconds": round(time.perf_counter() - start.wall, 3),
        "scoring_seconds": round(time.perf_counter() - scoring.wall, 3),
        "cpu_seconds": round(cpu_seconds() - start.cpu, 3),
        "peak_mb": round(peak_mb(), 1),
        "requested_min": minutes,
        "requested_mb": megabytes,
    }


def joint(records: list[dict]) -> dict:
    """The costs of jobs together: times are summed, memory and threads the largest."""
    sums = ("seconds", "scoring_seconds", "cpu_seconds", "requested_min")
    devices = dict.fromkeys(record["device"] for record in records)
    return {
        "threads": max(record["threads"] for record in records),
        "device": ", ".join(devices),
        "resumed": any(record["resumed"] for record in records),
        **{name: round(sum(r[name] for r in records), 3) for name in sums},
        **{name: max(r[name] for r in records) for name in ("peak_mb", "requested_mb")},
    }


def peak_mb() -> float:
    """Peak memory of this process in MB.

    Read from /proc on Linux, because `ru_maxrss` includes the memory of the parent
    process at the time of the fork.
    """
    status = Path("/proc/self/status")
    match = re.search(
        r"VmHWM:\s*(\d+) kB", status.read_text() if status.exists() else ""
    )
    if match:
        return int(match[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
