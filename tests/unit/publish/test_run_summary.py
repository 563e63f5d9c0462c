"""Tests of publish.run_summary: the last lines of a run have results and paths."""

import records

from hepfold.publish import comparison, run_summary

ORIGIN = "events.csv.gz"
PATHS = {"readme": "README.md", "methods": "methods.md", "card": "model_card.md"}


def summary(*models: dict) -> str:
    table = comparison.all_merits([*models]).write_csv()
    return run_summary.text(f"{table}# checksum\n", PATHS, ["a.png", "b.png"])


def test_each_model_has_a_line_with_its_merits_and_uncertainties():
    lines = summary(records.FULL, records.record(model="forest")).splitlines()
    merits = f"weighted AUC 0.9234 ± 0.0021  AMS 3.30 ± 0.10  (higgsml, {ORIGIN})"
    assert [line for line in lines if ORIGIN in line] == [
        f"  mlp     {merits}",
        f"  forest  {merits}",
    ]


def test_the_summary_names_readme_and_figures_in_few_lines():
    text = summary(records.FULL)
    assert all(path in text for path in PATHS.values()) and "a.png, b.png" in text
    assert len(text.splitlines()) < 17


def test_a_merit_that_does_not_exist_is_a_dash():
    oof = records.FULL["oof"] | {"ams": None, "ams_unc": None}
    assert "AMS - ± -  (" in summary(records.record(oof=oof))


def test_uncertainties_are_total_ones_as_in_the_readme():
    oof = records.FULL["oof"] | {"ams_unc_total": 0.16}
    assert "AMS 3.30 ± 0.16  (" in summary(records.record(oof=oof))
