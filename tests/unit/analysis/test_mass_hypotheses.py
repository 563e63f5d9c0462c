"""Tests of analysis.mass_hypotheses: the table of AUCs has a row per mass."""

from hepfold.analysis import mass_hypotheses

MASSES = (500, 750, 1000)
AUCS = {f"auc_{mass}": mass / 1000 for mass in MASSES}
AUCS |= {f"auc_{mass}_unc": 0.01 for mass in MASSES}


def test_the_table_shows_where_a_model_was_trained():
    records = [
        {
            "oof": {"auc": 0.8, **AUCS},
            "dataset": "hepmass",
            "model": model,
            "trained_with": {"model": {"hypotheses": chosen}},
        }
        for model, chosen in (("all", None), ("two", [500, 1000]))
    ]
    table = mass_hypotheses.table(records)
    assert table["mass_hypothesis"].to_list() == [500, 750, 1000] * 2
    assert table["trained"].to_list() == [True] * 4 + [False, True]
    assert table["auc"].to_list() == [0.5, 0.75, 1.0] * 2
    assert set(table["subset"]) == {"oof"}
    assert mass_hypotheses.table([]).columns == table.columns
