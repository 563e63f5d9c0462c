"""Tests of data.reading_plan: what is read of a file, and codes made of it."""

import declarations
import numpy as np
import public_sets
import pytest

from hepfold.core import columns, logs
from hepfold.data import datasets, raw_tables, reading_plan

NUMBER32, NUMBER64 = raw_tables.NUMBER32, raw_tables.NUMBER64
INTEGER, TEXT, ANY = raw_tables.INTEGER, raw_tables.TEXT, raw_tables.ANY
BASE = {
    "title": "x",
    "files": "a.csv",
    "label": {"column": "y", "signal": 1, "background": 0},
    "features": ["x", "z"],
}


def kinds(has_truth: bool = True, **changes) -> dict[str, str]:
    declared = declarations.parse(BASE, **changes)
    (sample,) = declarations.samples(declared)
    return declarations.plan(declared).kinds(sample if has_truth else bare(sample))


def bare(sample):
    """The sample as if it had no truth."""
    return type(sample)(sample.setting, sample.files, sample.tree, has_truth=False)


def test_only_what_is_used_is_read():
    assert kinds() == {"x": NUMBER32, "z": NUMBER32, "y": ANY}
    assert kinds(has_truth=False) == {"x": NUMBER32, "z": NUMBER32}
    defined = {"z": "a * sqrt(b)", "unused": "k"}
    assert kinds(define=defined, weight="w1 * w2", id="n", keep=["run", "x"]) == {
        "x": NUMBER64,
        "run": NUMBER64,
        "y": ANY,
        "n": INTEGER,
        **dict.fromkeys(("a", "b", "w1", "w2"), ANY),
    }


def test_columns_of_selections_regions_and_tests_are_read():
    read = kinds(select="s > 1", regions={"SR": "r > 0"}, test="n % 2 == 0")
    assert set(read) == {"x", "z", "y", "s", "r", "n"}
    without_truth = kinds(False, select="s > 1", regions={"SR": "r > 0"}, test="n > 1")
    assert set(without_truth) == {"x", "z", "r"}


@pytest.mark.parametrize(
    ("signal", "background", "kind"),
    [(1, 0, ANY), ([1, 2.5], [0], ANY), ("s", "b", TEXT), (1, "b", TEXT)],
)
def test_text_is_read_where_a_value_is_text(signal, background, kind):
    label = {"column": "y", "signal": signal, "background": background}
    assert kinds(label=label)["y"] == kind
    test = {"column": "set", "train": signal, "public": background}
    assert kinds(test=test)["set"] == kind


def test_names_of_the_file_are_read_and_names_of_the_declaration_come_back():
    names = {"x": "x-1", "y": "truth", "run": "Run.run"}
    declared = declarations.parse(BASE, rename=names, keep=["run"])
    (sample,) = declarations.samples(declared)
    plan = declarations.plan(declared)
    assert set(plan.kinds(sample)) == {"x-1", "z", "truth", "Run.run"}
    table = raw_tables.RawTable(
        {name: np.ones(1) for name in plan.kinds(sample)},
        "a.csv, line",
        2,
        1,
        np.ones((1, 2), "f4"),
        ("x-1", "z"),
    )
    renamed = plan.renamed(table)
    assert set(renamed.columns) == {"x", "z", "y", "run"}
    assert renamed.matrix_names == ("x", "z")


def test_names_may_be_exchanged():
    plan = declarations.plan(declarations.parse(BASE, rename={"x": "z", "z": "x"}))
    table = raw_tables.RawTable({"x": np.zeros(1), "z": np.ones(1)}, "a", 0, 1)
    assert plan.renamed(table).columns["x"].tolist() == [1]


def test_what_files_do_not_have_is_left_out():
    declared = declarations.parse(
        public_sets.VALUES["higgsml"] | {"files": "a.csv"},
        rename=dict.fromkeys(("EventId", "Weight", "KaggleSet", "KaggleWeight")),
    )
    present = datasets.present(declared)
    assert (present.id, present.weight, present.test, present.keep) == (
        None,
        None,
        None,
        (),
    )
    (sample,) = declarations.samples(present)
    features = public_sets.DATASETS["higgsml"].features
    assert set(declarations.plan(declared).kinds(sample)) == {*features, "Label"}


