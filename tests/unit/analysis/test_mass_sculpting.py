"""Tests of analysis.mass_sculpting: sculpting and the AUC at a mass in closed form."""

import math

import numpy as np
import polars as pl
import public_sets
import pytest

from hepfold.analysis import mass_sculpting

N = 20000


def sample(cut_knows_mass: bool, seed: int = 1) -> pl.DataFrame:
    """Training events with uniform masses; the score may be half the mass."""
    rng = np.random.default_rng(seed)
    mass = rng.uniform(size=N)
    return pl.DataFrame(
        {
            "dataset": "higgs",
            "model": "mlp",
            "event_id": range(N),
            "subset": "train",
            "label": rng.integers(0, 2, N),
            "weight": rng.uniform(0.5, 1.5, N),
            "score": mass if cut_knows_mass else rng.uniform(size=N),
            "mass": mass,
        }
    )


def shapes(scores: pl.DataFrame, cut: float = 0.5) -> pl.DataFrame:
    return mass_sculpting.shapes(scores, public_sets.HIGGS, cut, seed=1)


def of_background(table: pl.DataFrame, selection: str) -> pl.DataFrame:
    return table.filter(pl.col("class") == "background", selection=selection)


def test_a_cut_independent_of_the_mass_does_not_sculpt():
    table = of_background(shapes(sample(False)), mass_sculpting.CHOSEN)
    pull = (table["ratio"] - 1) / table["ratio_unc"]
    assert pull.std() == pytest.approx(1, abs=0.5)
    row = table.row(0, named=True)
    assert row["divergence"] < 3 * row["chance"]
    assert row["efficiency"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("has_equal_weights", [True, False])
def test_divergence_by_chance_in_closed_form(fraction, has_equal_weights):
    """To the lowest order, (n_bins - 1) / (8 ln 2) times the relative variance of a
    bin: with sums W of weights and S of squares of all and of passing (p) events,
    (1 - W_p / W)^2 S_p / W_p^2 + (S - S_p) / W^2; for equal weights (1 - f) / (f n).
    """
    rng = np.random.default_rng(1)
    n, shape = 20_000, np.full(30, 100.0)
    weight = np.ones(n) if has_equal_weights else rng.exponential(size=n)
    passes = np.arange(n) < fraction * n
    divergence = mass_sculpting.divergence_by_chance(shape, weight, passes, rng)
    total, passing = weight.sum(), weight[passes].sum()
    squares, passing_squares = (weight**2).sum(), (weight[passes] ** 2).sum()
    variance = (1 - passing / total) ** 2 * passing_squares / passing**2
    variance += (squares - passing_squares) / total**2
    if has_equal_weights:
        assert variance == pytest.approx((1 - fraction) / (fraction * n))
    # The mean over draws is known to sqrt(2 / (29 * 20)), 6 %.
    assert divergence == pytest.approx(29 / (8 * math.log(2)) * variance, rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_chance_is_the_divergence_of_cuts_that_do_not_know_the_mass(cut):
    """The mean over toy samples; for separate events it would be larger by 1 / cut."""
    rng, edges = np.random.default_rng(1), np.linspace(0, 1, 31)
    rows = []
    for _ in range(60):
        score, mass = rng.uniform(size=(2, 4000))
        weight = rng.uniform(0.5, 1.5, 4000)
        table = mass_sculpting.after_cut(score, weight, mass, cut, edges, rng)
        rows.append(table.row(0, named=True))
    divergence = np.mean([row["divergence"] for row in rows])
    chance = np.mean([row["chance"] for row in rows])
    # Each mean over samples is known to sqrt(2 / (29 * 60)), 3 %.
    assert divergence == pytest.approx(chance, rel=0.1)


def test_without_a_cut_nothing_diverges_by_chance():
    table = shapes(sample(False)).filter(selection=mass_sculpting.NO_CUT)
    assert (table["chance"] == 0).all()


def test_a_cut_on_the_mass_itself_keeps_its_upper_half():
    """The divergence of an even shape from its half: 3/4 log2(4/3) bits."""
    table = of_background(shapes(sample(True)), mass_sculpting.CHOSEN)
    np.testing.assert_array_equal(table.filter(pl.col("high") < 0.5)["ratio"], 0)
    above = table.filter(pl.col("low") > 0.5)["ratio"]
    np.testing.assert_allclose(above, 2, atol=0.05)
    exact = 0.75 * math.log2(4 / 3)
    assert table["divergence"][0] == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize(
    ("first", "second", "bits"),
    [
        ([1, 2, 3], [2, 4, 6], 0.0),
        ([1, 0], [0, 5], 1.0),
        ([1, 1], [1, 0], 0.75 * math.log2(4 / 3)),
    ],
)
def test_jensen_shannon_divergence(first, second, bits):
    first, second = np.array(first, "f8"), np.array(second, "f8")
    assert mass_sculpting.jensen_shannon(first, second) == pytest.approx(
        bits, abs=1e-12
    )
    assert mass_sculpting.jensen_shannon(second, first) == pytest.approx(
        bits, abs=1e-12
    )
    assert math.isnan(mass_sculpting.jensen_shannon(first, 0 * second))


def test_shapes_have_unit_area_and_start_without_a_cut():
    table = shapes(sample(True))
    areas = table.group_by("class", "selection").agg(
        area=(pl.col("density") * (pl.col("high") - pl.col("low"))).sum()
    )
    np.testing.assert_allclose(areas["area"], 1)
    before = table.filter(selection=mass_sculpting.NO_CUT)
    np.testing.assert_allclose(before["ratio"], 1)
    np.testing.assert_allclose(before["divergence"], 0, atol=1e-12)
    assert table.columns[:3] == ["dataset", "model", "subset"]


def test_working_points_have_their_signal_efficiency():
    table = shapes(sample(True)).filter(pl.col("class") == "signal")
    for efficiency in mass_sculpting.SIGNAL_EFFICIENCIES:
        passing = table.filter(selection=f"signal efficiency {efficiency:g}")
        assert passing["efficiency"][0] == pytest.approx(efficiency, abs=1e-3)


def test_missing_masses_are_left_out_and_counted():
    whole = sample(False)
    is_missing = pl.col("event_id") % 4 == 0
    holes = whole.with_columns(
        mass=pl.when(is_missing).then(float("nan")).otherwise("mass")
    )
    table = shapes(holes)
    assert table["missing_fraction"].to_numpy() == pytest.approx(0.25, abs=0.02)
    np.testing.assert_allclose(
        of_background(table, mass_sculpting.NO_CUT)["density"].mean(), 1, atol=0.1
    )


def test_a_cut_that_nothing_passes_has_no_shape():
    table = of_background(shapes(sample(False), cut=2.0), mass_sculpting.CHOSEN)
    for name in ("density", "ratio", "divergence"):
        assert table[name].null_count() == len(table)
    assert table["missing_fraction"][0] == 0
