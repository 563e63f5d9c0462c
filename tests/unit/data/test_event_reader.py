"""Tests of data.event_reader: events of several processes, as NumPy computes them."""

import math

import declarations
import numpy as np
import pytest
import uproot

from hepfold.core import columns, logs
from hepfold.data import event_reader

N_EVENTS = {"ttH": 70, "ttW": 90, "ttZ": 110}
LUMINOSITY_IPB = 1400.0
DECLARED = {
    "title": "x",
    "tree": "nominal",
    "processes": {
        "ttH": {"files": "ttH.root", "label": "signal"},
        "ttW": {"files": "ttW_*.root", "label": "background", "select": "!is_overlap"},
        "ttZ": {
            "files": "ttZ.root",
            "label": "background",
            "xsec_pb": 0.25,
            "sum_of_weights": {"tree": "Runs", "branch": "sumw"},
        },
    },
    "luminosity_ipb": LUMINOSITY_IPB,
    "define": {"pt_gev": "pt / 1000", "twice": "2 * pt_gev + sum(jets)"},
    "select": "n >= 2 && pt_gev > 10",
    "weight": "w_mc * w_pileup",
    "missing": [-99],
    "id": "number",
    "test": "number % 5 == 4",
    "features": ["pt_gev", "eta", "twice", "n"],
    "categories": {"n": [2, 3, 4]},
    "regions": {"SR": "n > 3", "CR": "n == 2"},
    "keep": ["number", "pt"],
}


