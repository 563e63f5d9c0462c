"""Tests of publish.template_files: histograms of ROOT, which uproot reads back."""

import fit_samples
import numpy as np
import pytest
import uproot

from hepfold.analysis import fit_inputs
from hepfold.publish import template_files


@pytest.fixture(scope="module")
def record() -> dict:
    return fit_inputs.record(fit_inputs.of_score(fit_samples.analysis()))


@pytest.mark.slow
def test_histograms_are_the_templates(record, tmp_path):
    table = template_files.table(record)
    path = str(tmp_path / "templates.root")
    template_files.write(path, table)
    with uproot.open(path) as file:
        for process in ("ttH_bb", "ttW"):
            nominal = table.filter(channel="SR", process=process, systematic="nominal")
            histogram = file[f"SR/{process}"]
            np.testing.assert_array_equal(histogram.values(), nominal["expected"])
            np.testing.assert_allclose(histogram.errors(), nominal["expected_unc"])
            edges = [*nominal["low"], nominal["high"][-1]]
            np.testing.assert_array_equal(histogram.axis().edges(), edges)
            names = ("jes_up", "jes_down", "pileup_up", "pileup_down")
            assert all(f"SR/{process}_{name}" in file for name in names)


def test_varied_templates_are_as_in_the_fit(record):
    table = template_files.table(record)
    effects = record["effects"]
    row = next(r for r in effects if r["systematic"] == "pileup")
    of_bin = table.filter(
        channel=row["channel"],
        process=row["process"],
        systematic="pileup",
        direction="down",
        low=row["low"],
    )
    assert of_bin["expected"][0] == pytest.approx(row["down"] * row["shape_down"])


@pytest.mark.slow
def test_the_bytes_depend_on_the_content_alone(record, tmp_path):
    # A ROOT file holds its name.
    paths = [tmp_path / name / "templates.root" for name in ("one", "other")]
    for path in paths:
        template_files.write(str(path), template_files.table(record))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_without_systematics_there_are_nominal_templates_alone():
    plain = fit_samples.analysis(variations=[], mirrored=[])
    record = fit_inputs.record(fit_inputs.of_score(plain))
    table = template_files.table(record)
    assert table["systematic"].unique().to_list() == ["nominal"]
    assert template_files.summary(record).is_empty()


def test_the_summary_has_each_process_and_region(record):
    summary = template_files.summary(record)
    n_processes, n_regions, n_systematics = 11, 2, 2
    assert len(summary) == n_processes * n_regions * n_systematics
