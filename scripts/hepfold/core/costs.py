"""What a job costs, measured by the job itself: time and memory."""

import re
import resource
import sys
import time
from pathlib import Path
from typing import NamedTuple

# Bytes of the unit of `ru_maxrss`.
UNIT = 1 if sys.platform == "darwin" else 1024


class Start(NamedTuple):
    """The clocks at the start, in seconds, and whether the job goes on from a state."""

    wall: float
    cpu: float
    is_resumed: bool


def start(state_path: str) -> Start:
    """The clocks of now: of the wall, and of all processors that the job uses."""
    return Start(time.perf_counter(), processor_seconds(), Path(state_path).exists())


def processor_seconds() -> float:
    """Time of processors, that of processes which this one waited for as well."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def since(start: Start, scoring: Start, threads: int, device: str) -> dict:
    """What was used since the start, and the largest memory of the process.

    `scoring` is the start of the part in which events were scored, the last one.
    """
    return {
        "threads": threads,
        "device": device,
        "resumed": start.is_resumed,
        "seconds": round(time.perf_counter() - start.wall, 3),
        "scoring_seconds": round(time.perf_counter() - scoring.wall, 3),
        "cpu_seconds": round(processor_seconds() - start.cpu, 3),
        "peak_mb": round(peak_mb(), 1),
    }


def peak_mb() -> float:
    """The largest memory of this process so far, in MB.

    Linux tells it; `ru_maxrss` counts in that of the process which started this one.
    """
    status = Path("/proc/self/status")
    match = re.search(
        r"VmHWM:\s*(\d+) kB", status.read_text() if status.exists() else ""
    )
    if match:
        return int(match[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
