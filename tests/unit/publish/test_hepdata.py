"""Tests of publish.hepdata: submissions pass the HEPData validator."""

import polars as pl
import pytest
import yaml
from hepdata_validator.full_submission_validator import FullSubmissionValidator

from hepfold.core import files
from hepfold.publish import hepdata

NAMES = {"dataset": "higgsml", "model": "mlp", "subset": ["oof", "oof", "private"]}
ROC = pl.DataFrame(
    {
        **NAMES,
        "signal_efficiency": [0.5, 1.0, 1.0],
        "background_efficiency": [0.01, 1.0, 1.0],
        "background_efficiency_low": [0.009, 1.0, 1.0],
        "background_efficiency_high": [0.012, 1.0, 1.0],
    }
)
SCORES = pl.DataFrame(
    {
        **NAMES,
        "events": ["signal", "background", "signal"],
        "low": 0.0,
        "high": 1.0,
        "expected": [692.0, 411000.0, 692.0],
        "expected_unc": [3.5, 220.0, 5.0],
        "ratio": [1.0, None, 1.1],
    }
)


DECLARED = {
    "higgsml": {
        "reactions": ["P P --> HIGGS X"],
        "energy_gev": 8000.0,
        "keywords": ["Higgs boson"],
    }
}


@pytest.fixture
def texts() -> dict[str, str]:
    curves = [("roc", ROC), ("scores", SCORES)]
    return hepdata.texts(curves, DECLARED, "These are toy events.", "0123")


def test_hepdata_accepts_the_packed_submission(texts, tmp_path):
    path = tmp_path / "hepdata.zip"
    files.write_zip(str(path), texts)
    validator = FullSubmissionValidator()
    assert validator.validate(archive=str(path)), validator.get_messages()


def test_there_is_a_table_for_each_figure_and_subset(texts):
    head, *tables = yaml.safe_load_all(texts["submission.yaml"])
    names = {table["data_file"] for table in tables}
    assert names == texts.keys() - {"submission.yaml"}
    assert len(names) == 4 and all(len(table["name"]) <= 64 for table in tables)
    assert "toy" in head["comment"] and "0123" in head["comment"]


def test_tables_are_found_by_what_the_data_set_declares(texts):
    _, table, *_ = yaml.safe_load_all(texts["submission.yaml"])
    keywords = {entry["name"]: entry["values"] for entry in table["keywords"]}
    assert keywords == {
        "reactions": ["P P --> HIGGS X"],
        "observables": ["EFF"],
        "cmenergies": [8000.0],
        "phrases": ["Machine Learning", "Classification", "Higgs boson"],
    }


def test_what_a_data_set_does_not_declare_is_no_keyword():
    declared = {"reactions": [], "energy_gev": None, "keywords": []}
    names = [entry["name"] for entry in hepdata.keywords("roc", declared)]
    assert names == ["observables", "phrases"]


def test_a_band_is_an_asymmetric_uncertainty(texts):
    table = yaml.safe_load(texts["roc_higgsml_mlp_oof.yaml"])
    (independent,) = table["independent_variables"]
    (dependent,) = table["dependent_variables"]
    assert [v["value"] for v in independent["values"]] == [0.5, 1.0]
    first, last = dependent["values"]
    ends = first["errors"][0]["asymerror"]
    assert ends["minus"] == pytest.approx(-0.001)
    assert ends["plus"] == pytest.approx(0.002)
    assert "errors" not in last


def test_classes_have_qualifiers_and_missing_values_are_dashes(texts):
    table = yaml.safe_load(texts["scores_higgsml_mlp_oof.yaml"])
    (bins,) = table["independent_variables"]
    assert bins["values"] == [{"low": 0.0, "high": 1.0}]
    signal, _, background, ratio = table["dependent_variables"]
    assert signal["qualifiers"] == [{"name": "EVENTS", "value": "signal"}]
    assert signal["values"][0]["errors"][0]["symerror"] == 3.5
    assert background["values"][0]["value"] == 411000.0
    assert ratio["values"] == [{"value": "-"}]


def test_variables_of_single_processes_are_named():
    processes = SCORES.filter(events="background").with_columns(process=pl.lit("ttW"))
    both = pl.concat([SCORES.with_columns(process=pl.lit(None, pl.String)), processes])
    texts = hepdata.texts([("scores", both)], DECLARED, "Events.", "0123")
    table = yaml.safe_load(texts["scores_higgsml_mlp_oof.yaml"])
    qualifiers = [
        {q["name"]: q["value"] for q in variable["qualifiers"]}
        for variable in table["dependent_variables"]
        if variable["header"]["name"] == "expected"
    ]
    assert qualifiers == [
        {"EVENTS": "signal"},
        {"EVENTS": "background"},
        {"EVENTS": "background", "PROCESS": "ttW"},
    ]
