"""Tests of toys.higgsml: official format, sums of weights, dependence on the seed."""

import numpy as np
import public_sets
import pytest

from hepfold.core import columns
from hepfold.toys import derived_features, draws, higgsml, official_columns

FORM = public_sets.DECLARED["higgsml"]
(MISSING,) = FORM.missing
DERIVED = official_columns.HIGGSML_DERIVED
PRIMITIVE = official_columns.HIGGSML_PRIMITIVE
FEATURES = DERIVED + PRIMITIVE
N_EVENTS = draws.BLOCK_EVENTS + 20_000


def make_toys(n_events, seed):
    blocks = list(higgsml.higgsml_blocks(n_events, seed))
    return {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}


@pytest.fixture(scope="module")
def events():
    return make_toys(N_EVENTS, seed=7)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(draws, "BLOCK_EVENTS", 2_000)


def with_nan(table):
    return {name: np.where(v == MISSING, np.nan, v) for name, v in table.items()}


def in_set(events, name):
    return events["KaggleSet"] == higgsml.CATEGORIES["KaggleSet"].index(name)


@pytest.mark.slow
def test_columns_are_the_official_ones_in_order(events):
    assert tuple(events) == official_columns.HIGGSML
    assert all(len(values) == N_EVENTS for values in events.values())


@pytest.mark.slow
def test_event_ids_count_up(events):
    assert np.array_equal(events["EventId"], 100_000 + np.arange(N_EVENTS))
    assert events["EventId"].dtype == events["PRI_jet_num"].dtype == np.int64


def test_codes_mean_what_the_data_set_says():
    values = higgsml.CATEGORIES["Label"]
    assert values[columns.SIGNAL] == FORM.label.signal
    assert values[columns.BACKGROUND] == FORM.label.background
    test = FORM.test
    roles = {test.train, test.public, test.private, test.unused}
    assert set(higgsml.CATEGORIES["KaggleSet"]) == roles


@pytest.mark.slow
def test_everything_is_finite_and_has_three_decimals(events):
    for name in FEATURES:
        assert np.all(np.isfinite(events[name])), name
        assert np.array_equal(events[name], np.round(events[name], 3)), name
        assert not np.any(np.signbit(events[name][events[name] == 0])), name


@pytest.mark.slow
def test_derived_features_follow_from_the_primitive_ones(events):
    derived = derived_features.derive(with_nan({n: events[n] for n in PRIMITIVE}))
    for name in DERIVED:
        expected = higgsml.three_decimals(derived[name])
        actual = with_nan(events)[name]
        assert np.array_equal(actual, expected, equal_nan=True), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_jets"),
    [(f"PRI_jet_leading_{part}", 1) for part in ("pt", "eta", "phi")]
    + [(f"PRI_jet_subleading_{part}", 2) for part in ("pt", "eta", "phi")]
    + [(f"DER_{name}_jet_jet", 2) for name in ("deltaeta", "mass", "prodeta")]
    + [("DER_lep_eta_centrality", 2)],
)
def test_features_of_jets_are_missing_without_those_jets(events, name, n_jets):
    missing = events[name] == MISSING
    assert np.array_equal(missing, events["PRI_jet_num"] < n_jets)


@pytest.mark.slow
def test_nothing_else_is_missing_but_some_masses(events):
    for name in FEATURES:
        if "jet" not in name and name not in ("DER_lep_eta_centrality", "DER_mass_MMC"):
            assert np.all(events[name] != MISSING), name
    missing = events["DER_mass_MMC"] == MISSING
    # About 15 % in the official file.
    assert 0.1 < missing.mean() < 0.2


def test_events_pass_the_selection(events):
    assert np.all(events["PRI_tau_pt"] >= 20)
    assert np.all(events["PRI_lep_pt"] >= 26)
    assert np.all(np.abs(events["PRI_tau_eta"]) <= 2.5)
    assert np.all(np.abs(events["PRI_lep_eta"]) <= 2.5)
    for n_jets, rank in enumerate(("leading", "subleading"), start=1):
        there = events["PRI_jet_num"] >= n_jets
        assert np.all(events[f"PRI_jet_{rank}_pt"][there] >= 30)
        assert np.all(np.abs(events[f"PRI_jet_{rank}_eta"][there]) <= 4.5)
    assert set(np.unique(events["PRI_jet_num"])) == {0, 1, 2, 3}


def test_jets_fall_and_sum_up(events):
    table = with_nan(events)
    leading, subleading = (
        table[f"PRI_jet_{rank}_pt"] for rank in ("leading", "subleading")
    )
    assert not np.any(leading < subleading)
    first_two = np.nan_to_num(leading) + np.nan_to_num(subleading)
    rest = events["PRI_jet_all_pt"] - first_two
    few = events["PRI_jet_num"] <= 2
    # Three rounded numbers of three decimals.
    assert np.all(np.abs(rest[few]) < 0.0016)
    assert np.all(rest[~few] > 29.99)


def test_azimuth_is_uniform(events):
    for name in ("PRI_tau_phi", "PRI_lep_phi", "PRI_met_phi"):
        counts, _ = np.histogram(events[name], 8, (-np.pi, np.pi))
        # Five standard deviations of a Poisson count.
        assert np.all(np.abs(counts - N_EVENTS / 8) < 5 * np.sqrt(N_EVENTS / 8))


