"""What a job costs, measured by the job itself: time and memory."""

import resource
import sys
import time

# Bytes of the unit of `ru_maxrss`.
UNIT = 1 if sys.platform == "darwin" else 1024


def start() -> tuple[float, float]:
    """The clocks of now, in seconds: of the wall, and of all processors of the job."""
    return time.perf_counter(), time.process_time()


def since(clocks: tuple[float, float]) -> dict[str, float]:
    """Seconds that went by since `clocks`, and the largest memory of the process."""
    seconds, cpu_seconds = (
        now - then for now, then in zip(start(), clocks, strict=True)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "peak_mb": round(peak / 1e6, 1),
    }
