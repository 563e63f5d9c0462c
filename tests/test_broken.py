"""Fault injection: killed runs, full disks and corrupt files; the next run finishes."""

import math
import os
import shutil
import signal
import subprocess
import tempfile
import time

import numpy as np
import polars as pl
import pytest
import torch
from matplotlib.figure import Figure
from tests.conftest import UNAPPLIED_RUN, Clone

from hepfold.core import files, logs
from hepfold.toys import raw_files
from hepfold.training import checkpoints

pytestmark = pytest.mark.faults
# Enough events for an ingest of a few seconds.
OVERLAY = UNAPPLIED_RUN.replace("5000", "200000")
FOLDS = "results/folds/higgsml/train.h5"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    clone = Clone(tmp_path_factory.mktemp("clone"))
    (clone.folder / "tests.yaml").write_text(OVERLAY)
    return clone


@pytest.fixture(scope="module")
def finished(clone):
    """The clone with its folds."""
    return done(clone, "--", FOLDS)


@pytest.fixture
def small_disk(tmp_path):
    """A function that makes a folder with a capacity of a few kilobytes."""
    mounted = []

    def mount(kilobytes: int, name: str = "disk"):
        folder = tmp_path / name
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder]
        if subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("mounting a small file system needs root")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


def done(clone, *args: str):
    """The clone after a successful run."""
    run = clone.run(*args)
    assert run.returncode == 0, run.stdout + run.stderr
    return clone


def wait_for(folder, pattern: str, process) -> None:
    """Wait for a file that a running process makes."""
    for _ in range(60_000):
        if any(folder.glob(pattern)):
            return
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.001)


