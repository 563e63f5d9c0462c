"""Tests of toys.ntuples: ids, sums, units, trees, recorded events, the declaration."""

import time
from functools import cache

import awkward as ak
import numpy as np
import pytest
import uproot
import yaml

from hepfold.toys import ntuples

N_EVENTS = 3000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("ntuples")
    ntuples.write_folder(path, N_EVENTS, seed=5)
    return path


@pytest.fixture(scope="module")
def declared(repo):
    text = (repo / "workflow/analyses/tth_toy.yaml").read_text()
    return yaml.safe_load(text)["datasets"]["tth_toy"]


@cache
def tree_of(folder, name, tree=ntuples.NOMINAL):
    with uproot.open(folder / f"{name}.root") as file:
        return file[tree].arrays()


def numbers(folder, name, branch, tree=ntuples.NOMINAL):
    return tree_of(folder, name, tree)[branch].to_numpy()


@pytest.mark.slow
def test_event_numbers_repeat_across_processes_only(folder):
    ids = {name: numbers(folder, name, "eventNumber") for name in ntuples.SAMPLES}
    assert all(values.dtype == np.uint64 for values in ids.values())
    ttbar = np.concatenate([ids["ttbar_a"], ids["ttbar_b1"]])
    for values in (ids["signal"], ids["ttW"], ttbar):
        assert len(np.unique(values)) == len(values)
    assert len(np.intersect1d(ids["signal"], ttbar)) > 0.3 * N_EVENTS


@pytest.mark.slow
def test_shifted_tree_has_the_same_events(folder):
    for name in ntuples.SAMPLES:
        nominal = tree_of(folder, name)
        shifted = tree_of(folder, name, ntuples.JES_UP)
        for branch in ("eventNumber", "weight_mc", "lep1_pt", "is_SS"):
            assert ak.all(nominal[branch] == shifted[branch]), (name, branch)
        assert ak.all(shifted["HT"] > nominal["HT"])
        assert ak.any(shifted["n_jets"] > nominal["n_jets"])
        assert ak.any(shifted["met_met"] != nominal["met_met"])


@pytest.mark.slow
def test_columns_agree_with_the_collection(folder):
    events = tree_of(folder, "ttZ")
    assert ak.all(ak.num(events["Jet_pt"]) == events["n_jets"])
    total = ak.sum(ak.values_astype(events["Jet_pt"], "f8"), axis=1)
    np.testing.assert_allclose(events["HT"], total, rtol=1e-6)
    for i in range(ntuples.N_JETS_IN_COLUMNS):
        for name in ("pt", "eta", "phi", "btag"):
            of_jet = ak.pad_none(events[f"Jet_{name}"], i + 1)[:, i]
            values = ak.fill_none(of_jet, ntuples.MISSING)
            assert ak.all(events[f"jet{i + 1}_{name}"] == values)
    assert ak.any(events["jet4_pt"] == ntuples.MISSING)


@pytest.mark.slow
def test_momenta_are_in_mev(folder):
    events = tree_of(folder, "signal")
    assert ak.min(events["Jet_pt"]) >= 25_000
    assert ak.min(events["lep2_pt"]) >= 15_000
    assert 30_000 < np.median(events["met_met"]) < 150_000
    assert ak.max(abs(events["lep1_phi"])) <= np.float32(np.pi)


@pytest.mark.slow
def test_sums_of_weights_include_events_that_are_not_in_the_tree(folder):
    """Generator weights have one size, so the sum follows from the number."""
    for name, sample in ntuples.SAMPLES.items():
        runs = tree_of(folder, name, ntuples.RUNS)
        weight = numbers(folder, name, "weight_mc").astype("f8")
        count, total = ak.sum(runs["genEventCount"]), ak.sum(runs["genEventSumw"])
        assert count == N_EVENTS // sample.n_parts
        assert len(weight) < count
        if (weight > 0).all():
            assert total == pytest.approx(weight[0] * count, rel=1e-12)
        else:
            # Each negative weight takes two from the sum.
            n_negative = (count - total / np.abs(weight[0])) / 2
            assert n_negative == pytest.approx(np.rint(n_negative), abs=1e-6)
            assert n_negative > (weight < 0).sum()


@pytest.mark.slow
def test_negative_weights_are_those_of_one_process(folder):
    fraction = {
        name: (numbers(folder, name, "weight_mc") < 0).mean()
        for name in ntuples.SAMPLES
    }
    assert fraction.pop("ttW") == pytest.approx(0.15, abs=0.04)
    assert set(fraction.values()) == {0.0}


