"""Tests of data.gathered_folds: parts together equal one reading of all files."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import gather_parts
import ingest
import read_part
from hepfold.core import logs, parsing, settings_datasets
from hepfold.data import event_samples, fold_file, reading_parts

COMMON = {"wildcards": {"dataset": "own"}, "n_folds": 3, "seed": 7}
N_FILES, N_EVENTS = 4, 60
ARRAYS = ("inputs", "label", "weight", "event_id", "subset")
DECLARED = {
    "title": "Many files",
    "processes": {
        "sig": {
            "files": "sig*.csv",
            "label": "signal",
            "xsec_pb": 3.0,
            "sum_of_weights": 7.0,
        },
        "bkg": {"files": "bkg*.csv", "label": "background", "select": "x > -1"},
    },
    "luminosity_ipb": 10,
    "weight": "w",
    "id": "number",
    "test": "number % 5 == 4",
    "features": ["x", "y", "n"],
    "categories": {"n": [0, 1]},
    "regions": {"SR": "y > 0", "CR": "y <= 0"},
    "keep": ["w"],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files of two processes, so large that each is a part or nearly."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading_parts, "MOST_BYTES", 5000)
    monkeypatch.setattr(reading_parts, "BYTES_TO_OPEN", 0)
    draw = np.random.default_rng(3)
    for name in ("sig", "bkg"):
        for i in range(N_FILES):
            n = N_EVENTS + i
            table = {
                "number": 100 * i + np.arange(n),
                "x": draw.normal(size=n),
                "y": draw.normal(size=n),
                "n": draw.integers(0, 3 if i == N_FILES - 1 else 2, n),
                "w": draw.random(n),
                "label": np.full(n, name == "sig", int),
            }
            pl.DataFrame(table).write_csv(f"{name}{i}.csv")
    return tmp_path


def gathered(declared: dict) -> tuple[str, str]:
    """Fold files of training and test events, read in parts."""
    parsed = parsing.parse(declared, settings_datasets.Dataset)
    full = parsing.as_dict(parsed)
    parts = reading_parts.of("own", parsed)
    assert len(parts) > 3
    paths = []
    for part in parts:
        params = COMMON | {"dataset": reading_parts.declared_part(full, part)}
        paths.append([f"out/parts/{part.name}_{kind}.h5" for kind in ("train", "test")])
        read_part.read_part(params, *paths[-1])
    samples = [part.i_sample for part in parts]
    params = COMMON | {"dataset": full, "samples": samples}
    train_parts, test_parts = zip(*paths, strict=True)
    gather_parts.gather_parts(
        list(train_parts), list(test_parts), params, "out/train.h5", "out/test.h5"
    )
    return "out/train.h5", "out/test.h5"


def whole(declared: dict) -> tuple[str, str]:
    """Fold files of training and test events, read by one job."""
    full = parsing.as_dict(parsing.parse(declared, settings_datasets.Dataset))
    ingest.ingest(COMMON | {"dataset": full}, "", "", "train.h5", "test.h5")
    return "train.h5", "test.h5"


def check_equal(declared: dict) -> None:
    """Check that both ways give equal events in equal order, and equal counts."""
    for path, expected_path in zip(gathered(declared), whole(declared), strict=True):
        for i_fold in range(3):
            events = fold_file.read(path, [i_fold])
            expected = fold_file.read(expected_path, [i_fold])
            for name in ARRAYS:
                values = getattr(events, name)
                np.testing.assert_array_equal(values, getattr(expected, name), name)
                assert values.dtype == getattr(expected, name).dtype
            for name, values in expected.extra.items():
                np.testing.assert_array_equal(events.extra[name], values, name)
        assert fold_file.read_layout(path) == fold_file.read_layout(expected_path)
        made_by = fold_file.read_made_by(path)
        by_one = fold_file.read_made_by(expected_path)
        for name in ("source", "source_sha256", "toy", "units", "n_equal"):
            assert made_by[name] == by_one[name], name
        assert made_by["expected"] == pytest.approx(by_one["expected"], rel=1e-13)
        for row, other in zip(made_by["cut_flow"], by_one["cut_flow"], strict=True):
            assert row["process"] == other["process"]
            assert row["n_events"] == other["n_events"]
            assert row["weight"] == pytest.approx(other["weight"], rel=1e-13)
            assert row["weight_unc"] == pytest.approx(other["weight_unc"], rel=1e-13)


@pytest.mark.slow
def test_parts_of_processes_equal_one_reading(folder):
    check_equal(DECLARED)


@pytest.mark.slow
def test_rows_are_numbered_over_all_parts(folder):
    check_equal(DECLARED | {"id": None, "test": None})


@pytest.mark.slow
def test_training_and_test_files_equal_one_reading(folder):
    by_column = {
        "title": "Labels",
        "files": ["sig[0-2].csv", "bkg[0-2].csv"],
        "test": {"files": ["sig3.csv", "bkg3.csv"]},
        "label": {"column": "label", "signal": 1, "background": 0},
        "features": ["x", "y"],
    }
    check_equal(by_column)


@pytest.mark.slow
def test_ids_are_unique_over_all_parts(folder):
    path = Path("bkg3.csv")
    lines = path.read_text().splitlines()
    lines[3] = "105" + lines[3][lines[3].index(",") :].replace(",-", ",")
    path.write_text("\n".join(lines))
    with pytest.raises(logs.InputError) as error:
        gathered(DECLARED)
    message = str(error.value)
    assert "bkg1.csv, line 7 and bkg3.csv, line 4" in message
    assert "number 105" in message and not list(Path("out").glob("*.h5"))


@pytest.mark.slow
def test_an_event_of_one_file_is_in_one_process(folder):
    """Also where the processes are parts of their own."""
    sig, bkg = DECLARED["processes"].values()
    files = {"files": ["sig*.csv", "bkg*.csv"]}
    processes = {
        "sig": sig | files | {"select": "label == 1"},
        "bkg": bkg | files | {"select": "label == 0"},
    }
    declared = DECLARED | {"processes": processes, "id": None, "test": None}
    assert len(fold_file.read(gathered(declared)[0])) == 2 * 4 * 60 + 12
    processes["bkg"]["select"] = "label == 0 || number == 105"
    with pytest.raises(logs.InputError, match=r"sig1\.csv, line 7 is in two processes"):
        gathered(declared)


@pytest.mark.slow
def test_equal_events_are_counted_over_all_parts(folder):
    Path("bkg3.csv").write_text(Path("bkg1.csv").read_text())
    declared = DECLARED | {"id": None, "test": None}
    train, _ = gathered(declared)
    parsed = parsing.parse(declared, settings_datasets.Dataset)
    n_twice = sum(pl.read_csv("bkg1.csv")["x"] > -1)
    assert fold_file.read_made_by(train)["n_equal"] == n_twice
    assert event_samples.of("own", parsed, "", "")[1].files[3] == "bkg3.csv"


@pytest.mark.slow
def test_a_corrupt_or_missing_part_is_reported(folder):
    train, test = gathered(DECLARED)
    parts = sorted(Path("out/parts").glob("*_train.h5"))
    content = parts[2].read_bytes()
    parts[2].write_bytes(content[:-1000] + b"x" + content[-999:])
    with pytest.raises(logs.InputError, match=str(parts[2].name)):
        fold_file.read(train)
    parts[2].unlink()
    with pytest.raises(logs.InputError, match="remove it and start again"):
        fold_file.read(train)
    assert len(fold_file.read(test)) > 0


@pytest.mark.slow
def test_gathered_files_move_with_their_parts(folder):
    train, _ = gathered(DECLARED)
    events = fold_file.read(train)
    Path("out").rename("elsewhere")
    moved = fold_file.read("elsewhere/train.h5")
    np.testing.assert_array_equal(moved.inputs, events.inputs)
    assert Path("elsewhere/train.h5").stat().st_size < 200_000
