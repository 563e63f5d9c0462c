"""A multi-class model from a fold file to merged scores, as the steps do it."""

import dataclasses

import class_samples
import declarations
import numpy as np
import polars as pl
import pytest
import samples

import train_fold
from hepfold.analysis import score_tables
from hepfold.core import columns, files
from hepfold.data import event_classes, fold_file
from hepfold.models import zoo

pytestmark = pytest.mark.slow

GROUPS = {"signal": ["ttH"], "top": ["ttbar"], "boson": ["ttW", "ttZ"]}
LABELS = ("background", "signal")
DECLARED = declarations.parse(
    {
        "title": "ttH",
        "features": ["x0", "x1", "x2", "x3"],
        "processes": {
            name: {"files": f"{name}.root", "label": LABELS[label]}
            for name, label in zip(
                class_samples.NAMES, class_samples.LABELS, strict=True
            )
        },
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Fold files of training events, a few with negative weights, and test events."""
    path = tmp_path_factory.mktemp("classes")
    layout, made_by = declarations.layout(DECLARED), declarations.made_by(DECLARED)
    for name, n, seed in (("train", 800, 1), ("test", 300, 2)):
        events = class_samples.events(n, seed)
        sign = np.where(np.arange(n) % 20 == 2, -1.0, 1.0)
        events = dataclasses.replace(
            events,
            weight=events.weight * sign,
            subset=np.full(n, columns.SUBSETS.index(name), "u1"),
            extra={columns.PROCESS: events.extra[columns.PROCESS].astype("u2")},
        )
        with fold_file.writing(str(path / name), 2, layout, made_by) as writer:
            writer.append(events, np.arange(n) // 4 % 2)
    return path


@pytest.fixture(scope="module")
def tables(folder) -> list[pl.DataFrame]:
    """Scores of both folds."""
    for fold in range(2):
        params = samples.record(classes=GROUPS, n_epochs=2) | {
            "wildcards": {"dataset": "tth", "model": "mlp", "fold": str(fold)},
            "negative_weights": "absolute",
            "spectrum": None,
            "n_folds": 2,
            "seed": 5,
        }
        train_fold.train_fold(
            str(folder / "train"),
            str(folder / "test"),
            None,
            [],
            params,
            1,
            [30, 900],
            str(folder / f"{fold}.safetensors"),
            str(folder / f"{fold}.csv"),
            str(folder / f"{fold}.parquet"),
            str(folder / f"{fold}.json"),
        )
    return [files.read_table(str(folder / f"{fold}.parquet")) for fold in range(2)]


def probabilities(table: pl.DataFrame) -> np.ndarray:
    """Probabilities (n_events, n_classes) of the groups."""
    return table.select(event_classes.PROBABILITY + name for name in GROUPS).to_numpy()


def test_shares_are_those_of_the_signed_events_of_the_training_fold(folder, tables):
    events = fold_file.read(str(folder / "train"), [1])
    sums = np.bincount(events.extra[columns.PROCESS], events.weight)
    schema = zoo.load(str(folder / "0.safetensors"), "cpu").preparation.schema
    assert schema.class_names == tuple(GROUPS) and schema.class_labels == (1, 0, 0)
    top, boson = sums[1], sums[2] + sums[3]
    expected = (1.0, top / (top + boson), boson / (top + boson))
    np.testing.assert_allclose(schema.class_shares, expected)


def test_every_event_has_a_probability_of_each_class_beside_its_score(tables):
    for table in tables:
        np.testing.assert_allclose(probabilities(table).sum(axis=1), 1, rtol=1e-5)
        assert table["score"].is_between(0, 1).all()


def test_probabilities_of_test_events_are_the_mean_over_folds(tables):
    merged = score_tables.merge_scores(tables)
    of_test = merged.filter(subset="test")
    each = [
        of_test.select("process", "event_id").join(
            table.filter(subset="test"),
            on=["process", "event_id"],
            maintain_order="left",
        )
        for table in tables
    ]
    assert (probabilities(each[0]) != probabilities(each[1])).any()
    mean = (probabilities(each[0]) + probabilities(each[1])) / 2
    np.testing.assert_allclose(probabilities(of_test), mean, rtol=1e-5)