def test_a_third_is_signal(events):
    fraction = np.mean(events["Label"] == columns.SIGNAL)
    assert abs(fraction - 0.34) < 5 * np.sqrt(0.34 * 0.66 / N_EVENTS)


def test_sets_have_their_shares(events):
    total = sum(higgsml.SET_EVENTS.values())
    assert total == 818_238
    for name, n_set in higgsml.SET_EVENTS.items():
        share = n_set / total
        fraction = in_set(events, name).mean()
        assert abs(fraction - share) < 5 * np.sqrt(share * (1 - share) / N_EVENTS)


@pytest.mark.parametrize(
    ("label", "full_sum"),
    [
        (columns.SIGNAL, 691.988607711987),
        (columns.BACKGROUND, 410999.847321811),
    ],
)
def test_weights_sum_to_the_official_sums(events, label, full_sum):
    of_class = events["Label"] == label
    assert events["Weight"][of_class].sum() == pytest.approx(full_sum)
    for name in higgsml.SET_EVENTS:
        chosen = of_class & in_set(events, name)
        assert events["KaggleWeight"][chosen].sum() == pytest.approx(full_sum)
    assert np.all(events["Weight"] > 0)


def test_same_seed_same_events(small_blocks):
    first, second = make_toys(3_000, seed=3), make_toys(3_000, seed=3)
    for name in official_columns.HIGGSML:
        assert np.array_equal(first[name], second[name]), name


def test_other_seed_other_events(small_blocks):
    first, second = make_toys(3_000, seed=3), make_toys(3_000, seed=4)
    for name in ("PRI_tau_pt", "PRI_met_phi", "Weight", "Label", "KaggleSet"):
        assert np.mean(first[name] == second[name]) < 0.6, name


def test_blocks_differ(small_blocks):
    events = make_toys(4_000, seed=3)
    assert not np.any(events["PRI_tau_pt"][:2_000] == events["PRI_tau_pt"][2_000:])


def test_an_event_does_not_depend_on_how_many_are_drawn(small_blocks):
    many = make_toys(5_000, seed=3)
    for n_events in (1, 1_500, 2_000, 2_001):
        few = make_toys(n_events, seed=3)
        for name in ("EventId", *FEATURES, "Label", "KaggleSet"):
            assert np.array_equal(few[name], many[name][:n_events]), name


@pytest.mark.parametrize("n_events", [1, 5, 40])
def test_few_events_have_finite_weights(small_blocks, n_events):
    events = make_toys(n_events, seed=3)
    assert np.all(np.isfinite(events["Weight"]) & np.isfinite(events["KaggleWeight"]))


def test_signal_is_heavier_than_background(events):
    mass = with_nan(events)["DER_mass_MMC"]
    signal = events["Label"] == columns.SIGNAL
    gap = np.nanmedian(mass[signal]) - np.nanmedian(mass[~signal])
    # Below the 34 GeV between the resonances: not all background is Z.
    assert 10 < gap < 40


def medians_by_process(name, seed=7):
    """Median of a feature for each process, in the order of `PROCESSES`."""
    process = higgsml.draw_truth(0, seed)["process"]
    block = next(higgsml.higgsml_blocks(draws.BLOCK_EVENTS, seed))
    values = with_nan(block)[name]
    return [np.nanmedian(values[process == code]) for code in np.unique(process)]


@pytest.mark.slow
def test_processes_look_like_what_they_are_called():
    gluon_fusion, boson_fusion, z, w, top = medians_by_process("DER_mass_MMC")
    assert min(gluon_fusion, boson_fusion) > z + 15
    gluon_fusion, boson_fusion, z, w, top = medians_by_process("DER_deltaeta_jet_jet")
    assert boson_fusion > 2 * gluon_fusion
    gluon_fusion, boson_fusion, z, w, top = medians_by_process("PRI_jet_num")
    assert top > max(z, w)
    masses = medians_by_process("DER_mass_transverse_met_lep")
    assert masses[3] > 2 * masses[2]


@pytest.mark.parametrize("mass", [91.2, 125.0])
def test_two_bodies_have_the_mass_and_momentum_of_their_resonance(mass):
    rng = np.random.default_rng(1)
    recoil = 50 * draws.plane_normal(1_000, rng)
    first, first_eta, second, second_eta = higgsml.two_body(
        np.full(1_000, mass), recoil, rng
    )
    np.testing.assert_allclose(first + second, recoil)
    legs = (
        derived_features.Momentum(np.abs(p), np.angle(p), eta)
        for p, eta in ((first, first_eta), (second, second_eta))
    )
    np.testing.assert_allclose(derived_features.invariant_mass(*legs), mass)


def test_no_single_feature_gives_the_class_away(events):
    signal = events["Label"] == columns.SIGNAL
    for name in FEATURES:
        edges = np.unique(np.quantile(events[name], np.linspace(0, 1, 41)))
        density = [
            np.histogram(events[name][part], edges)[0] / part.sum()
            for part in (signal, ~signal)
        ]
        overlap = np.minimum(*density).sum()
        # The official ones overlap by 0.55 (DER_mass_MMC) or more.
        assert overlap > 0.45, name
