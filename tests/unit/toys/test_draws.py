"""Tests of toys.draws: blocks, rates, uniform directions, and redrawing."""

import numpy as np
import pytest

from hepfold.toys import draws


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_all_blocks_but_the_last_are_whole(monkeypatch):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 10)
    assert draws.block_sizes(0) == []
    assert draws.block_sizes(10) == [10]
    assert draws.block_sizes(23) == [10, 10, 3]


def test_generators_differ_by_seed_block_and_purpose():
    keys = [(1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1)]
    first = [draws.generator(*key).random() for key in keys]
    assert len(set(first)) == len(keys)
    assert draws.generator(1, 0, 0).random() == first[0]


@pytest.mark.parametrize("n_most", [1, 3, 1_000])
def test_every_place_gets_an_event_of_its_kind(rng, n_most):
    kind = rng.integers(0, 3, 200)

    def draw(code, n_missing, rng):
        n_drawn = rng.integers(0, n_most + 1)
        return {"code": np.full(n_drawn, code), "value": rng.random(n_drawn, "f4")}

    table = draws.fill(kind, draw, rng)
    assert np.array_equal(table["code"], kind)
    assert len(np.unique(table["value"])) == 200
    assert table["value"].dtype == np.float32


def test_choice_keeps_the_rates(rng):
    code = draws.choice([1, 0, 3], 10_000, rng)
    counts = np.bincount(code, minlength=3)
    assert counts[1] == 0
    # Five standard deviations.
    assert abs(counts[0] - 2_500) < 5 * np.sqrt(10_000 * 0.25 * 0.75)


def test_directions_in_the_plane_are_even(rng):
    vector = draws.direction((2, 5_000), rng)
    np.testing.assert_allclose(np.abs(vector), 1)
    assert abs(vector.mean()) < 5 / np.sqrt(10_000)


def test_normal_vectors_have_width_one_each_way(rng):
    vector = draws.plane_normal(10_000, rng)
    for part in (vector.real, vector.imag):
        assert part.std() == pytest.approx(1, abs=5 / np.sqrt(20_000))
    assert abs(np.corrcoef(vector.real, vector.imag)[0, 1]) < 0.05


def test_directions_in_space_are_even(rng):
    vector = draws.space_direction(20_000, rng)
    assert vector.dtype == np.float32
    np.testing.assert_allclose((vector**2).sum(axis=0), 1, rtol=1e-5)
    # The square of each component is a third on average, no two go together.
    np.testing.assert_allclose(vector @ vector.T / 20_000, np.eye(3) / 3, atol=0.015)
    np.testing.assert_allclose(vector.mean(axis=1), 0, atol=0.02)
