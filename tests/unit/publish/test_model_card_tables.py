"""Tests of publish.model_card_tables: models, inputs and cuts."""

import public_sets
import records

from hepfold.core import parsing, settings, settings_models
from hepfold.publish import model_card_tables

DECLARED = public_sets.DECLARED["higgsml"]


def statistics(feature: str, label: int, low, high, n_missing: int = 0) -> dict:
    n_events = 10 - n_missing
    values = {"minimum": low, "maximum": high}
    counts = {"n_events": n_events, "n_missing": n_missing}
    return {"feature": feature, "label": label, **values, **counts}


def test_ranges_are_those_of_both_classes():
    rows = [
        statistics("x", 0, -1.0, 2.0),
        statistics("x", 1, 0.0, 5.0, 5),
        statistics("y", 0, None, None, 10),
        statistics("y", 1, None, None, 10),
    ]
    card = {"features": rows, "categories": {"x": [-1.0, 5.0]}}
    x, y = model_card_tables.input_table(["x", "y"], card).rows(named=True)
    assert (x["lowest"], x["highest"], x["missing"]) == (-1.0, 5.0, "25.0%")
    assert x["values"] == "-1, 5"
    assert (y["lowest"], y["missing"], y["values"]) == (None, "100.0%", "")


def test_inputs_are_in_the_order_of_the_fold_file():
    features = model_card_tables.features(records.FULL, DECLARED)
    assert features == public_sets.DATASETS["higgsml"].features
    assert features[-1] == "PRI_jet_num"


def test_a_blend_needs_the_inputs_of_all_parts():
    sets = public_sets.DATASETS["higgsml"].feature_sets
    parts = {
        name: parsing.as_dict(settings_models.MLP(features=name))
        for name in ("low_level", "high_level")
    }
    blend = parsing.as_dict(settings_models.Blend(tuple(parts)))
    record = records.record(trained_with={"model": blend, "parts": parts})
    features = model_card_tables.features(record, DECLARED)
    assert set(features) == {*sets["low_level"], *sets["high_level"]}


def test_models_with_the_same_inputs_share_a_table():
    rows = [
        statistics(name, label, 0.0, 1.0)
        for name in public_sets.DATASETS["higgsml"].features
        for label in (0, 1)
    ]
    card = {"dataset": "higgsml", "features": rows, "categories": {}}
    config = parsing.parse(records.ORIGIN["config"], settings.Configuration)
    both = [records.FULL, records.record(model="other")]
    (table,) = model_card_tables.inputs(both, [card], config)
    assert table.startswith("`mlp` and `other` on higgsml:")


def test_only_files_of_the_folder_are_named():
    path = "models/higgsml/mlp/ensemble.onnx"
    (row,) = model_card_tables.models([records.FULL], {path}).rows(named=True)
    assert row["file"] == f"`{path}`" and row["kind"] == "mlp"
    (row,) = model_card_tables.models([records.FULL], set()).rows(named=True)
    assert row["file"] == "-"


def test_every_figure_of_merit_has_its_cut():
    cuts = model_card_tables.cuts([records.FULL])
    assert dict(cuts.select("figure of merit", "cut").rows())["ams"] == "0.9"
    assert len(cuts) == 3
