"""Raw text to folds, beside what people use today; each side is a process of its own.

    python benchmarks/ingest.py higgs FOLDER [N_EVENTS]
        `polars.read_csv` of simulated HIGGS events as uncompressed text into float32,
        against ingest of the same events from `.csv.gz`.
    python benchmarks/ingest.py formats FOLDER [N_EVENTS]
        Ingest of the same simulated HIGGS events from CSV, Parquet and ROOT.
    python benchmarks/ingest.py higgsml FOLDER PEER...
        Ingest of FOLDER/training.csv and FOLDER/test.csv, against the command
        PEER, which does the same its own way and prints `"total_s": <seconds>`.

Seconds are told without the start of Python and its imports, and as a whole process.
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

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
POLARS = """
import sys, time
import polars as pl
start = time.perf_counter()
names = ["label", *(f"f{i}" for i in range(28))]
schema = dict.fromkeys(names, pl.Float32)
table = pl.read_csv(sys.argv[1], has_header=False, schema=schema)
print(f'"rows": {len(table)}, "total_s": {time.perf_counter() - start:.2f}')
"""
OURS = """
import json, sys, time
from pathlib import Path
from ingest import ingest
dataset, folder, form = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
paths = [Path(folder, name) for name in ("train.h5", "test.h5")]
for path in paths:
    path.unlink(missing_ok=True)  # as Snakemake does
wildcards = {"dataset": dataset}
settings = {"wildcards": wildcards, **form, "n_folds": 10, "seed": 1}
start = time.perf_counter()
ingest(settings, "", "", *map(str, paths))
print(f'"total_s": {time.perf_counter() - start:.2f}')
"""
SIMULATE = """
import sys
from simulate import simulate
simulate("higgs", int(sys.argv[1]), 1, sys.argv[2])
"""
WRITE = """
import sys
from hepfold.toys import raw_files, registry
blocks = lambda: registry.BLOCKS["higgs"](int(sys.argv[1]), 1)
texts, form = registry.CATEGORIES["higgs"], raw_files.TEXT_FORMATS["higgs"]
folder = sys.argv[2]
raw_files.write_csv_gz(f"{folder}/higgs.csv.gz", blocks(), texts, form)
raw_files.write_parquet(f"{folder}/higgs.parquet", blocks(), texts)
trees = {"events": "events"}
raw_files.write_root(f"{folder}/higgs.root", blocks(), texts, trees, "label")
"""
N_RUNS = 2
FORM = {"test_source": [], "n_test": 0, "columns": {}, "trees": {}}


def measured(*command: str) -> tuple[float, float, float]:
    """Seconds that a command tells and that it takes, and its peak memory in MB."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        said = process.stdout.read()
        _, _, usage = os.wait4(process.pid, 0)
    print("   ", said.strip().splitlines()[-1][:200])
    whole = time.perf_counter() - start
    told = float(re.search(r'"total_s": ([\d.]+)', said)[1])
    return told, whole, usage.ru_maxrss / 1024


def python(code: str, *args: str) -> tuple[float, float, float]:
    """Seconds and peak memory of Python code."""
    return measured(sys.executable, "-c", code, *args)


def compare(name: str, n_events: int, theirs: tuple, ours: tuple) -> None:
    """Print both sides and their ratios."""
    for side, (told, whole, memory) in {name: theirs, "hepfold": ours}.items():
        rate = n_events / told
        print(
            f"{side:16} {told:6.2f} s {rate:10,.0f} events/s, whole process "
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
        run = [sys.executable, "-c", SIMULATE, str(n_events), f"{packed}.fast"]
        subprocess.run(run, check=True, env={**os.environ, "PYTHONPATH": str(SCRIPTS)})
        # As tightly as the official file, which unpacks faster: 40 s for a million.
        with (
            gzip.open(f"{packed}.fast") as source,
            gzip.open(packed, "wb", 9) as target,
        ):
            shutil.copyfileobj(source, target, 1 << 24)
        Path(f"{packed}.fast").unlink()
    with gzip.open(packed) as source, open(text, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 24)
    for _ in range(N_RUNS):
        theirs = python(POLARS, text)
        ours = python(OURS, "higgs", folder, as_json(form_of(packed)))
        compare("polars.read_csv", n_events, theirs, ours)
    Path(text).unlink()


def formats(folder: str, n_events: int = 500_000) -> None:
    """The same events from each format."""
    run = [sys.executable, "-c", WRITE, str(n_events), folder]
    subprocess.run(run, check=True, env={**os.environ, "PYTHONPATH": str(SCRIPTS)})
    for _ in range(N_RUNS):
        text = python(OURS, "higgs", folder, as_json(form_of(f"{folder}/higgs.csv.gz")))
        for kind in ("parquet", "root"):
            form = form_of(f"{folder}/higgs.{kind}") | {"trees": {"events": "events"}}
            binary = python(OURS, "higgs", folder, as_json(form))
            print(f"from .{kind}: {text[0] / binary[0]:.2f} times as fast as .csv.gz")


def form_of(source: str) -> dict:
    """Settings of a data set with one source."""
    return FORM | {"source": source}


def higgsml(folder: str, *peer: str) -> None:
    """Against another recipe on Higgs ML text."""
    form = FORM | {
        "source": f"{folder}/training.csv",
        "test_source": [f"{folder}/test.csv"],
        "columns": {"KaggleSet": None, "KaggleWeight": None},
    }
    names = (form["source"], *form["test_source"])
    n_events = sum(Path(name).read_bytes().count(b"\n") - 1 for name in names)
    for _ in range(3):
        theirs = measured(*peer)
        ours = python(OURS, "higgsml", folder, as_json(form))
        compare("peer", n_events, theirs, ours)


def as_json(form: dict) -> str:
    """A form as an argument of a command."""
    return json.dumps(form)


if __name__ == "__main__":
    kind, folder, *rest = sys.argv[1:]
    if kind in ("higgs", "formats"):
        {"higgs": higgs, "formats": formats}[kind](folder, *map(int, rest))
    else:
        higgsml(folder, *rest)
