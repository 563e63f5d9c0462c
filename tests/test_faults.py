"""Invalid input to the workflow: one line that says why, and no partial output."""

import shutil

import pytest
from tests.conftest import SMALL_RUN

pytestmark = pytest.mark.faults


@pytest.fixture
def ingested(clone, write_raw):
    """A function that runs the workflow up to the folds on lines as a local file."""

    def run(lines: list[str] | None, n_folds: int = 2, checksum: str = ""):
        shutil.rmtree(clone.folder / "results", ignore_errors=True)
        path = write_raw(lines) if lines is not None else "absent.csv.gz"
        overlay = SMALL_RUN.replace(
            "files: toy", f'files: "{path}{checksum}", test: null'
        )
        overlay = overlay.replace("n_folds: 2", f"n_folds: {n_folds}")
        (clone.folder / "fault.yaml").write_text(overlay)
        return path, clone.run("--until", "ingest", overlay="fault.yaml")

    return run


def products(clone) -> list[str]:
    """Names of the files in the results, apart from logs."""
    results = clone.folder / "results"
    made = [path for path in results.rglob("*") if path.is_file()]
    return [path.name for path in made if "logs" not in path.parts]


def bad_input(run) -> str:
    """The only line that says what is wrong with the input."""
    assert run.returncode != 0
    (line,) = [x for x in run.stderr.splitlines() if "Bad input" in x]
    assert "Traceback" not in run.stderr
    return line.split("Bad input: ")[1]


def test_a_valid_file_is_ingested(ingested, raw_lines, clone):
    _, run = ingested(raw_lines)
    assert run.returncode == 0, run.stderr
    assert sorted(products(clone)) == ["test.h5", "train.h5"]


def test_an_invalid_value_is_reported_in_one_line(ingested, raw_lines, clone):
    corrupt = [*raw_lines[:300], raw_lines[300].replace(".", "x", 1), *raw_lines[301:]]
    path, run = ingested(corrupt)
    line = bad_input(run)
    assert line.startswith(f"{path}, line 301, column ")
    assert line.endswith("is not a finite number")
    assert products(clone) == []


def test_a_wrong_checksum_is_reported(ingested, raw_lines, clone):
    path, run = ingested(raw_lines, checksum="#sha256=00")
    assert bad_input(run).startswith(f"{path}: wrong checksum, sha256 is ")
    assert products(clone) == []


def test_more_folds_than_events_are_reported(ingested, raw_lines, clone):
    _, run = ingested(raw_lines[:41], n_folds=41)
    assert "folds.n_folds is 41, but there are only" in bad_input(run)
    assert products(clone) == []


def test_an_absent_file_is_reported(ingested):
    _, run = ingested(None)
    assert run.returncode != 0
    assert "datasets.higgsml.files: no file 'absent.csv.gz'" in run.stderr


def test_an_absent_file_to_score_is_reported(clone):
    overlay = SMALL_RUN.replace("again.csv", "absent.zip!events.csv")
    (clone.folder / "fault.yaml").write_text(overlay)
    run = clone.run("--dry-run", overlay="fault.yaml")
    assert run.returncode != 0
    message = "datasets.higgsml.apply.again.files: no file 'absent.zip!events.csv'"
    assert message in run.stdout + run.stderr


def test_a_range_test_of_trees_is_rejected(clone):
    path = "results/figures/higgsml/xgboost/learning_rates.csv"
    assert "a model of kind xgboost has no updates" in bad_input(clone.run("--", path))
    assert not (clone.folder / path).exists()


def test_a_failed_download_says_what_to_do(clone):
    shutil.rmtree(clone.folder / "results", ignore_errors=True)
    address = "http://127.0.0.1:9/events.csv.gz"
    overlay = SMALL_RUN.replace("files: toy", f"files: {address}")
    (clone.folder / "fault.yaml").write_text(overlay)
    run = clone.run("--until", "download", overlay="fault.yaml")
    assert run.returncode != 0
    (line,) = [x for x in run.stderr.splitlines() if "Cannot reach" in x and "Put" in x]
    message = (
        "Cannot reach 127.0.0.1:9: Connection refused. Put events.csv.gz into data/"
    )
    assert message in line
    assert "Bad input" not in run.stderr and "Traceback" not in run.stderr
    assert products(clone) == []


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("n_fold: 3", "n_fold: unknown key; did you mean folds?"),
        ("folds: {n_folds: two}", "folds.n_folds: expected int, got 'two'"),
        ("seed: -1", "seed: expected int >= 0, got -1"),
    ],
)
def test_a_wrong_setting_stops_the_run_before_it_starts(clone, setting, message):
    (clone.folder / "fault.yaml").write_text(setting)
    run = clone.run("--dry-run", overlay="fault.yaml")
    assert run.returncode != 0
    # A dry run prints its errors on the standard output.
    lines = (run.stdout + run.stderr).splitlines()
    assert message in lines
    assert not any("Traceback" in line for line in lines)
