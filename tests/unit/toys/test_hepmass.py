"""Tests of toys.hepmass: standardized features, and reconstructed masses."""

import numpy as np
import public_sets
import pytest

from hepfold.toys import draws, hepmass, official_columns

FORM = public_sets.DATASETS["hepmass"]
COLUMNS = official_columns.HEPMASS
N_EVENTS = draws.BLOCK_EVENTS + 10_000
MASSES = hepmass.MASSES_GEV


def make_toys(n_events, seed, **options):
    blocks = list(hepmass.hepmass_blocks(n_events, seed, **options))
    return {name: np.concatenate([b[name] for b in blocks]) for name in COLUMNS}


@pytest.fixture(scope="module")
def events():
    return make_toys(N_EVENTS, seed=7)


@pytest.fixture(scope="module")
def signal(events):
    return events["# label"] == 1


def total_mass(events):
    """m_wwbb in GeV."""
    mean, sd = hepmass.STANDARD["f26"]
    return events["f26"] * sd + mean


@pytest.mark.slow
def test_features_are_standard(events):
    for name in FORM.features[:-1]:
        assert abs(events[name].mean()) < 0.03, name
        assert events[name].std() == pytest.approx(1, abs=0.03), name


@pytest.mark.slow
def test_everything_is_finite_and_has_six_decimals(events):
    for name, values in events.items():
        assert np.all(np.isfinite(values)), name
        assert np.array_equal(values, np.round(values, 6)), name
        assert not np.any(np.signbit(values[values == 0])), name


@pytest.mark.slow
def test_text_of_the_features_is_short(events):
    for name in FORM.features:
        for value in events[name][:200]:
            assert len(repr(float(value)).partition(".")[2]) <= 6


@pytest.mark.slow
def test_classes_and_masses_are_drawn_evenly(events, signal):
    assert abs(signal.mean() - 0.5) < 2.5 / np.sqrt(N_EVENTS)
    for part in (signal, ~signal):
        masses, counts = np.unique(events["mass"][part], return_counts=True)
        assert tuple(masses) == MASSES
        n_mean = part.sum() / len(MASSES)
        assert np.all(np.abs(counts - n_mean) < 5 * np.sqrt(n_mean))


@pytest.mark.slow
def test_there_are_four_jets_or_more(events):
    mean, sd = hepmass.STANDARD["f5"]
    assert set(np.unique(events["f5"] * sd + mean)) >= {4.0, 5.0, 6.0, 7.0}
    assert np.min(events["f5"] * sd + mean) == 4


@pytest.mark.parametrize("name", FORM.scaled_azimuths)
def test_azimuth_is_uniform(events, name):
    end = np.abs(events[name]).max()
    assert end == pytest.approx(np.sqrt(3), abs=0.02)
    counts, _ = np.histogram(events[name], 8, (-end, end))
    assert np.all(np.abs(counts - N_EVENTS / 8) < 5 * np.sqrt(N_EVENTS / 8))


def test_signal_is_as_heavy_as_its_hypothesis(events, signal):
    for mass in MASSES:
        median = np.median(total_mass(events)[signal & (events["mass"] == mass)])
        assert median == pytest.approx(mass, rel=0.08)


def test_background_does_not_know_its_hypothesis(events, signal):
    medians = [
        np.median(total_mass(events)[~signal & (events["mass"] == m)]) for m in MASSES
    ]
    assert np.ptp(medians) < 0.03 * np.mean(medians)


def test_separation_grows_with_mass(events, signal):
    edges = np.append(np.linspace(0, 2_000, 41), np.inf)

    def overlap(mass):
        parts = (part & (events["mass"] == mass) for part in (signal, ~signal))
        densities = [
            np.histogram(total_mass(events)[p], edges)[0] / p.sum() for p in parts
        ]
        return np.minimum(*densities).sum()

    shares = [overlap(mass) for mass in MASSES]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.5 and shares[-1] < 0.1


@pytest.mark.parametrize("masses", [(900.0,), (600.0, 610.0, 2_000.0)])
def test_any_masses_can_be_requested(monkeypatch, masses):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 3_000)
    events = make_toys(3_000, seed=1, masses=masses)
    assert tuple(np.unique(events["mass"])) == masses
    of_last = (events["# label"] == 1) & (events["mass"] == masses[-1])
    assert np.median(total_mass(events)[of_last]) == pytest.approx(masses[-1], rel=0.1)
