"""Tests of analysis.template_effects: mirrored, symmetrized, split and pruned."""

import numpy as np
import polars as pl
import pytest

from hepfold.analysis import template_effects

NOMINAL = np.array([50.0, 30.0, 20.0])


def test_an_effect_is_split_into_normalization_and_shape():
    up, down = np.array([60.0, 33.0, 17.0]), np.array([42.0, 27.0, 21.0])
    effect = template_effects.effect(NOMINAL, up, down)
    assert (effect.up, effect.down) == (pytest.approx(1.1), pytest.approx(0.9))
    for factor, shape, varied in (
        (effect.up, effect.shape_up, up),
        (effect.down, effect.shape_down, down),
    ):
        assert shape.sum() == pytest.approx(NOMINAL.sum())
        np.testing.assert_allclose(factor * shape, varied)
    assert effect.of_normalization == effect.of_shape == template_effects.TWO_SIDED
    assert effect.normalization_size == pytest.approx(0.1)


def test_a_variation_up_alone_is_mirrored():
    """The factor becomes its inverse, and each bin moves as far to the other side."""
    effect = template_effects.effect(NOMINAL, 1.25 * np.array([55.0, 27.0, 18.0]), None)
    assert effect.down == pytest.approx(1 / 1.25)
    np.testing.assert_allclose(effect.shape_up, [55, 27, 18])
    np.testing.assert_allclose(effect.shape_down, [45, 33, 22])
    assert effect.of_normalization == effect.of_shape == template_effects.MIRRORED


def test_two_directions_on_one_side_become_the_larger_one_and_its_mirror():
    up, down = 1.02 * NOMINAL, 1.05 * NOMINAL
    effect = template_effects.effect(NOMINAL, up, down)
    assert effect.up == pytest.approx(1.05) and effect.down == pytest.approx(1 / 1.05)
    assert effect.of_normalization == template_effects.LARGER
    shapes = np.array([51.0, 30.0, 19.0]), np.array([53.0, 30.0, 17.0])
    effect = template_effects.effect(NOMINAL, *shapes)
    np.testing.assert_allclose(effect.shape_up, shapes[1])
    np.testing.assert_allclose(effect.shape_down, [47, 30, 23])
    assert effect.of_shape == template_effects.LARGER


def test_a_mirrored_shape_has_no_negative_content():
    effect = template_effects.effect(NOMINAL, np.array([35.0, 5.0, 60.0]), None)
    assert effect.shape_down.min() == 0
    assert effect.shape_down.sum() == pytest.approx(NOMINAL.sum())


def test_bins_without_nominal_events_stay_empty():
    nominal, up = np.array([10.0, -1.0, 30.0]), np.array([12.0, 5.0, 28.0])
    effect = template_effects.effect(nominal, up, None)
    assert effect.shape_up[1] == effect.shape_down[1] == 0
    assert effect.shape_up.sum() == pytest.approx(40)


@pytest.mark.parametrize(
    ("nominal", "up"), [(0 * NOMINAL, NOMINAL), (NOMINAL, 0 * NOMINAL)]
)
def test_without_events_there_is_no_effect(nominal, up):
    effect = template_effects.effect(nominal, up, None)
    assert (effect.up, effect.down) == (1, 1)
    assert effect.normalization_size == effect.shape_size == 0
    assert effect.of_shape == template_effects.EMPTY


def templates(**contents) -> pl.DataFrame:
    """One process in one channel; varied ones by direction."""
    edges = [0.0, 0.3, 0.7, 1.0]
    common = {"channel": "SR", "process": "ttW", "low": edges[:-1], "high": edges[1:]}
    return pl.concat(
        pl.DataFrame({**common, "expected": values}).with_columns(
            systematic=pl.lit("jes"), direction=pl.lit(name)
        )
        for name, values in contents.items()
    )


def effects(threshold: float, mirrored=("jes",), **varied) -> pl.DataFrame:
    nominal = templates(nominal=NOMINAL).drop("systematic", "direction")
    table = templates(**varied)
    return template_effects.table(nominal, table, mirrored, threshold)


@pytest.mark.parametrize(
    ("threshold", "normalization", "shape"),
    [(0.01, "kept", "kept"), (0.05, "pruned", "kept"), (0.12, "pruned", "pruned")],
)
def test_parts_below_the_threshold_are_pruned(threshold, normalization, shape):
    """The normalization changes by 3 %, the largest bin of the shape by 10 %."""
    row = effects(threshold, up=1.03 * np.array([55.0, 27.0, 18.0])).row(0, named=True)
    assert row["normalization_size"] == pytest.approx(0.03)
    assert row["shape_size"] == pytest.approx(0.1)
    assert (row["normalization"], row["shape"]) == (normalization, shape)


def test_the_nominal_template_as_its_own_systematic_is_pruned_at_any_threshold():
    table = effects(0.0, up=NOMINAL)
    assert table["normalization"].unique().to_list() == ["pruned"]
    assert table["shape"].unique().to_list() == ["pruned"]
    np.testing.assert_array_equal(table["shape_up"], NOMINAL)
    np.testing.assert_array_equal(table["shape_down"], NOMINAL)


def test_a_declared_direction_that_leaves_a_process_alone_is_nominal():
    row = effects(0.0, mirrored=(), up=1.1 * NOMINAL).row(0, named=True)
    assert row["down"] == 1 and row["up"] == pytest.approx(1.1)
    row = effects(0.0, mirrored=(), down=0.9 * NOMINAL).row(0, named=True)
    assert row["up"] == 1 and row["down"] == pytest.approx(0.9)


def test_uncertainties_of_processes_add_linearly_and_systematics_in_quadrature():
    one = effects(0.0, up=1.1 * NOMINAL, down=0.9 * NOMINAL)
    other = one.with_columns(process=pl.lit("ttZ"))
    third = one.with_columns(systematic=pl.lit("pileup"))
    bins = one.select("channel", "low")
    table = template_effects.with_systematic_unc(
        bins, pl.concat([one, other, third]), ["ttW", "ttZ"]
    )
    expected = 0.1 * NOMINAL * np.sqrt(2**2 + 1)
    np.testing.assert_allclose(table["systematic_unc"], expected)
    pruned = effects(0.5, up=1.1 * NOMINAL)
    table = template_effects.with_systematic_unc(bins, pruned, ["ttW"])
    assert table["systematic_unc"].to_list() == [0, 0, 0]


def test_the_summary_has_a_row_for_each_effect():
    table = effects(0.01, up=1.03 * NOMINAL)
    (row,) = template_effects.summary(table).to_dicts()
    assert row["up"] == pytest.approx(1.03)
    assert (row["normalization"], row["shape"]) == ("kept", "pruned")
    assert row["normalization_rule"] == "mirrored"
