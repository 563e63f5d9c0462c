"""Events per second of each toy generator, without and with writing to CSV.gz.

OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 python benchmarks/toys.py [N_EVENTS]
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from hepfold.core import files
from hepfold.toys import raw_files, registry

DECLARED = Path(__file__).parents[1] / "workflow/datasets"
N_EVENTS = 500_000


def timed(work, dataset: str) -> float:
    """Seconds that a function takes for a data set."""
    start = time.perf_counter()
    work(dataset)
    return time.perf_counter() - start


def make_toys(dataset: str) -> None:
    """Draw toy events and throw the events away."""
    for _ in registry.BLOCKS[dataset](N_EVENTS, seed=1):
        pass


def write(dataset: str) -> None:
    """Draw toy events into a file that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        blocks = registry.BLOCKS[dataset](N_EVENTS, seed=1)
        path = Path(folder) / "events.csv.gz"
        has_header = "header" not in files.read_yaml(str(DECLARED / f"{dataset}.yaml"))
        categories = registry.CATEGORIES[dataset]
        raw_files.write_csv_gz(path, blocks, categories, has_header)


if __name__ == "__main__":
    N_EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else N_EVENTS
    for dataset in registry.BLOCKS:
        alone, written = (timed(work, dataset) for work in (make_toys, write))
        print(f"{dataset}, drawn:             {N_EVENTS / alone:10,.0f} events/s")
        print(f"{dataset}, drawn and written: {N_EVENTS / written:10,.0f} events/s")
        print(f"{dataset}, ratio of times:        {written / alone:10.2f}")
