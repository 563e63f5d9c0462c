"""Tests of toys.higgs: values as in the file, mass peaks, no trivial separation."""

from itertools import combinations

import numpy as np
import public_sets
import pytest

from hepfold.toys import derived_features, draws, higgs, official_columns

FORM = public_sets.DATASETS["higgs"]
COLUMNS = official_columns.HIGGS
N_EVENTS = draws.BLOCK_EVENTS + 10_000
UNITS = higgs.UNITS


@pytest.fixture(scope="module")
def events():
    blocks = list(higgs.higgs_blocks(N_EVENTS, seed=7))
    return {name: np.concatenate([b[name] for b in blocks]) for name in COLUMNS}


@pytest.fixture(scope="module")
def signal(events):
    return events["label"] == 1


def gev(events, name):
    """A mass or momentum in GeV, an angle in rad."""
    return events[name].astype("f8") * UNITS[name]


@pytest.mark.slow
def test_all_is_finite_float32(events):
    for name, values in events.items():
        assert values.dtype == np.float32, name
        assert np.all(np.isfinite(values)), name


@pytest.mark.slow
def test_half_is_signal(signal):
    # Five standard deviations.
    assert abs(signal.mean() - 0.53) < 2.5 / np.sqrt(N_EVENTS)


@pytest.mark.slow
def test_momenta_and_masses_are_near_one_on_average(events):
    for name in FORM.continuous:
        if name.endswith(("_pt", "_magnitude")) or name.startswith("m_"):
            assert 0.7 < events[name].mean() < 1.3, name
            assert events[name].min() > 0, name


@pytest.mark.slow
def test_eta_has_about_width_one_and_an_end(events):
    for name, end in {
        "lepton_eta": 2.5,
        **{f"jet_{i}_eta": 3.0 for i in "1234"},
    }.items():
        assert 0.8 < events[name].std() < 1.25, name
        assert end - 0.1 < np.abs(gev(events, name)).max() <= end + 1e-4, name


@pytest.mark.parametrize("name", FORM.scaled_azimuths)
def test_azimuth_is_uniform_and_ends_near_1_743(events, name):
    values = events[name]
    assert 1.740 < np.abs(values).max() < 1.745
    counts, _ = np.histogram(gev(events, name), 8, (-np.pi, np.pi))
    # Five standard deviations of a Poisson count.
    assert np.all(np.abs(counts - N_EVENTS / 8) < 5 * np.sqrt(N_EVENTS / 8))


@pytest.mark.parametrize(
    ("jet", "tight"),
    [
        (1, "2.173076152801513672e+00"),
        (2, "2.214872121810913086e+00"),
        (3, "2.548224449157714844e+00"),
        (4, "3.101961374282836914e+00"),
    ],
)
def test_tags_have_the_official_values(events, jet, tight):
    none, loose, last = np.unique(events[f"jet_{jet}_b_tag"])
    assert (none, 2 * loose) == (0, last)
    assert f"{last:.18e}" == tight


def test_at_most_two_jets_are_tagged(events):
    n_tagged = sum((events[f"jet_{jet}_b_tag"] > 0).astype(int) for jet in range(1, 5))
    rates = np.bincount(n_tagged) / N_EVENTS
    # The official file: 1 %, 19 % and 80 %.
    np.testing.assert_allclose(rates, [0.01, 0.19, 0.8], atol=0.03)


def test_mass_of_tagged_jets_is_that_of_their_momenta(events):
    """As on the official file, to its rounding; so the units fit each other."""
    tag = np.array([events[f"jet_{jet}_b_tag"] > 0 for jet in range(1, 5)])
    jets = [
        derived_features.Momentum(
            *(gev(events, f"jet_{jet}_{of}") for of in ("pt", "phi", "eta"))
        )
        for jet in range(1, 5)
    ]
    for a, b in combinations(range(4), 2):
        both = tag[a] & tag[b]
        mass = derived_features.invariant_mass(jets[a], jets[b])
        np.testing.assert_allclose(mass[both], gev(events, "m_bb")[both], rtol=4e-3)


@pytest.mark.parametrize(
    ("name", "mass", "of_signal"),
    [
        ("m_jj", 80.4, True),
        ("m_jj", 80.4, False),
        ("m_lv", 80.4, True),
        ("m_lv", 80.4, False),
        ("m_jjj", 173.0, False),
        ("m_jlv", 173.0, False),
        ("m_bb", 125.0, True),
        ("m_wbb", 325.0, True),
        ("m_wwbb", 425.0, True),
    ],
)
def test_masses_peak_near_the_particle(events, signal, name, mass, of_signal):
    values = gev(events, name)[signal == of_signal]
    counts, edges = np.histogram(values, 60, (0.3 * mass, 2.3 * mass))
    peak = edges[counts.argmax()] + (edges[1] - edges[0]) / 2
    # Jets lose some of their momentum.
    assert 0.85 * mass < peak < 1.08 * mass


def overlap(a, b):
    edges = np.unique(np.quantile(np.concatenate([a, b]), np.linspace(0, 1, 41)))
    densities = (np.histogram(part, edges)[0] / len(part) for part in (a, b))
    return np.minimum(*densities).sum()


def test_masses_separate_classes_but_no_feature_gives_them_away(events, signal):
    shares = {n: overlap(v[signal], v[~signal]) for n, v in events.items()}
    del shares["label"]
    assert min(shares, key=shares.get).startswith("m_")
    # The official ones overlap by 0.72 (m_bb) or more.
    assert 0.55 < min(shares.values()) < 0.8
    for name in FORM.scaled_azimuths:
        assert shares[name] > 0.97, name
