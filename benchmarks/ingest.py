"""Raw text to folds, compared with common tools; each side is a separate process.

    python benchmarks/ingest.py higgs FOLDER [N_EVENTS]
        `polars.read_csv` of toy HIGGS events as uncompressed text into float32,
        against ingest of the same events from `.csv.gz`.
    python benchmarks/ingest.py formats FOLDER [N_EVENTS]
        Ingest of the same toy HIGGS events from CSV, Parquet and ROOT.
    python benchmarks/ingest.py higgsml FOLDER PEER...
        Ingest of FOLDER/training.csv and FOLDER/test.csv, against the command
        PEER, which does the same its own way and prints `"total_s": <seconds>`.

Times are given without and with the start of Python and its imports.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

REPO = Path(__file__).resolve().parents[1]
SCRIPTS, DECLARED = REPO / "scripts", REPO / "workflow/datasets"
POLARS = """
import sys, time
import polars as pl
start = time.perf_counter()
names = ["label", *(f"f{i}" for i in range(28))]
schema = dict.fromkeys(names, pl.Float32)
table = pl.read_csv(sys.argv[1], has_header=False, schema=schema)
print(f'"rows": {len(table)}, "total_s": {time.perf_counter() - start:.4f}')
"""
OURS = """
import json, sys, time
from pathlib import Path
from ingest import ingest
name, folder, dataset = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
paths = [Path(folder, name) for name in ("train.h5", "test.h5")]
for path in paths:
    path.unlink(missing_ok=True)  # as Snakemake does
wildcards = {"dataset": name}
settings = {"wildcards": wildcards, "dataset": dataset, "n_folds": 10, "seed": 1}
start = time.perf_counter()
ingest(settings, "", "", *map(str, paths))
print(f'"total_s": {time.perf_counter() - start:.4f}')
"""
# As the official file: 18 decimals, tightly packed. A million events take a minute.
WRITE_OFFICIAL = """
import gzip, sys
import polars as pl
from hepfold.toys import registry
with gzip.open(sys.argv[2], "wb", 9) as file:
    for block in registry.BLOCKS["higgs"](int(sys.argv[1]), 1):
        pl.DataFrame(block).cast(pl.Float64).write_csv(
            file, include_header=False, float_scientific=True, float_precision=18
        )
"""
WRITE_FORMATS = """
import json, sys
import polars as pl
import uproot
from make_toys import make_toys
folder, names = sys.argv[2], json.loads(sys.argv[3])
make_toys("higgs", int(sys.argv[1]), 1, False, f"{folder}/higgs.csv.gz")
types = dict.fromkeys(names, pl.Float32)
table = pl.read_csv(f"{folder}/higgs.csv.gz", has_header=False, schema=types)
table.write_parquet(f"{folder}/higgs.parquet", row_group_size=65_536)
with uproot.recreate(f"{folder}/higgs.root") as file:
    tree = file.mktree("events", dict.fromkeys(names, "f4"))
    for part in table.iter_slices(65_536):
        tree.extend({name: part[name].to_numpy() for name in names})
"""
N_RUNS = 2


def measured(*command: str) -> tuple[float, float, float]:
    """Seconds that a command prints and that it takes, and its peak memory in MB."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        output = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
    print("   ", output.strip().splitlines()[-1][:200])
    whole = time.perf_counter() - start
    printed = float(re.search(r'"total_s": ([\d.]+)', output)[1])
    return printed, whole, usage.ru_maxrss / 1024


def python(code: str, *args: str) -> tuple[float, float, float]:
    """Seconds and peak memory of Python code."""
    return measured(sys.executable, "-c", code, *args)


def compare(name: str, n_events: int, theirs: tuple, ours: tuple) -> None:
    """Print both sides and their ratios."""
    for side, (printed, whole, memory) in {name: theirs, "hepfold": ours}.items():
        rate = n_events / printed
        print(
            f"{side:16} {printed:6.2f} s {rate:10,.0f} events/s, whole process "
            f"{whole:6.2f} s, {memory:6,.0f} MB"
        )
    ratios = [one / other for one, other in zip(theirs, ours, strict=True)]
    print(
        f"hepfold is {ratios[0]:.2f} times as fast as {name}, as a whole process "
        f"{ratios[1]:.2f} times, with 1/{ratios[2]:.2f} of its memory"
    )


def higgs(folder: str, n_events: int = 1_000_000) -> None:
    """Against polars on uncompressed text."""
    packed, text = f"{folder}/higgs_{n_events}.csv.gz", f"{folder}/higgs.csv"
    if not Path(packed).exists():
        run = [sys.executable, "-c", WRITE_OFFICIAL, str(n_events), packed]
        subprocess.run(run, check=True, env={**os.environ, "PYTHONPATH": str(SCRIPTS)})
    with gzip.open(packed) as source, open(text, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 24)
    for _ in range(N_RUNS):
        theirs = python(POLARS, text)
        ours = python(OURS, "higgs", folder, declared("higgs", files=packed, test=None))
        compare("polars.read_csv", n_events, theirs, ours)
    Path(text).unlink()


def formats(folder: str, n_events: int = 500_000) -> None:
    """The same events from each format."""
    names = json.dumps(json.loads(declared("higgs"))["header"])
    run = [sys.executable, "-c", WRITE_FORMATS, str(n_events), folder, names]
    subprocess.run(run, check=True, env={**os.environ, "PYTHONPATH": str(SCRIPTS)})
    for _ in range(N_RUNS):
        seconds = {}
        for kind in ("csv.gz", "parquet", "root"):
            dataset = declared("higgs", files=f"{folder}/higgs.{kind}", test=None)
            seconds[kind], *_ = python(OURS, "higgs", folder, dataset)
        for kind in ("parquet", "root"):
            ratio = seconds["csv.gz"] / seconds[kind]
            print(f"from .{kind}: {ratio:.2f} times as fast as .csv.gz")


def declared(name: str, **changes) -> str:
    """Declaration of a public data set with changes, as an argument of a command."""
    text = (DECLARED / f"{name}.yaml").read_text()
    return json.dumps(yaml.safe_load(text) | changes)


def higgsml(folder: str, *peer: str) -> None:
    """Against another recipe on Higgs ML text."""
    paths = [f"{folder}/{name}.csv" for name in ("training", "test")]
    dataset = declared("higgsml", files=paths[0], test={"files": paths[1]})
    n_events = sum(Path(path).read_bytes().count(b"\n") - 1 for path in paths)
    for _ in range(3):
        theirs = measured(*peer)
        ours = python(OURS, "higgsml", folder, dataset)
        compare("peer", n_events, theirs, ours)


if __name__ == "__main__":
    kind, folder, *rest = sys.argv[1:]
    if kind in ("higgs", "formats"):
        {"higgs": higgs, "formats": formats}[kind](folder, *map(int, rest))
    else:
        higgsml(folder, *rest)
