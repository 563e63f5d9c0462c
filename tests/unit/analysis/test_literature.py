"""Tests of analysis.literature: which results compare with published ones."""

import re

import public_sets
import pytest
import records

from hepfold.analysis import literature

MELIS = next(f for f in literature.FIGURES if f.value == 3.80581)


def test_the_same_events_compare():
    assert literature.difference(records.FULL, MELIS) is None


def test_toy_events_never_compare():
    for figure in literature.FIGURES:
        for subsets in ({}, {"public": records.PUBLIC, "private": records.PRIVATE}):
            toys = records.record(
                dataset=figure.dataset, toy=True, test=records.PRIVATE, **subsets
            )
            assert literature.difference(toys, figure) == "toy events"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"private": {"n_events": 449_999}}, "449,999 of 450,000 private events"),
        ({"oof": {"n_events": 17_167}}, "17,167 of 250,000 out-of-fold events"),
        (
            {"trained_with": {"model": {"features": "low_level"}}},
            "other features: low_level",
        ),
        (
            {"trained_with": {"model": {"features": "all", "n_events": 1000}}},
            "a part of the training events",
        ),
    ],
)
def test_other_events_or_features_do_not_compare(changes, reason):
    assert literature.difference(records.FULL | changes, MELIS) == reason


def test_a_blend_compares_if_all_of_its_parts_do():
    part, other = {"features": "all"}, {"features": "low_level"}
    for parts, reason in (
        ({"mlp": part, "xgboost": part}, None),
        ({"mlp": part, "xgboost": other}, "other features: low_level"),
    ):
        trained = {"model": {"kind": "blend", "of": list(parts)}, "parts": parts}
        blend = records.FULL | {"trained_with": trained}
        assert literature.difference(blend, MELIS) == reason


def test_events_that_are_absent_do_not_compare():
    assert literature.difference(records.record(), MELIS) == "no private events"


def test_the_sets_of_hepmass_differ_by_their_files():
    figure = literature.Figure("hepmass", "x", "test", "auc", 0.9, "y")
    events = {"oof": {"n_events": 7_000_000}, "test": {"n_events": 3_500_000}}
    record = records.record(dataset="hepmass")
    official = record | {"source": ["a/all_train.csv.gz", "a/all_test.csv.gz"]}
    other = record | {"source": ["a/1000_train.csv.gz", "a/1000_test.csv.gz"]}
    assert literature.difference(official | events, figure) is None
    assert literature.difference(other | events, figure) == "another set of events"


def test_each_uncertainty_has_a_kind():
    for figure in literature.FIGURES:
        assert bool(figure.unc_kind) or figure.unc is None


def test_figures_are_of_known_data_and_possible():
    for figure in literature.FIGURES:
        assert figure.dataset in public_sets.DATASETS
        assert figure.subset in literature.OFFICIAL[figure.dataset].n_events
        assert figure.source
        if figure.merit == "auc":
            assert 0.5 < figure.value < 1


def test_no_published_figure_is_shown_with_toy_events():
    any_merit = re.compile(".*")
    official = records.record(dataset="hepmass")
    figures = literature.published_figures(official, any_merit)
    assert [f.merit for f in figures][:2] == ["auc_500", "auc_750"]
    assert literature.published_figures(official | {"toy": True}, any_merit) == []
    assert literature.published_figures(official, re.compile("ams")) == []
