"""Tests of figures.plot_learning_rates: the steepest fall of the loss is marked."""

import numpy as np
import polars as pl
import pytest
from figure_samples import RECORD, texts

from hepfold.figures import plot_learning_rates


def rates(n_members: int, loss: np.ndarray) -> pl.DataFrame:
    rate = np.geomspace(1e-6, 1, len(loss))
    return pl.DataFrame(
        {
            "member": np.repeat(np.arange(n_members), len(loss)),
            "learning_rate": np.tile(rate, n_members),
            "smoothed_loss": np.tile(loss, n_members),
        }
    )


def test_steepest_fall_is_that_of_the_curve():
    """A logistic fall is steepest at its middle, independently of the later loss."""
    x = np.linspace(-6, 0, 301)
    loss = 0.7 - 0.3 / (1 + np.exp(-8 * (x + 3))) + np.where(x > -1, 5 * (x + 1), 0)
    rate = plot_learning_rates.steepest_rate(rates(2, loss))
    assert rate == pytest.approx(1e-3, rel=0.1)
    (axes,) = plot_learning_rates.rates_figure(rates(2, loss), RECORD, 0.003).axes
    assert "steepest fall, 0.001" in texts(axes) and "in use, 0.003" in texts(axes)


def test_a_loss_that_never_falls_has_no_steepest_rate():
    table = rates(1, np.linspace(1, 2, 50))
    assert plot_learning_rates.steepest_rate(table) is None
    (axes,) = plot_learning_rates.rates_figure(table, RECORD, 0.003).axes
    assert "steepest" not in texts(axes)
