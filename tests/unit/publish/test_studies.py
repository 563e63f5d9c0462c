"""Tests of publish.studies: published results against those of the run."""

import math

import msgspec
import polars as pl
import pytest
import records
from records import STUDY_ROW as ROW
from records import study

from hepfold.core import logs
from hepfold.publish import studies

SAME = "same events, hepfold"


def line(table: pl.DataFrame, merit: str, label: str = ROW["label"]) -> dict:
    return table.row(by_predicate=by(merit, label), named=True)


def by(merit: str, label: str) -> pl.Expr:
    return (pl.col("merit") == merit) & (pl.col("label") == label)


def test_each_row_has_each_figure_of_merit():
    table = studies.table(study({**ROW, "label": "other"}), [records.FULL])
    assert len(table) == 4
    cells = line(table, "private.ams")
    assert (cells["published"], cells["ours"]) == (3.381, 3.7012)
    assert cells["ours_unc"] == 0.0361 and cells["seed_sd"] is None


def test_seeds_are_averaged_and_their_spread_is_given():
    private = records.PRIVATE | {"ams": records.PRIVATE["ams"] + 0.02}
    second = records.FULL | {"model": "mlp_seed2", "private": private}
    other = records.FULL | {"model": "mlp_deep"}
    cells = line(studies.table(study(), [records.FULL, second, other]), "private.ams")
    assert cells["n_seeds"] == 2
    assert cells["ours"] == pytest.approx(records.PRIVATE["ams"] + 0.01)
    assert cells["seed_sd"] == pytest.approx(0.02 / 2**0.5)


@pytest.mark.parametrize(
    ("published", "remark", "note"),
    [
        (3.381, "", f"{SAME} is better (+8.9 standard deviations)"),
        (3.9, "few", f"{SAME} is worse (-5.5 standard deviations): few"),
        (3.9, "", f"{SAME} is worse (-5.5 standard deviations): reason unknown"),
        (
            3.7,
            "",
            "same events, no significant difference (+0.0 standard deviations)",
        ),
    ],
)
def test_the_note_compares_with_the_published_figure(published, remark, note):
    row = ROW | {"published": {"private.ams": published}, "remark": remark}
    table = studies.table(study(first=row), [records.FULL])
    assert line(table, "private.ams")["note"] == note


def test_smaller_losses_are_better():
    row = ROW | {"published": {"private.log_loss": 0.3}}
    losses = {"log_loss": 0.2, "log_loss_unc": 0.01}
    record = records.FULL | {"private": records.PRIVATE | losses}
    table = studies.table(study(first=row, merits=["private.log_loss"]), [record])
    cells = line(table, "private.log_loss")
    assert cells["note"].startswith(f"{SAME} is better")
    assert cells["n_sd"] == pytest.approx(10)


def test_a_published_uncertainty_counts():
    """The sum in quadrature: 3 and 4 make 5."""
    unc = records.PRIVATE["ams_unc"]
    published = records.PRIVATE["ams"] - 10 * unc
    row = ROW | {
        "published": {"private.ams": published},
        "uncertainties": {"private.ams": unc * 4 / 3},
        "uncertainty_kind": "error of 6 runs",
    }
    cells = line(studies.table(study(first=row), [records.FULL]), "private.ams")
    assert cells["n_sd"] == pytest.approx(10 / (5 / 3))


def test_seeds_replace_the_spread_of_a_single_training():
    """The mean of two trainings has the standard deviation over the root of two."""
    of_one = {"ams_unc_training": 1.0, "ams_unc_total": 1.0, "ams_unc_cut": 0.03}
    first = records.FULL | {"private": records.PRIVATE | of_one}
    private = records.PRIVATE | {"ams": records.PRIVATE["ams"] + 0.02}
    second = records.FULL | {"model": "mlp_seed2", "private": private}
    cells = line(studies.table(study(), [first, second]), "private.ams")
    expected = math.hypot(records.PRIVATE["ams_unc"], 0.03, 0.01)
    assert cells["ours_unc"] == pytest.approx(expected)


def test_a_figure_without_uncertainty_is_not_compared():
    private = {k: v for k, v in records.PRIVATE.items() if k != "ams_unc"}
    table = studies.table(study(), [records.FULL | {"private": private}])
    cells = line(table, "private.ams")
    assert cells["n_sd"] is None
    assert cells["note"] == "same events, not compared: no uncertainty is known"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"toy": True}, "toy events"),
        ({"private": records.PRIVATE | {"n_events": 9}}, "9 of 450,000 private events"),
    ],
)
def test_other_events_do_not_compare(changes, reason):
    table = studies.table(study(), [records.FULL | changes])
    note = line(table, "private.ams")["note"]
    assert note == f"not comparable: hepfold used {reason}"


