"""Tests of publish.blend_tables."""

import records

from hepfold.publish import blend_tables

FITS = [
    {
        "dataset": "higgsml",
        "model": "blend",
        "fold": fold,
        "weights": {"mlp": 0.5 + 0.1 * fold, "xgboost": 0.4},
        "log_loss": 0.3,
        "n_events": 100,
        "log_loss_of_parts": [0.31, 0.32 + 0.02 * fold],
    }
    for fold in range(2)
]


def test_the_table_has_each_part_in_each_fold():
    table = blend_tables.table(FITS)
    assert table["part"].to_list() == ["mlp", "xgboost"] * 2
    assert table["weight"].to_list() == [0.5, 0.4, 0.6, 0.4]
    assert table["fold"].to_list() == [0, 0, 1, 1]
    assert table["log_loss"].to_list() == [0.31, 0.32, 0.31, 0.34]


def test_the_text_has_the_weights_of_all_folds_in_a_row():
    other = [record | {"model": "other"} for record in FITS]
    text = blend_tables.text(blend_tables.table(FITS + other))
    rows = records.markdown_rows(text)[2:]
    expected = [
        ["mlp", "0.500, 0.600", "0.31000"],
        ["xgboost", "0.400, 0.400", "0.33000"],
        ["all", "-", "0.30000"],
    ]
    assert rows == [
        ["higgsml", name, *row] for name in ("blend", "other") for row in expected
    ]
    assert "none is negative" in text


def test_the_page_has_the_same_table():
    page = blend_tables.page(blend_tables.table(FITS))
    assert "0.500, 0.600" in page and "<h1>Weights of blends</h1>" in page