def test_a_spectrum_that_is_no_feature_is_kept():
    spectrum = {"feature": "mass", "title": "mass"}
    declared = declarations.parse(BASE, keep=["run"], spectrum=spectrum)
    assert reading_plan.extra_names(declared) == ("run", "mass")
    spectrum = {"feature": "x", "title": "x"}
    declared = declarations.parse(BASE, keep=["x"], spectrum=spectrum)
    assert reading_plan.extra_names(declared) == ("x",)


def test_other_values_of_a_category_share_one_code():
    values = np.array([2, 0, 5, np.nan, -1, 2.5, 0.1], "f4")
    codes = reading_plan.category_codes(values, (0.0, 2.0, 0.1))
    assert codes.tolist() == [1, 0, 3, 3, 3, 3, 2]
    assert codes.dtype == np.float32


@pytest.mark.parametrize(
    ("value", "missing_is_valid", "reason"),
    [
        (np.nan, False, "the value is missing"),
        (np.inf, True, "the value is inf, which is not finite"),
        (-np.inf, False, "the value is -inf, which is not finite"),
    ],
)
def test_values_that_are_not_finite_are_reported(value, missing_is_valid, reason):
    table = raw_tables.RawTable({}, "a.csv, line", 2, 3)
    values = np.array([1, 2, value])
    with pytest.raises(logs.InputError) as error:
        reading_plan.check_finite(values, table, "pt", missing_is_valid)
    assert str(error.value) == f"a.csv, line 4, pt: {reason}"


def test_missing_values_of_features_are_valid():
    table = raw_tables.RawTable({}, "a.csv, line", 2, 2)
    reading_plan.check_finite(np.array([1, np.nan]), table, "pt")
    reading_plan.check_finite(np.array([1, 2]), table, "w", missing_is_valid=False)


REGIONS = {"SR": "n >= 2", "CR": "n < 2 && n > 0", "VR": "n == -1"}


def regions(texts: dict, values: list) -> np.ndarray:
    plan = declarations.plan(declarations.parse(BASE, regions=texts))
    values = np.array(values, "f8")
    table = raw_tables.RawTable({"n": values}, "a.csv, line", 2, len(values))
    return plan.region(table, plan.variables.of(table.columns, len(values)))


def test_regions_are_numbered_from_one():
    assert regions(REGIONS, [2, 0, 1, -1, np.nan, 7]).tolist() == [1, 0, 2, 3, 0, 1]
    assert regions(REGIONS, []).tolist() == []
    assert regions(REGIONS, [1]).dtype == np.uint8


def test_regions_exclude_each_other():
    with pytest.raises(logs.InputError) as error:
        regions(REGIONS | {"VR": "n == 1"}, [0, 2, 1, 3])
    assert str(error.value) == (
        "a.csv, line 4: in the regions CR and VR; datasets.own.regions must exclude "
        "each other"
    )


def subsets(test, column: str, values) -> list[str]:
    declared = declarations.parse(BASE, test=test)
    plan = declarations.plan(declared)
    (sample,) = declarations.samples(declared)
    table = raw_tables.RawTable({column: np.array(values)}, "a", 0, len(values))
    variables = plan.variables.of(table.columns, len(values))
    codes = plan.subset(sample, variables, table)
    assert codes.dtype == np.uint8
    return [columns.SUBSETS[code] for code in codes]


def test_test_events_follow_an_expression_of_exact_integers():
    ids = 5 * 2**58 + np.arange(5)
    expected = ["train"] * 4 + ["test"]
    assert subsets("n % 5 == 4", "n", ids) == expected
    assert subsets("x > 1", "x", [2.0, np.nan, 1.0]) == ["test", "train", "train"]


def test_test_events_follow_a_column():
    roles = {"train": ["t", "T"], "public": "b", "private": "v", "unused": "u"}
    values = [b"t", b"u", b"v", b"b", b"T"]
    expected = ["train", "unused", "private", "public", "train"]
    assert subsets({"column": "s"} | roles, "s", values) == expected
    by_number = {"column": "s", "train": 0, "test": [1, 2]}
    assert subsets(by_number, "s", [0, 2, 1]) == ["train", "test", "test"]
    with pytest.raises(logs.InputError, match="a 1, column 's': 3 is not one of 0, 1"):
        subsets(by_number, "s", [0, 3])
