"""Tests of core.merit_records: which uncertainty is quoted."""

from hepfold.core import merit_records


def test_the_quoted_uncertainty_is_the_total_if_there_is_one():
    assert merit_records.quoted_unc({"a_unc": 1.0, "a_unc_total": 2.0}, "a") == 2.0
    assert merit_records.quoted_unc({"a_unc": 1.0}, "a") == 1.0
    assert merit_records.quoted_unc({}, "a") is None
