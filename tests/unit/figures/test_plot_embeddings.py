"""Tests of figures.plot_embeddings: every pair of values has a row."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import importance_summary
from hepfold.figures import plot_embeddings

RECORD = {"dataset": "higgs", "model": "mlp", "toy": True}


@pytest.fixture
def distances() -> pl.DataFrame:
    values = {"jets": (0.0, 1.0, 2.0), "other": (0.0, 1.0)}
    tensors = {
        f"{importance_summary.EMBEDDINGS}.{i}": np.random.default_rng(i).normal(
            size=(4, n, 2)
        )
        for i, n in enumerate((3, 2))
    }
    return importance_summary.embedding_distances(tensors, values)


def embeddings_figure(table: pl.DataFrame):
    return plot_embeddings.embeddings_figure(
        importance_summary.distance_summary(table), table, RECORD
    )


def rows_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def test_every_pair_of_values_has_a_row(distances):
    first, second = embeddings_figure(distances).axes
    assert rows_of(first) == ["0 and 1", "0 and 2", "1 and 2"]
    assert rows_of(second) == ["0 and 1"]
    assert (first.get_title("left"), second.get_title("left")) == ("jets", "other")


def test_the_figure_has_the_origin_of_the_events(distances):
    assert "Toy events" in embeddings_figure(distances).get_suptitle()
