"""Tests of event files: what a reader of their format finds in them."""

import event_records
import numpy as np
import polars as pl
import pytest

from hepfold.core import logs
from hepfold.publish import event_files, tracked_values

ROWS = [
    ("fold_0/member_0", "training", "loss", 1, 0.7),
    ("fold_0/member_0", "training", "loss", 2, 0.6),
    ("fold_0/member_1", "training", "loss", 1, 0.8),
    ("oof", "merits", "auc", 0, 0.9),
    ("oof", "uncertainties", "auc_unc", 0, 0.01),
]
VALUES = pl.DataFrame(ROWS, tracked_values.SCHEMA, orient="row")


def expected() -> dict[str, dict[tuple[str, int], float]]:
    """What the event files hold, in their single precision."""
    runs = {}
    for run, group, name, step, value in ROWS:
        runs.setdefault(run, {})[f"{group}/{name}", step] = np.float32(value)
    return runs


def test_each_run_has_one_file_with_its_values(tmp_path):
    pytest.importorskip("tensorboardX")
    event_files.write(str(tmp_path / "mlp"), VALUES)
    assert event_records.scalars(tmp_path / "mlp") == expected()
    assert [path.name for path in tmp_path.iterdir()] == ["mlp"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    """Event files of earlier trainings would be drawn over those of this one."""
    pytest.importorskip("tensorboardX")
    event_files.write(str(tmp_path / "mlp"), VALUES.with_columns(run=pl.lit("old")))
    (tmp_path / ".mlp.part").mkdir()
    (tmp_path / ".mlp.part/events.out.tfevents.0").touch()
    event_files.write(str(tmp_path / "mlp"), VALUES)
    assert event_records.scalars(tmp_path / "mlp") == expected()


def test_a_missing_package_is_reported_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(event_files, "PACKAGE", "no_such_package")
    with pytest.raises(logs.InputError, match="--group tracking") as error:
        event_files.write(str(tmp_path / "mlp"), VALUES)
    assert str(error.value).count("\n") == 0 and not list(tmp_path.iterdir())
