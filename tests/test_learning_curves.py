"""Tests of the steps of learning curves: every score is out of fold."""

import dataclasses
import json

import declarations
import numpy as np
import polars as pl
import public_sets
import pytest
import samples

import fit_learning_curve
import train_fraction
from hepfold.core import files, parsing
from hepfold.data import fold_file
from hepfold.training import fit

N_FOLDS, N_EVENTS = 3, 3000
FRACTIONS = (0.02, 0.1, 0.2, 0.5)
DECLARED = public_sets.DECLARED["higgs"]


@pytest.fixture(scope="module")
def train_path(tmp_path_factory) -> str:
    """A fold file in which the first feature tells the class, with noise."""
    part = declarations.blank_events(DECLARED, N_EVENTS)
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=part.inputs.shape).astype("f4")
    inputs[:, 0] += part.label
    path = str(tmp_path_factory.mktemp("folds") / "train.h5")
    layout, made_by = declarations.layout(DECLARED), declarations.made_by(DECLARED)
    with fold_file.writing(path, N_FOLDS, layout, made_by) as writer:
        part = dataclasses.replace(part, inputs=inputs)
        writer.append(part, np.arange(N_EVENTS) % N_FOLDS)
    return path


class KnownModel:
    """Scores by the first feature, less precisely with fewer training events."""

    def __init__(self, events):
        self.n_events = len(events)
        self.ids = set(events.event_id.tolist())

    def score(self, inputs):
        rng = np.random.default_rng(self.n_events)
        noise = rng.normal(size=len(inputs)) * (100 / self.n_events) ** 0.5
        return 1 / (1 + np.exp(-inputs[:, 0] - noise))


@pytest.fixture
def trained(monkeypatch) -> list[KnownModel]:
    """The models that are trained, in order."""
    models = []

    def train(events, schema, model, training, seed, checkpoint):
        models.append(KnownModel(events))
        return models[-1], pl.DataFrame()

    monkeypatch.setattr(fit, "train", train)
    return models


def written(train_path: str, fold: int, fraction: float, path: str) -> pl.DataFrame:
    """The scores of a model that is trained on a fraction."""
    model = samples.model()
    names = {"dataset": "higgs", "model": "mlp", "fold": str(fold)}
    params = {
        "wildcards": names | {"fraction": str(fraction)},
        "seed": 1,
        "n_folds": N_FOLDS,
        "model": parsing.as_dict(model),
        "negative_weights": "absolute",
        "spectrum": None,
        "training": parsing.as_dict(samples.TRAINING),
    }
    train_fraction.train_fraction(train_path, None, params, 1, path)
    return files.read_table(path)


@pytest.mark.parametrize("fold", range(N_FOLDS))
def test_every_score_is_out_of_fold_and_subsets_are_nested(
    train_path, trained, tmp_path, fold
):
    for fraction in (0.1, 0.5):
        table = written(train_path, fold, fraction, str(tmp_path / "scores.parquet"))
        assert set(table["event_id"] % N_FOLDS) == {fold}
        assert len(table) == N_EVENTS // N_FOLDS
        assert table["n_training_events"][0] == fraction * table["n_all_events"][0]
        assert table["n_all_events"][0] == 2000
    small, large = (model.ids for model in trained)
    assert small < large
    assert not {i % N_FOLDS for i in large} & {fold}


def test_a_model_is_not_trained_on_too_few_events(train_path, trained, tmp_path):
    table = written(train_path, 0, 0.02, str(tmp_path / "scores.parquet"))
    assert table["n_training_events"][0] == 40 and trained == []
    assert table["score"].is_nan().all()


@pytest.mark.slow
def test_the_curve_joins_fractions_and_the_full_training(train_path, trained, tmp_path):
    paths = {
        (fold, fraction): str(tmp_path / f"{fold}_{fraction}.parquet")
        for fold in range(N_FOLDS)
        for fraction in (*FRACTIONS, 1.0)
    }
    for (fold, fraction), path in paths.items():
        written(train_path, fold, fraction, path)
    points, law, record = (tmp_path / name for name in ("p.csv", "l.csv", "f.json"))
    fit_learning_curve.fit_learning_curve(
        train_path,
        [path for (_, fraction), path in paths.items() if fraction < 1],
        [path for (_, fraction), path in paths.items() if fraction == 1],
        {"wildcards": {"dataset": "higgs", "model": "mlp"}, "extrapolate_to": 10.0},
        str(points),
        str(law),
        str(record),
    )
    table = pl.read_csv(points)
    assert table["n_training_events"].to_list() == [40, 200, 400, 1000, 2000]
    assert table["n_trainings"].to_list() == [0, 3, 3, 3, 3]
    assert table["auc"].drop_nulls().is_sorted()
    fitted = json.loads(record.read_text())
    assert fitted["toy"] and not fitted["is_weighted"] and fitted["n_folds"] == 3