def test_published_figures_for_other_events_do_not_compare():
    row = ROW | {"other_events": "validation events"}
    table = studies.table(study(first=row), [records.FULL])
    cells = line(table, "private.ams")
    assert cells["note"] == "not comparable: published for validation events"
    assert cells["is_comparable"] is False


@pytest.mark.parametrize(
    ("changes", "is_comparable"),
    [
        ({}, True),
        ({"toy": True}, False),
        ({"private": records.PRIVATE | {"n_events": 9}}, False),
    ],
)
def test_figures_compare_on_the_same_events(changes, is_comparable):
    """A row without a model is compared with the events of the other rows."""
    alone = ROW | {"label": "theirs", "model": None}
    table = studies.table(study(alone), [records.FULL | changes])
    for label in (ROW["label"], "theirs"):
        assert line(table, "private.ams", label)["is_comparable"] is is_comparable
        assert line(table, "oof.auc_weighted", label)["is_comparable"] is None


def test_a_published_uncertainty_is_shown_with_its_kind():
    row = ROW | {"uncertainties": {"private.ams": 0.005}}
    row |= {"published": {"private.ams": 3.803}, "uncertainty_kind": "error of 6 runs"}
    table = studies.table(study(first=row), [records.FULL])
    assert line(table, "private.ams")["published_unc"] == 0.005
    short = studies.rounded(table).row(0, named=True)
    assert short["private ams, published"] == "3.803 ± 0.005"
    assert short["source"] == "somewhere; ± is the error of 6 runs"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"uncertainties": {"oof.auc": 0.1}}, "oof.auc is not in published"),
        (
            {"uncertainties": {"private.ams": 0.1}},
            "uncertainties need uncertainty_kind",
        ),
    ],
)
def test_an_uncertainty_needs_a_figure_and_a_kind(changes, message):
    with pytest.raises(logs.InputError, match=message):
        study(first=ROW | changes)


def test_deviations_are_listed_in_the_page():
    declared = study()
    table = studies.table(declared, [records.FULL])
    costs = studies.cost_table(declared, records.COSTS)
    heading = "Deviations from the published work"
    assert heading not in studies.texts(declared, table, costs)["study.html"]
    deviating = msgspec.structs.replace(declared, deviations=("One seed.", "No GPU."))
    page = studies.texts(deviating, table, costs)["study.html"]
    assert heading in page and "One seed. No GPU." in page
    assert studies.UNCERTAINTIES in page


def test_a_row_can_be_published_only():
    alone = ROW | {"label": "theirs", "model": None, "is_verified": False}
    cells = line(studies.table(study(alone), [records.FULL]), "private.ams", "theirs")
    assert cells["ours"] is None and cells["note"] == "published only"
    assert cells["source"] == "somewhere (quoted, unverified)"


def test_the_rounded_table_has_one_line_per_row():
    alone = ROW | {"label": "theirs", "model": None}
    table = studies.table(study(alone), [records.FULL])
    short = studies.rounded(table)
    assert short["row"].to_list() == ["one network", "theirs"]
    assert short["private ams"].to_list() == ["3.70 ± 0.04", None]
    assert short["private ams, published"].to_list() == ["3.381", "3.381"]
    assert "oof auc_weighted, published" not in short.columns
    texts = studies.texts(study(), table, studies.cost_table(study(), records.COSTS))
    rows = [row[:3] for row in records.markdown_rows(texts["study.md"])]
    assert ["one network", "mlp", "3.381"] in rows


def test_costs_are_sums_over_folds_and_means_over_seeds():
    slow = [c | {"model": "slow", "seconds": 19.0} for c in records.COSTS]
    seed = [c | {"model": "mlp_seed2", "seconds": 12.0} for c in records.COSTS]
    rows = [ROW | {"label": "theirs", "model": None}, ROW | {"model": "slow"}]
    table = studies.cost_table(study(*rows), [*records.COSTS, *slow, *seed])
    assert table["model"].to_list() == ["mlp", "slow"]
    assert table["training, s"].to_list() == [20.0, 36.0]
    assert table["training, times the first"].to_list() == [1.0, 1.8]
    assert table["scoring, s"].to_list() == [2.0, 2.0]