def test_a_killed_run_is_completed_by_the_next(clone):
    """Snakemake is killed together with its ingest job, which is writing folds."""
    process = clone.popen("--cores", "2", "--configfile", "config.yaml", "tests.yaml")
    wait_for(clone.folder, "results/folds/higgsml/.train.h5.part", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (clone.folder / FOLDS).exists()
    run = clone.run("--", FOLDS)
    assert run.returncode != 0 and "--unlock" in run.stdout + run.stderr
    assert clone.run("--unlock").returncode == 0
    done(clone, "--", FOLDS)
    assert not list(clone.folder.glob("results/**/.*.part"))


def test_two_runs_in_one_folder(clone):
    (clone.folder / FOLDS).unlink(missing_ok=True)
    config = ["--cores", "2", "--configfile", "config.yaml", "tests.yaml"]
    process = clone.popen(*config, "--", FOLDS)
    wait_for(clone.folder, "results/folds/higgsml/.train.h5.part", process)
    os.kill(process.pid, signal.SIGSTOP)
    run = clone.run("--", FOLDS)
    os.kill(process.pid, signal.SIGCONT)
    assert run.returncode != 0
    assert "cannot be locked" in run.stderr and "--unlock" in run.stderr
    output, _ = process.communicate()
    assert process.returncode == 0, output


def test_a_corrupt_result_is_named_and_made_again(finished):
    path = finished.folder / FOLDS
    whole = path.read_bytes()
    target = "results/datacards/higgsml.json"
    for corrupt in (whole[: len(whole) // 2], whole[:-99] + b"x" + whole[-98:]):
        path.write_bytes(corrupt)
        run = finished.run("--", target)
        assert run.returncode != 0
        assert f"Bad input: {FOLDS}: the file was altered or cut short" in run.stderr
        path.unlink()
        done(finished, "--", target)
        assert path.read_bytes() == whole


def test_time_stamps_in_the_future_redo_nothing(finished):
    future = time.time() + 86_400
    path = finished.folder / "results/raw/higgsml/toys.csv.gz"
    os.utime(path, (future, future))
    run = finished.run("--dry-run", "--", FOLDS)
    assert "Nothing to be done" in run.stdout + run.stderr
    again = ("--forcerun", "ingest", "--", FOLDS)
    run = finished.run(*again)
    assert run.returncode != 0 and "clock skew" in run.stderr
    assert str(path.relative_to(finished.folder)) in run.stderr
    path.touch()
    done(finished, *again)


def test_an_altered_raw_file_is_read_again(clone, raw_lines, write_raw):
    path = write_raw(raw_lines)
    overlay = OVERLAY.replace("files: toy", f"files: {path}, test: null")
    (clone.folder / "local.yaml").write_text(overlay)
    args = ("--configfile", "config.yaml", "local.yaml", "--cores", "1")
    assert clone.snakemake(*args, "--", FOLDS).returncode == 0
    run = clone.snakemake(*args, "--dry-run", "--", FOLDS)
    assert "Nothing to be done" in run.stdout + run.stderr
    write_raw(raw_lines[:-1])
    run = clone.snakemake(*args, "--dry-run", "--", FOLDS)
    assert "rule ingest:" in run.stdout + run.stderr


def test_a_read_only_raw_folder_suffices(small_disk, clone, raw_lines, write_raw):
    folder = small_disk(2000)
    shutil.copy(write_raw(raw_lines), folder / "raw.csv.gz")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    overlay = OVERLAY.replace("files: toy", f"files: {folder}/raw.csv.gz, test: null")
    (clone.folder / "local.yaml").write_text(overlay)
    args = ("--configfile", "config.yaml", "local.yaml", "--cores", "1")
    run = clone.snakemake(*args, "--", FOLDS)
    assert run.returncode == 0, run.stderr


def test_a_full_temporary_folder_is_reported(small_disk, clone):
    folder = small_disk(16)
    (folder / "filling").write_bytes(bytes(16 << 10))
    clone.environment["TMPDIR"] = str(folder)
    try:
        run = clone.run("--forcerun", "ingest", "--", FOLDS)
    finally:
        del clone.environment["TMPDIR"]
    output = run.stdout + run.stderr
    assert run.returncode == 0 or "No space left on device" in output, output
    done(clone, "--", FOLDS)


RANDOM = np.random.default_rng(1).random(50_000)
FRAME = pl.DataFrame({"a": RANDOM})


def figure() -> Figure:
    figure = Figure()
    figure.add_subplot().plot(RANDOM)
    return figure


class Run:
    """A training with a large state."""

    def state(self) -> dict:
        return {"weights": torch.from_numpy(RANDOM)}


def keeper(path: str) -> checkpoints.Keeper:
    """A keeper that saved long ago and is due again."""
    keeper = checkpoints.Keeper(path, "")
    keeper.last_save_s = -math.inf
    return keeper


def copy_of_large(path: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".md") as file:
        file.write(RANDOM.tobytes())
        file.flush()
        files.copy(file.name, path)


WRITERS = {
    "json": lambda path: files.write_json(path, {"a": RANDOM.tolist()}, sealed=True),
    "text": lambda path: files.write_text(path, str(RANDOM.tolist())),
    "csv": lambda path: files.write_csv(path, FRAME),
    "parquet": lambda path: files.write_table(path, [FRAME], {}),
    "safetensors": lambda path: files.write_tensors(path, {"a": RANDOM}, {}),
    "figure": lambda path: files.write_figure(figure(), path, f"{path}.png"),
    "raw": lambda path: raw_files.write_csv_gz(path, [{"a": RANDOM}], {}, True),
    "state": lambda path: keeper(path).save(Run()),
    "zip": lambda path: files.write_zip(path, {"a": RANDOM.tobytes().hex()}),
    "copy": copy_of_large,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_is_reported_in_one_line(small_disk, kind, caplog):
    """No partial file is left. Fold files are checked before: `check_free_space`."""
    folder = small_disk(16)
    with pytest.raises(Exception) as caught:
        WRITERS[kind](str(folder / "result"))
    logs.report(caught.type, caught.value, None)
    (record,) = caplog.records
    assert record.message.startswith("The disk is full"), record.message
    assert list(folder.iterdir()) == []
