"""Tests of analysis.replica_tables: what is written is read again."""

import numpy as np

from hepfold.analysis import replica_tables


def test_a_subset_has_its_arrays_back():
    rng = np.random.default_rng(1)
    names = (*replica_tables.COMPARED, "log_loss")
    replicas = {
        subset: {name: rng.random(4) for name in names} for subset in ("oof", "test")
    }
    table = replica_tables.of_subsets(replicas)
    assert table.columns == ["subset", *replica_tables.COMPARED] and len(table) == 8
    for subset, by_name in replicas.items():
        again = replica_tables.of_subset(table, subset)
        for name in replica_tables.COMPARED:
            np.testing.assert_array_equal(again[name], by_name[name])