@pytest.mark.slow
def test_weights_of_other_sum_to_expected_events(folder):
    process = ntuples.PROCESSES["other"]
    total = ak.sum(tree_of(folder, "other", ntuples.RUNS)["genEventSumw"])
    assert total == pytest.approx(process.xsec_pb * ntuples.LUMINOSITY_IPB, rel=1e-6)


@pytest.mark.slow
def test_recorded_events_are_as_many_as_expected(folder):
    """Within five standard deviations of the Poisson draw and of the simulation."""
    expected, variance = 0.0, 0.0
    for name, sample in ntuples.SAMPLES.items():
        if name == "ttbar_herwig":
            continue
        events = tree_of(folder, name)
        total = ak.sum(tree_of(folder, name, ntuples.RUNS)["genEventSumw"])
        share = ntuples.expected(sample.process) / sample.n_parts / total
        parts = [events[f"weight_{n}"].to_numpy() for n in ("mc", "pileup", "btag")]
        weight = share * np.prod(parts, axis=0, dtype="f8")
        weight = weight[~events["is_overlap"].to_numpy()]
        expected += weight.sum()
        variance += (weight**2).sum()
    n_recorded = len(tree_of(folder, ntuples.DATA))
    assert abs(n_recorded - expected) < 5 * np.sqrt(expected + variance)


def test_recorded_events_have_neither_weights_nor_their_process(folder):
    data = tree_of(folder, ntuples.DATA)
    simulated = set(tree_of(folder, "signal").fields)
    missing = simulated - set(data.fields)
    assert missing == {name for name in simulated if name.startswith("weight_")}
    assert len(np.unique(data["eventNumber"])) == len(data)
    with uproot.open(folder / "data.root") as file:
        assert ntuples.JES_UP not in file
        assert ntuples.RUNS not in file
    # Processes are mixed: b jets are as frequent in both halves.
    n_bjets = data["n_bjets"].to_numpy()
    first, last = np.array_split(n_bjets, 2)
    assert abs(first.mean() - last.mean()) < 5 * n_bjets.std() * 2 / len(n_bjets) ** 0.5


def test_overlap_is_in_one_process_and_not_in_data(folder):
    rate = {n: numbers(folder, n, "is_overlap").mean() for n in ntuples.SAMPLES}
    assert rate.pop("ttW") == pytest.approx(0.05, abs=0.025)
    assert {*rate.values(), numbers(folder, "data", "is_overlap").mean()} == {0.0}


def test_other_shower_differs_from_the_nominal_one(folder):
    nominal = numbers(folder, "ttbar_a", "n_jets")
    other = numbers(folder, "ttbar_herwig", "n_jets")
    assert other.mean() > nominal.mean()


@pytest.mark.slow
def test_bytes_depend_on_the_seed_alone(tmp_path):
    folders = [tmp_path / name for name in ("first", "again", "another")]
    for folder, seed in zip(folders, (5, 5, 6), strict=True):
        ntuples.write_folder(folder, 100, seed)
    for name in (*ntuples.SAMPLES, ntuples.DATA):
        first, again, another = (
            (folder / f"{name}.root").read_bytes() for folder in folders
        )
        assert first == again, name
        assert first != another, name


@pytest.mark.slow
def test_few_events_are_quick(tmp_path):
    start = time.process_time()
    ntuples.write_folder(tmp_path, 2000, seed=1)
    assert time.process_time() - start < 3


def test_declaration_fits_the_files(folder, declared):
    """Files, trees, branches and cross-sections of the tutorial analysis."""
    samples = ntuples.SAMPLES
    assert declared["luminosity_ipb"] == ntuples.LUMINOSITY_IPB
    for name, process in declared["processes"].items():
        paths = process["files"]
        stems = stems_of([paths] if isinstance(paths, str) else paths)
        assert all(samples[s].process is ntuples.PROCESSES[name] for s in stems)
        if samples[stems[0]].generator_weight is not None:
            assert process["xsec_pb"] == ntuples.PROCESSES[name].xsec_pb
            runs = process["sum_of_weights"]
            assert runs["branch"] in tree_of(folder, stems[0], runs["tree"]).fields
        else:
            assert "xsec_pb" not in process
    known = {*tree_of(folder, "signal", declared["tree"]).fields, *declared["define"]}
    features = [n for group in declared["features"].values() for n in group]
    assert set(features) | set(declared["keep"]) | {declared["id"]} <= known
    assert all(
        b[k] in known for b in declared["bodies"].values() for k in ("pt", "phi")
    )
    jes = declared["systematics"]["jes"]["up"]["tree"]
    assert len(tree_of(folder, "signal", jes)) > 0


def stems_of(paths):
    return [path.removesuffix(".root").split("/")[-1] for path in paths]
