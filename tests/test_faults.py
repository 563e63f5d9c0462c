"""Wrong input to the whole workflow: one clear line, nothing half-made."""

import shutil

import pytest
from tests.conftest import SMALL_RUN

pytestmark = pytest.mark.workflow


@pytest.fixture
def ingested(clone, write_raw):
    """A function that ingests lines as a user's own file, up to the folds."""

    def run(lines: list[str] | None, n_folds: int = 2, checksum: str = ""):
        shutil.rmtree(clone.folder / "results", ignore_errors=True)
        path = write_raw(lines) if lines is not None else "absent.csv.gz"
        overlay = SMALL_RUN.replace("source: simulation", f'source: "{path}{checksum}"')
        overlay = overlay.replace("n_folds: 2", f"n_folds: {n_folds}")
        (clone.folder / "fault.yaml").write_text(overlay)
        return path, clone.run("--until", "ingest", overlay="fault.yaml")

    return run


def products(clone) -> list[str]:
    results = clone.folder / "results"
    made = [path for path in results.rglob("*") if path.is_file()]
    return [path.name for path in made if "logs" not in path.parts]


def bad_input(run) -> str:
    """The one line that tells a user what is wrong."""
    assert run.returncode != 0
    (line,) = [x for x in run.stderr.splitlines() if "Bad input" in x]
    assert "Traceback" not in run.stderr
    return line.split("Bad input: ")[1]


def test_a_good_file_goes_through(ingested, raw_lines, clone):
    _, run = ingested(raw_lines)
    assert run.returncode == 0, run.stderr
    assert sorted(products(clone)) == ["test.h5", "train.h5"]


def test_a_bad_value_is_told_in_one_line(ingested, raw_lines, clone):
    spoilt = [*raw_lines[:300], raw_lines[300].replace(".", "x", 1), *raw_lines[301:]]
    path, run = ingested(spoilt)
    line = bad_input(run)
    assert line.startswith(f"{path}, line 301, column ")
    assert line.endswith("is not a finite number")
    assert products(clone) == []


def test_a_wrong_checksum_is_told(ingested, raw_lines, clone):
    path, run = ingested(raw_lines, checksum="#sha256=00")
    assert bad_input(run).startswith(f"{path}: wrong checksum, sha256 is ")
    assert products(clone) == []


def test_more_folds_than_events_are_told(ingested, raw_lines, clone):
    _, run = ingested(raw_lines[:41], n_folds=40)
    assert "folds.n_folds is 40, but there are" in bad_input(run)
    assert products(clone) == []


def test_an_absent_file_is_told(ingested):
    _, run = ingested(None)
    assert run.returncode != 0
    assert "absent.csv.gz: the source of higgsml is no file" in run.stderr


def test_an_absent_file_to_apply_to_is_told(clone):
    overlay = SMALL_RUN.replace("again.csv", "absent.zip!events.csv")
    (clone.folder / "fault.yaml").write_text(overlay)
    run = clone.run("--dry-run", overlay="fault.yaml")
    assert run.returncode != 0
    message = "absent.zip!events.csv: datasets.higgsml.apply.again is no file"
    assert message in run.stdout + run.stderr


def test_a_range_test_of_trees_is_refused(clone):
    path = "results/figures/higgsml/xgboost/learning_rates.csv"
    assert "boosted trees have no updates" in bad_input(clone.run("--", path))
    assert not (clone.folder / path).exists()


def test_a_failed_download_is_told(clone):
    shutil.rmtree(clone.folder / "results", ignore_errors=True)
    address = "http://127.0.0.1:9/events.csv.gz"
    overlay = SMALL_RUN.replace("source: simulation", f"source: {address}")
    (clone.folder / "fault.yaml").write_text(overlay)
    run = clone.run("--until", "download", overlay="fault.yaml")
    assert bad_input(run).startswith(f"{address}: ")
    assert products(clone) == []


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("n_fold: 3", "configuration, top level: Additional properties"),
        ("folds: {n_folds: two}", "folds.n_folds: 'two' is not of type 'integer'"),
        ("seed: -1", "configuration, seed: -1 is less than the minimum of 0"),
    ],
)
def test_a_wrong_setting_stops_the_run_before_it_starts(clone, setting, message):
    (clone.folder / "fault.yaml").write_text(setting)
    run = clone.run("--dry-run", overlay="fault.yaml")
    assert run.returncode != 0
    # A dry run tells its errors on the standard output.
    output = run.stdout + run.stderr
    (line,) = [x for x in output.splitlines() if "configuration, " in x]
    assert message in line
    assert "Traceback" not in output
