"""Files that others wrote: what is read equals a plain reading with uproot.

Skipped without the files that the analyses name, in data/.
"""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
import yaml

import ingest
from hepfold.core import configuration, parsing
from hepfold.data import event_arrays, fold_file

ANALYSES = Path(__file__).parents[1] / "workflow/analyses"


@pytest.fixture
def read(tmp_path, repo, monkeypatch):
    """A function that reads the data set of an analysis into folds."""

    def events_of(analysis: str) -> tuple[event_arrays.Events, fold_file.Layout]:
        config = yaml.safe_load((repo / "config.yaml").read_text())
        config |= yaml.safe_load((ANALYSES / f"{analysis}.yaml").read_text())
        config["models"] = {"mlp": {"kind": "mlp"}}
        full = parsing.as_dict(configuration.complete(config, {}))
        (name,) = full["run"]["datasets"]
        declared = full["datasets"][name]
        every = [declared["files"]] if declared["files"] else []
        every += [process["files"] for process in declared["processes"].values()]
        monkeypatch.chdir(repo)
        if not all(Path(path).is_file() for path in every):
            pytest.skip(f"no {', '.join(every)}")
        paths = [str(tmp_path / name) for name in ("train.h5", "test.h5")]
        params = {"wildcards": {"dataset": name}, "dataset": declared}
        ingest.ingest(params | {"n_folds": 2, "seed": 1}, "", "", *paths)
        train = fold_file.read(paths[0])
        # Without ids, these are the numbers of the rows.
        order = np.lexsort((train.event_id, train.extra["process"]))
        return train.take(order), fold_file.read_layout(paths[0])

    return events_of


def check(
    events: event_arrays.Events, layout: fold_file.Layout, expected: dict
) -> None:
    """Compare all features; sums of many numbers may round differently."""
    assert set(expected) == set(layout.features)
    for name, values in expected.items():
        column = events.inputs[:, layout.features.index(name)]
        expected_values = ak.fill_none(values, np.nan).to_numpy().astype("f4")
        np.testing.assert_allclose(column, expected_values, rtol=2e-7, err_msg=name)


def item(values: ak.Array, i: int) -> ak.Array:
    """Element i of each list, None where there is none."""
    return ak.firsts(values[:, i:])


def total(values: ak.Array) -> ak.Array:
    return ak.sum(ak.values_astype(values, "f8"), axis=1)


def test_nanoaod(read):
    events, layout = read("nanoaod_ttbar")
    raw = uproot.open("data/nanoAOD_2015_CMS_Open_Data_ttbar.root")["Events"].arrays()
    raw = raw[raw.Flag_goodVertices & (raw.nJet >= 1)]
    raw = raw[np.lexsort((raw.event.to_numpy(), raw.HLT_IsoMu20.to_numpy()))]
    assert 100 < len(events) == len(raw)
    assert events.event_id.tolist() == raw.event.tolist()
    assert events.label.tolist() == raw.HLT_IsoMu20.to_numpy().astype(int).tolist()
    weight = raw.genWeight.to_numpy().astype("f8") / 226000
    np.testing.assert_array_equal(events.weight, weight)
    central = abs(raw.Jet_eta) < 2.4
    expected = {
        "jet1_pt": item(raw.Jet_pt, 0),
        "jet1_eta": item(raw.Jet_eta, 0),
        "muon1_pt": item(raw.Muon_pt, 0),
        "HT": total(raw.Jet_pt[central]),
        "n_jets": ak.sum(central & (raw.Jet_pt > 30), axis=1),
        "max_btag": ak.max(raw.Jet_btagCSVV2, axis=1),
        "MET_pt": raw.MET_pt,
    }
    check(events, layout, expected)


def test_lists_of_momenta(read):
    events, layout = read("hzz")
    raw = uproot.open("data/uproot-HZZ.root")["events"].arrays()
    selected = (raw.triggerIsoMu24 & (raw.NPrimaryVertices > 0)).to_numpy()
    rows = np.flatnonzero(selected)
    rows = rows[np.argsort(raw.NMuon.to_numpy()[rows] >= 2, kind="stable")]
    raw = raw[rows]
    assert 2000 < len(events) == len(raw)
    assert events.event_id.tolist() == rows.tolist()
    assert events.label.tolist() == (raw.NMuon >= 2).to_numpy().astype(int).tolist()
    np.testing.assert_array_equal(events.weight, raw.EventWeight.to_numpy())
    x, y = (ak.values_astype(raw[f"Jet_P{axis}"], "f8") for axis in "xy")
    jet_pt = np.sqrt(x**2 + y**2)
    met = np.hypot(*(raw[f"MET_p{axis}"].to_numpy().astype("f8") for axis in "xy"))
    expected = {
        "HT": total(jet_pt),
        "jet1_pt": item(jet_pt, 0),
        "leading_jet_pt": ak.max(jet_pt, axis=1),
        "n_hard_jets": ak.sum(jet_pt > 40, axis=1),
        "met": ak.Array(met),
        "electron_energy": total(raw.Electron_E),
        "NPrimaryVertices": raw.NPrimaryVertices,
    }
    check(events, layout, expected)


def test_an_ntuple_and_a_tree_are_two_processes(read):
    events, layout = read("dimuon_rntuple")
    assert layout.processes == ("ttbar", "dimuon")
    names = ["Muon_pt", "Muon_eta", "Muon_phi", "Muon_charge"]
    paths = (
        "data/nanoAOD_2015_CMS_Open_Data_ttbar.root",
        "data/Run2012BC_DoubleMuParked_Muons_1000evts_rntuple_v1-0-0-0.root",
    )
    for code, path in enumerate(paths):
        of_process = events.take(events.extra["process"] == code)
        assert set(of_process.label) == {1 - code}
        raw = uproot.open(path)["Events"].arrays(names)
        rows = np.flatnonzero(ak.num(raw.Muon_pt) >= 1)
        raw = raw[rows]
        assert of_process.event_id.tolist() == rows.tolist()
        expected = {
            "muon1_pt": item(raw.Muon_pt, 0),
            "muon1_eta": item(raw.Muon_eta, 0),
            "muon1_phi": item(raw.Muon_phi, 0),
            "muon2_pt": item(raw.Muon_pt, 1),
            "sum_pt": total(raw.Muon_pt[abs(raw.Muon_eta) < 2.4]),
            "max_pt": ak.max(raw.Muon_pt, axis=1),
            "n_hard": ak.sum(raw.Muon_pt > 10, axis=1),
            "total_charge": ak.sum(raw.Muon_charge, axis=1),
        }
        check(of_process, layout, expected)
