"""Tests of tracked values: from the results of a run to files that are read back."""

import json

import event_records
import polars as pl
import pytest
from tests.conftest import STUDY_RUN

import export_event_files
import export_json_lines

pytestmark = pytest.mark.workflow
TRACKED = {"export_event_files", "export_json_lines"}


def inputs(finished, model: str) -> tuple[list[str], str]:
    """Paths of the histories of a model, and of its figures of merit."""
    results = finished.folder / "results"
    histories = (results / f"models/higgsml/{model}").glob("fold_*_history.csv")
    return sorted(map(str, histories)), str(results / f"metrics/higgsml/{model}.json")


def test_event_files_hold_the_histories_and_the_figures_of_merit(finished, tmp_path):
    pytest.importorskip("tensorboardX")
    histories, metrics = inputs(finished, "mlp")
    export_event_files.export_event_files(histories, metrics, str(tmp_path / "mlp"))
    runs = event_records.scalars(tmp_path / "mlp")
    for history in map(pl.read_csv, histories):
        for row in history.iter_rows(named=True):
            curves = runs[f"fold_{row['fold']}/member_{row['member']}"]
            tag = "training/loss", row["epoch"]
            assert curves[tag] == pytest.approx(row["loss"], rel=1e-6)
    record = json.loads((finished.folder / metrics).read_text())
    for subset in ("oof", "public", "private"):
        auc = runs[subset]["merits/auc", 0]
        assert auc == pytest.approx(record[subset]["auc"], rel=1e-6)


def test_json_lines_of_a_blend_are_its_figures_of_merit(finished, tmp_path):
    histories, metrics = inputs(finished, "blend")
    assert histories == []
    path = tmp_path / "blend.jsonl"
    export_json_lines.export_json_lines(histories, metrics, str(path))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {(line["dataset"], line["model"]) for line in lines} == {
        ("higgsml", "blend")
    }
    values = {(line["run"], line["name"]): line["value"] for line in lines}
    record = json.loads((finished.folder / metrics).read_text())
    assert values["private", "auc"] == record["private"]["auc"]
    assert values["private", "auc_unc"] == record["private"]["auc_unc"]


def test_the_setting_adds_these_files_and_trains_nothing(finished, tmp_path):
    pytest.importorskip("tensorboardX")
    overlay = tmp_path / "tracked.yaml"
    overlay.write_text(STUDY_RUN + "tracking: {formats: [tensorboard, json_lines]}\n")
    assert finished.would_run(str(overlay)) == TRACKED | {"publish", "all"}
    assert not finished.would_run() & TRACKED
