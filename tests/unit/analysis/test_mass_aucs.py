"""Tests of analysis.mass_aucs: the table of AUCs of records."""

from hepfold.analysis import mass_aucs

AUCS = {"auc_500": 1.0, "auc_500_unc": 0.1, "auc_750": 0.0, "auc_750_unc": 0.2}


def test_the_table_marks_the_masses_that_a_model_was_trained_at():
    records = [
        {
            "dataset": "hepmass",
            "model": model,
            "trained_with": {"model": settings},
            "oof": {"auc": 0.5, **AUCS},
        }
        for model, settings in (("blend", {}), ("one_mass", {"hypotheses": [500]}))
    ]
    table = mass_aucs.table(records)
    assert table["mass_hypothesis"].to_list() == [500, 750] * 2
    assert table["trained"].to_list() == [True, True, True, False]
    assert table["auc"].to_list() == [1.0, 0.0] * 2
    assert table["auc_unc"].to_list() == [0.1, 0.2] * 2
    assert set(table["subset"]) == {"oof"}
    assert mass_aucs.table([]).schema == table.schema
