"""Tests of data.ingestion: every event is in one fold of one file."""

from types import SimpleNamespace

import numpy as np
import pytest

from hepfold.core import columns, logs
from hepfold.data import event_arrays, fold_file, folds, ingestion

LAYOUT = fold_file.Layout(("x",), {"n": (0.0, 1.0)})


def events(first: int, n_events: int) -> event_arrays.Events:
    number = np.arange(first, first + n_events)
    is_test = number % 5 == 4
    names = (columns.TEST, columns.TRAIN)
    test, train = (columns.SUBSETS.index(name) for name in names)
    return event_arrays.Events(
        inputs=np.stack([number, number % 3], axis=1).astype("f4"),
        label=(number % 2).astype("i1"),
        weight=number / 7,
        event_id=number,
        subset=np.where(is_test, test, train).astype("u1"),
        extra={},
    )


def test_events_go_to_the_folds_of_their_ids(tmp_path):
    counted = []
    reader = SimpleNamespace(
        plan=SimpleNamespace(declared=SimpleNamespace(id="number")),
        count_subsets=lambda part, is_train: counted.append(is_train.sum()),
    )
    paths = [str(tmp_path / name) for name in ("train.h5", "test.h5")]
    with (
        fold_file.writing(paths[0], 3, LAYOUT, {}) as train,
        fold_file.writing(paths[1], 3, LAYOUT, {}) as test,
    ):
        parts = [events(0, 100), events(100, 50)]
        sums = ingestion.write(reader, parts, train, test, 7)
    assert counted == [80, 40]
    for path, is_test in zip(paths, (False, True), strict=True):
        assert fold_file.read_layout(path).others == ("n",)
        for i_fold in range(3):
            ids = fold_file.read(path, [i_fold]).event_id
            assert (folds.assign(ids, 7, 3) == i_fold).all()
            assert ((ids % 5 == 4) == is_test).all()
        assert len(fold_file.read(path)) == (30 if is_test else 120)
    np.testing.assert_allclose(sums.sums.sum(), sum(range(150)) / 7)


def sums_of(train: list, test: list) -> folds.WeightSums:
    """Sums with numbers of events (n_folds, n_classes), all of weight one."""
    sums = folds.WeightSums(2)
    for name, counts in ((columns.TRAIN, train), (columns.TEST, test)):
        sums.counts[columns.SUBSETS.index(name)] = counts
    sums.sums[:] = sums.counts
    return sums


def test_a_class_without_enough_events_is_reported():
    def check_selected():
        raise logs.InputError("no signal event")

    enough = [[30, 30], [30, 30]]
    plan = SimpleNamespace(setting="datasets.own")
    reader = SimpleNamespace(check_selected=check_selected, plan=plan)
    with pytest.raises(logs.InputError, match="no signal event"):
        ingestion.check(reader, sums_of(enough, enough))
    reader = SimpleNamespace(check_selected=lambda: None, plan=plan)
    ingestion.check(reader, sums_of(enough, enough))
    with pytest.raises(logs.InputError, match="fold 1 of 2 has no signal"):
        ingestion.check(reader, sums_of([[30, 30], [30, 0]], enough))
    with pytest.raises(logs.InputError, match="0 background events in the subset test"):
        ingestion.check(reader, sums_of(enough, [[0, 30], [0, 30]]))
    sums = sums_of(enough, enough)
    sums.sums[0, 0, 1] = -1
    with pytest.raises(logs.InputError, match="weights"):
        ingestion.check(reader, sums)
