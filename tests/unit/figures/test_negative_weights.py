"""Figures of events with many negative weights: drawn, with all that is positive."""

import functools
import warnings

import figure_samples
import numpy as np
import polars as pl
import process_samples
import public_sets
import pytest
import samples
import signed
from tests.conftest import of_folds

from hepfold.analysis import merits
from hepfold.core import columns, parsing, settings
from hepfold.data import event_arrays, fold_file
from hepfold.figures import (
    compare_rocs,
    plot_ams,
    plot_correlations,
    plot_features,
    plot_reliability,
    plot_roc,
    plot_scores,
    plot_sculpting,
    style,
)
from hepfold.publish import data_card, hepdata

N, B_REG = 600, 10.0
EVALUATION = settings.Evaluation(n_replicas=20, working_points=(0.3, 0.7))
DECLARED = public_sets.DECLARED["higgsml"]
ROLES = public_sets.DATASETS["higgsml"]
# The first is the mass.
LAYOUT = fold_file.Layout(
    ROLES.continuous[:5],
    ROLES.categorical,
    processes=("background", "signal"),
    extra=(columns.PROCESS,),
)
CLASSES = [vars(process) for process in process_samples.CLASSES]
MADE_BY = {
    "toy": True,
    "cut_flow": [],
    "n_equal": 0,
    "source": ["toy"],
    "source_sha256": ["abc"],
    "units": {},
    "settings": {"n_folds": 2, "seed": 7},
}


@pytest.fixture(scope="module")
def scores() -> pl.DataFrame:
    """Out-of-fold and test events, of which a third has negative weights."""
    rng = np.random.default_rng(3)
    label = rng.integers(0, 2, N)
    names = {"dataset": "higgsml", "model": "mlp"}
    return pl.DataFrame(
        names
        | {"event_id": np.arange(N), "fold": np.arange(N) % 2, "label": label}
        | {"subset": ["train", "train", "private"] * (N // 3)}
        | {"weight": signed.signed_weights(N, 0.33, 5)}
        | {"score": 1 / (1 + np.exp(-rng.normal(label)))}
    ).with_columns(calibrated=pl.col("score") ** 2)


@pytest.fixture(scope="module")
def record(scores) -> dict:
    names = figure_samples.RECORD
    expected = DECLARED.normalization
    folds = of_folds(scores)
    of_events, _ = merits.figures_of_merit(folds, expected, B_REG, EVALUATION, seed=1)
    return {**names, "settings": {"b_reg": B_REG}, **of_events}


@pytest.fixture(scope="module")
def train(scores, tmp_path_factory) -> str:
    """The fold file of the events, whose features include a mass."""
    rng = np.random.default_rng(1)
    inputs = rng.exponential(100, (N, len(LAYOUT.features)))
    inputs[:, -1] = rng.integers(0, 4, N)
    weight = scores["weight"].to_numpy()
    label = scores["label"].to_numpy()
    part = samples.events_of(inputs, label, weight)
    part.extra[columns.PROCESS] = label.astype("u2")
    path = str(tmp_path_factory.mktemp("folds") / "train.h5")
    with fold_file.writing(path, 1, LAYOUT, MADE_BY) as writer:
        writer.append(part, np.zeros(N, int))
    return path


@pytest.fixture(scope="module")
def card(train) -> dict:
    def parts() -> list[event_arrays.Events]:
        return list(fold_file.read_parts(train))

    counted = data_card.count_events(parts(), lambda part: part.event_id % 2)
    table = data_card.feature_table(parts, LAYOUT.features, LAYOUT.categorical)
    settings = figure_samples.RECORD | {"is_public": True}
    settings |= {"wildcards": {"dataset": "higgsml"}}
    return data_card.card(settings, counted, table, LAYOUT.categorical, MADE_BY)


@pytest.fixture(scope="module")
def drawn(scores, record, train, card, tmp_path_factory):
    """A function that draws a figure by name once, with warnings as errors."""
    makers = {
        "roc": lambda: plot_roc.plot_roc(scores, record, 20, 1, 1),
        "rocs": lambda: compare_rocs.compare_rocs([draw("roc")], [record]),
        "ams": lambda: plot_ams.plot_ams(scores, record, 20, 1, 1),
        "scores": lambda: plot_scores.plot_scores(scores, record, CLASSES),
        "reliability": lambda: plot_reliability.plot_reliability(scores, record),
        "sculpting": lambda: plot_sculpting.plot_sculpting(
            scores, record, train, parsing.as_dict(DECLARED.spectrum), 1
        ),
        "features": lambda: plot_features.plot_features(card, train),
        "correlations": lambda: plot_correlations.plot_correlations(card, train),
    }
    path = tmp_path_factory.mktemp("figures") / "figure.png"

    @functools.cache
    def draw(name: str) -> pl.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            drawings = makers[name]()
            for drawing in drawings.values():
                drawing.figure.savefig(path, dpi=20)
        return drawings[name].table

    return draw


FIGURES = ["ams", "reliability"]
LONG = ["roc", "scores", "sculpting", "rocs", "features", "correlations"]


@pytest.mark.parametrize(
    "name", [*FIGURES, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]
)
def test_figures_are_drawn_without_warnings_or_nan(drawn, name):
    table = drawn(name)
    for column in table.iter_columns():
        if column.dtype.is_float():
            assert not column.is_nan().any(), column.name


@pytest.mark.parametrize("name", ["roc", "ams", "scores"])
def test_tables_become_a_submission(drawn, name):
    table = drawn(name)
    declared = {"reactions": [], "energy_gev": None, "keywords": []}
    by_name = dict.fromkeys(table["dataset"], declared)
    files = hepdata.texts([(name, table)], by_name, "Toy events.", "abc")
    assert len(files) == 3 and not any("nan" in text for text in files.values())


def test_an_axis_reaches_below_negative_values():
    assert style.floor(pl.Series([0.2, 3.0])) == 0
    assert style.floor(pl.Series([0.2, -2.0, None])) == pytest.approx(-2.3)
    assert style.floor(pl.Series([None, None], dtype=pl.Float64)) == 0


def test_undefined_figures_of_merit_have_a_text():
    merit = {"ams": 1.23456, "ams_unc": 0.2}
    assert style.merit_text(merit, "ams", 3) == "1.235 ± 0.200"
    assert style.merit_text(merit | {"ams_unc": None}, "ams", 3) == "1.235"
    assert style.merit_text(merit | {"ams": None}, "ams", 3) == "undefined"
