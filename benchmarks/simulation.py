"""Events a second of the Higgs ML simulation, alone and with its writing to CSV.gz.

    OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 python benchmarks/simulation.py
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from hepfold import simulation, writers

N_EVENTS = 500_000


def timed(work) -> float:
    """Seconds that a function takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def write() -> None:
    """Simulate into a file that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        blocks = simulation.higgsml_blocks(N_EVENTS, seed=1)
        path = Path(folder) / "events.csv.gz"
        writers.write_csv_gz(path, blocks, simulation.CATEGORIES)


if __name__ == "__main__":
    alone = timed(lambda: sum(1 for _ in simulation.higgsml_blocks(N_EVENTS, seed=1)))
    written = timed(write)
    print(f"simulated:             {N_EVENTS / alone:10,.0f} events/s")
    print(f"simulated and written: {N_EVENTS / written:10,.0f} events/s")
    print(f"ratio of times:        {written / alone:10.2f}")
