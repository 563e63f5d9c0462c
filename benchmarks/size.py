"""How long Snakemake takes to plan a large run, and to find that all is there.

    python benchmarks/size.py [N_MODELS [N_FOLDS]]

By default 3 data sets x 10 models x 10 folds. Results are empty files.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import yaml

REPO = Path(__file__).parent.parent
sys.path[:0] = [str(REPO), str(REPO / "scripts")]
from tests.conftest import Clone  # noqa: E402

DATASETS = ("higgsml", "higgs", "hepmass")


def overlay(config: dict, n_models: int, n_folds: int) -> dict:
    """Settings of the large run, of toy events."""
    toys = {"files": "toy", "test": None}
    models = [f"m{i}" for i in range(n_models)]
    return {
        "run": {"datasets": list(DATASETS), "models": models},
        "folds": {"n_folds": n_folds},
        "models": dict.fromkeys(models, config["models"]["mlp"]),
        "datasets": dict.fromkeys(DATASETS, toys),
    }


def timed(name: str, clone: Clone, *args: str) -> str:
    """Standard output of a run, after printing its wall and CPU time."""
    start, before = time.perf_counter(), os.times()
    run = clone.run(*args)
    assert run.returncode == 0, run.stdout + run.stderr
    after = os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    seconds = time.perf_counter() - start
    print(f"{name}: {seconds:.1f} s, {cpu:.1f} s of CPU time", flush=True)
    return run.stdout


def main(n_models: int = 10, n_folds: int = 10) -> None:
    """Plan a run, put empty files where its results would be, and run it again."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Clone(Path(folder))
        config = yaml.safe_load((clone.folder / "config.yaml").read_text())
        settings = yaml.safe_dump(overlay(config, n_models, n_folds))
        (clone.folder / "tests.yaml").write_text(settings)
        timed("plan of all", clone, "--dry-run", "--quiet")
        table = timed("table of all files", clone, "--summary").splitlines()[1:]
        for path in (clone.folder / line.split("\t")[0] for line in table):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("made")
        timed("making as if", clone, "--touch")
        print(f"files: {len(table)}")
        timed("nothing to do", clone)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
