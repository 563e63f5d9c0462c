"""Tests of core.columns: codes stored in files."""

import public_sets

from hepfold.core import columns
from hepfold.data import reading_plan

# Ways to choose test events, other than the roles of the values of a column.
WAYS = ("last", "files", "column")


def test_labels_are_those_of_the_field():
    assert (columns.BACKGROUND, columns.SIGNAL) == (0, 1)


def test_every_role_of_a_test_column_is_a_subset():
    test = public_sets.DECLARED["higgsml"].test
    roles = [name for name in test.__struct_fields__ if name not in WAYS]
    assert set(roles) == set(reading_plan.ROLES) == set(columns.SUBSETS)
