"""Ntuples to events, compared with a NumPy loop over `uproot.iterate`.

    python benchmarks/ntuples.py FOLDER [N_EVENTS]

One ROOT file of a process, with 25 branches (four of them are for weight, selection and
id), three defined variables and a selection. Both sides read on one core and are
processes of their own; each reads all events, in turn, `N_RUNS` times.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
N_RUNS = 3
N_FEATURES = 20
WRITE = """
import sys
import numpy as np, uproot
path, n_events, n_features = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
draw = np.random.default_rng(1)
names = [f"x{i}" for i in range(n_features)]
types = dict.fromkeys(names, "f4") | {
    "pt": "f4", "phi": "f4", "weight": "f4", "n_jets": "i4", "number": "u8"
}
with uproot.recreate(path) as file:
    tree = file.mktree("events", types)
    for first in range(0, n_events, 100_000):
        n = min(100_000, n_events - first)
        part = {name: draw.normal(size=n).astype("f4") for name in names}
        part["pt"] = draw.exponential(5e4, n).astype("f4")
        part["phi"] = draw.uniform(-3.14, 3.14, n).astype("f4")
        part["weight"] = draw.normal(1, 0.5, n).astype("f4")
        part["n_jets"] = draw.poisson(5, n).astype("i4")
        part["number"] = np.arange(first, first + n, dtype="u8")
        tree.extend(part)
"""
TIMED = """
import json, sys, time
import numpy as np
start, cpu = time.perf_counter(), time.process_time()
n_events, total, inputs_sum = 0, 0.0, 0.0
for inputs, weight in parts():
    n_events += len(weight)
    total += float(weight.sum())
    inputs_sum += float(np.nan_to_num(inputs[:, -1]).sum(dtype="f8"))
print(json.dumps({
    "n_events": n_events, "weight": total, "last": inputs_sum,
    "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - start,
}))
"""
NUMPY = """
import sys
import numpy as np, uproot
path, n_features = sys.argv[1], int(sys.argv[2])
names = [f"x{i}" for i in range(n_features)]
def parts():
    more = ["pt", "phi", "weight", "n_jets", "number"]
    for part in uproot.iterate(f"{path}:events", [*names, *more], library="np"):
        pt = part["pt"].astype("f8") / 1000
        x = [part[name].astype("f8") for name in names[:2]]
        defined = [pt, np.sqrt(2 * pt * (1 - np.cos(part["phi"].astype("f8")))),
                   np.sqrt(x[0] ** 2 + x[1] ** 2)]
        mask = (part["n_jets"] >= 4) & (pt > 20)
        columns = [*(part[name] for name in names), *defined]
        yield (np.stack([c[mask].astype("f4") for c in columns], axis=1),
               part["weight"][mask].astype("f8"))
"""
HEPFOLD = """
import sys
from hepfold.core import parsing, settings_datasets
from hepfold.data import event_reader, event_samples
path, n_features = sys.argv[1], int(sys.argv[2])
names = [f"x{i}" for i in range(n_features)]
process = {"files": path, "label": "signal"}
declared = parsing.parse({
    "title": "Ntuples",
    "processes": {"one": process, "two": process | {"label": "background"}},
    "define": {"pt_gev": "pt / 1000", "mt": "sqrt(2 * pt_gev * (1 - cos(phi)))",
               "r": "sqrt(x0**2 + x1**2)"},
    "select": "n_jets >= 4 && pt_gev > 20", "weight": "weight", "id": "number",
    "features": [*names, "pt_gev", "mt", "r"],
}, settings_datasets.Dataset)
reader = event_reader.EventReader("own", declared)
sample = event_samples.of("own", declared, "", "")[0]
def parts():
    for part in reader.read([sample]):
        yield part.inputs, part.weight
"""
SIDES = {"uproot.iterate": NUMPY, "hepfold": HEPFOLD}
# One core, on which libraries start no further threads.
SERIAL = dict.fromkeys(
    ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def python(code: str, *args: str) -> str:
    """What Python code prints."""
    environment = {**os.environ, **SERIAL, "PYTHONPATH": str(SCRIPTS)}
    run = [sys.executable, "-c", code, *args]
    return subprocess.run(
        run, check=True, stdout=subprocess.PIPE, text=True, env=environment
    ).stdout


def measured(side: str, path: str) -> dict:
    """Numbers of events and seconds of one side."""
    return json.loads(python(SIDES[side] + TIMED, path, str(N_FEATURES)))


def compare(folder: str, n_events: int = 1_000_000) -> None:
    """Print the speed of both sides in turn, and check that they read the same."""
    path = f"{folder}/ntuples_{n_events}.root"
    if not Path(path).exists():
        python(WRITE, path, str(n_events), str(N_FEATURES))
    print(f"load {os.getloadavg()[0]:.1f}")
    rates = {side: [] for side in SIDES}
    for _ in range(N_RUNS):
        results = {side: measured(side, path) for side in SIDES}
        theirs, ours = (results[side] for side in SIDES)
        for name in ("n_events", "weight", "last"):
            assert abs(ours[name] - theirs[name]) <= 1e-6 * abs(theirs[name]), name
        for side, result in results.items():
            rates[side].append(n_events / result["cpu_s"])
            print(
                f"{side:16} {result['cpu_s']:6.2f} s CPU, {result['wall_s']:6.2f} s, "
                f"{rates[side][-1]:10,.0f} events/s/core"
            )
    best = {side: max(values) for side, values in rates.items()}
    ratio = best["hepfold"] / best["uproot.iterate"]
    print(f"hepfold is {ratio:.2f} times as fast as uproot.iterate")


if __name__ == "__main__":
    compare(sys.argv[1], *map(int, sys.argv[2:]))