def branches(n_events: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "pt": rng.exponential(30_000, n_events).astype("f4"),
        "eta": np.where(rng.random(n_events) < 0.1, -99, rng.normal(size=n_events)),
        "n": rng.integers(0, 7, n_events).astype("i4"),
        "jets": rng.normal(size=(n_events, 3)),
        "w_mc": rng.normal(1, 1, n_events),
        "w_pileup": rng.uniform(0.9, 1.1, n_events),
        "number": 2**60 + rng.permutation(n_events),
        "is_overlap": rng.random(n_events) < 0.3,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of three processes, one in two parts; event numbers repeat across them."""
    folder = tmp_path_factory.mktemp("ntuples")
    for seed, (name, n) in enumerate(N_EVENTS.items()):
        values = branches(n, seed)
        parts = {name: slice(None)}
        if name == "ttW":
            parts = {"ttW_a": slice(0, 33), "ttW_b": slice(33, None)}
        for part, rows in parts.items():
            with uproot.recreate(folder / f"{part}.root") as file:
                file["nominal"] = {key: v[rows] for key, v in values.items()}
                file["Runs"] = {"sumw": np.array([1000.5, 234.25])}
    return folder


@pytest.fixture(autouse=True)
def inside(folder, monkeypatch):
    monkeypatch.chdir(folder)


def expected(name: str) -> dict[str, np.ndarray]:
    """Selected branches of a process with what is defined, by NumPy."""
    values = branches(N_EVENTS[name], list(N_EVENTS).index(name))
    pt_gev = values["pt"].astype("f8") / 1000
    weight = values["w_mc"] * values["w_pileup"]
    if name == "ttZ":
        weight = weight * (0.25 * LUMINOSITY_IPB / 1234.75)
    values |= {
        "pt_gev": pt_gev,
        "twice": 2 * pt_gev + values["jets"].sum(axis=1),
        "eta": np.where(values["eta"] == -99, np.nan, values["eta"]),
        "weight": weight,
    }
    passes = (values["n"] >= 2) & (pt_gev > 10)
    if name == "ttW":
        passes &= ~values["is_overlap"]
    return {key: v[passes] for key, v in values.items()} | {"all": weight}


@pytest.fixture
def declared() -> declarations.Declared:
    return declarations.parse(DECLARED)


def test_events_of_all_processes_are_those_of_numpy(declared):
    events = declarations.events(declared)
    start = 0
    for code, name in enumerate(N_EVENTS):
        values = expected(name)
        n = len(values["pt"])
        part, start = events.rows(start, start + n), start + n
        for i, feature in enumerate(("pt_gev", "eta", "twice")):
            np.testing.assert_allclose(part.inputs[:, i], values[feature], rtol=1e-6)
        code_of = np.select([values["n"] == k for k in (2, 3, 4)], [0, 1, 2], 3)
        np.testing.assert_array_equal(part.inputs[:, 3], code_of)
        assert (part.label == (name == "ttH")).all()
        np.testing.assert_allclose(part.weight, values["weight"], rtol=1e-14)
        np.testing.assert_array_equal(part.event_id, values["number"])
        assert (part.extra["process"] == code).all()
        np.testing.assert_array_equal(part.extra["pt"], values["pt"])
        region = np.select([values["n"] > 3, values["n"] == 2], [1, 2], 0)
        np.testing.assert_array_equal(part.extra["region"], region)
        is_test = part.subset == columns.SUBSETS.index("test")
        np.testing.assert_array_equal(is_test, values["number"] % 5 == 4)
    assert start == len(events)


def test_the_cut_flow_is_that_of_numpy(declared):
    _, reader = declarations.read(declared)
    rows = {(row["process"], row["step"]): row for row in reader.cut_flow.rows()}
    for name, n_events in N_EVENTS.items():
        values = expected(name)
        is_test = values["number"] % 5 == 4
        weights = {
            "read": values["all"],
            "selected": values["weight"],
            "train": values["weight"][~is_test],
            "test": values["weight"][is_test],
        }
        assert rows[name, "read"]["n_events"] == n_events
        for step, weight in weights.items():
            row = rows[name, step]
            assert row["n_events"] == len(weight)
            assert row["weight"] == pytest.approx(math.fsum(weight), rel=1e-12)
            unc = math.sqrt(math.fsum(weight**2))
            assert row["weight_unc"] == pytest.approx(unc, rel=1e-12)


def test_names_of_processes_and_codes_are_written_to_the_layout(declared):
    layout = declarations.layout(declared)
    assert layout.processes == tuple(N_EVENTS)
    assert layout.extra == ("process", "pt", "region")
    events = declarations.events(declared)
    assert layout.with_others(events.inputs).others == ("n",)
    few = declarations.parse(DECLARED, select="n >= 2 && n <= 4")
    assert layout.with_others(declarations.events(few).inputs).others == ()


@pytest.mark.parametrize("total", [2469.5, {"tree": "Runs", "branch": "sumw"}])
def test_sums_of_weights_are_numbers_or_sums_over_files(total):
    """Sums over both files of a process, before any selection."""
    processes = DECLARED["processes"]
    changed = processes["ttW"] | {"xsec_pb": 0.6, "sum_of_weights": total}
    declared = declarations.parse(DECLARED, processes=processes | {"ttW": changed})
    sample = declarations.samples(declared)[1]
    factor = event_reader.normalization(sample, LUMINOSITY_IPB)
    assert factor == pytest.approx(0.6 * LUMINOSITY_IPB / 2469.5, rel=1e-15)
    assert event_reader.normalization(declarations.samples(declared)[0], None) == 1


def test_a_sum_of_weights_must_be_positive():
    processes = DECLARED["processes"]
    changed = processes["ttZ"] | {"sum_of_weights": -2.0}
    declared = declarations.parse(DECLARED, processes=processes | {"ttZ": changed})
    with pytest.raises(logs.InputError) as error:
        declarations.events(declared)
    assert str(error.value) == (
        "datasets.own.processes.ttZ.sum_of_weights: the sum of weights is -2, not "
        "positive"
    )


def test_ids_are_unique_within_a_process_only(folder, declared):
    with uproot.recreate(folder / "ttW_c.root") as file:
        file["nominal"] = {k: v[:33] for k, v in branches(90, 1).items()}
    try:
        with pytest.raises(logs.InputError) as error:
            declarations.events(declared)
    finally:
        (folder / "ttW_c.root").unlink()
    message = str(error.value)
    assert message.startswith("ttW_a.root, tree 'nominal', event ")
    assert "and ttW_c.root, tree 'nominal', event " in message
    assert message.endswith("to use row numbers as ids, set datasets.own.id: null")


def test_rows_are_numbered_within_a_process_in_all_its_files():
    declared = declarations.parse(DECLARED, id=None, test=None)
    events = declarations.events(declared)
    for code, name in enumerate(N_EVENTS):
        values = branches(N_EVENTS[name], code)
        row = np.flatnonzero(np.isin(values["number"], expected(name)["number"]))
        ids = events.event_id[events.extra["process"] == code]
        assert ids.tolist() == row.tolist()


def test_a_selection_without_events_of_a_class_is_reported():
    declared = declarations.parse(DECLARED, select="n > 4 && is_overlap")
    events, reader = declarations.read(declared)
    assert set(events.extra["process"]) == {0, 2}  # ttW needs !is_overlap
    reader.check_selected()
    _, reader = declarations.read(declarations.parse(DECLARED, select="n > 100"))
    message = "datasets.own: no signal event passes the selections"
    with pytest.raises(logs.InputError, match=message):
        reader.check_selected()


def test_an_event_of_a_file_is_in_one_process_only():
    one, other = DECLARED["processes"]["ttH"], DECLARED["processes"]["ttZ"]
    shared = {"files": "ttH.root", "label": "background", "select": "n > 3"}
    processes = {"a": one | {"select": "n <= 3"}, "b": shared, "ttZ": other}
    declared = declarations.parse(DECLARED, processes=processes)
    events = declarations.events(declared)
    assert (events.extra["process"] < 2).sum() == len(expected("ttH")["n"])
    processes["a"] = one | {"select": "n <= 4"}
    declared = declarations.parse(DECLARED, processes=processes)
    with pytest.raises(logs.InputError) as error:
        declarations.events(declared)
    message = str(error.value)
    first = np.flatnonzero((branches(70, 0)["n"] == 4) & (pt_gev() > 10))[0]
    assert message.startswith(
        f"datasets.own.processes: ttH.root, tree 'nominal', event {first} is in two "
    )


def pt_gev() -> np.ndarray:
    """Momenta in GeV of all events of the first process."""
    return branches(N_EVENTS["ttH"], 0)["pt"].astype("f8") / 1000


def test_expected_events_are_sums_over_training_and_test_events(declared):
    _, reader = declarations.read(declared)
    sums = {name: math.fsum(expected(name)["weight"]) for name in N_EVENTS}
    assert reader.expected_events() == pytest.approx(
        {"signal": sums["ttH"], "background": sums["ttW"] + sums["ttZ"]}, rel=1e-12
    )


def test_an_undefined_weight_is_reported_with_its_place():
    declared = declarations.parse(DECLARED, weight="w_mc / (n - n)")
    with pytest.raises(logs.InputError) as error:
        declarations.events(declared)
    assert str(error.value).startswith(
        "ttH.root, tree 'nominal', event 0, weight 'w_mc / (n - n)': the value is "
    )


def test_further_events_have_the_same_inputs_without_truth(declared):
    """Recorded collisions have no weight, events of a process that of the process."""
    reader = event_reader.EventReader("own", declared)
    sample = declarations.samples(declared)[0]
    further = type(sample)(
        "datasets.own.apply.a.files",
        sample.files,
        sample.tree,
        select=sample.select,
        has_truth=False,
    )
    (part,) = reader.read_unlabeled(further)
    events = declarations.events(declared)
    whole = events.rows(0, len(part))
    np.testing.assert_array_equal(part.inputs, whole.inputs)
    np.testing.assert_array_equal(part.event_id, whole.event_id)
    np.testing.assert_array_equal(part.extra["region"], whole.extra["region"])
    assert (part.label == 0).all() and (part.weight == 1).all()
    values = branches(N_EVENTS["ttH"], 0)["number"]
    np.testing.assert_array_equal(values[part.extra["row"]], part.event_id)
