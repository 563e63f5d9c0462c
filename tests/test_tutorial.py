"""The tutorial analysis, from toy ntuples to the published folder, with few events."""

import json
import math

import numpy as np
import polars as pl
import pytest
import uproot
import yaml
from tests.conftest import Clone

from hepfold.core import files
from hepfold.data import fold_file

pytestmark = pytest.mark.analyses
TUTORIAL = "workflow/analyses/tth_toy.yaml"
PROCESSES = ("ttH", "ttbar", "ttW", "ttZ", "other")
# One model: two of them are compared in test_workflow.py.
SMALL = {
    "run": {"models": ["mlp"]},
    "datasets": {"tth_toy": {"n_toy": 2500}},
    "models": {
        "mlp": {"n_members": 1, "n_epochs": 2, "network": {"depth": 1, "width": 8}},
    },
    "evaluation": {"n_replicas": 20},
    "insight": {"n_events": 100},
    "training": {"device": "cpu"},
}


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory) -> Clone:
    """A copy of the workflow after the tutorial, with a friend tree of scores."""
    clone = Clone(tmp_path_factory.mktemp("tutorial"))
    (clone.folder / "small.yaml").write_text(yaml.safe_dump(SMALL))
    files = ("--configfile", "config.yaml", TUTORIAL, "small.yaml")
    friend = "results/scores/tth_toy/mlp/apply_ttbar_jes_up.root"
    process = clone.popen("--cores", "2", *files, "--", "all", friend)
    printed, _ = process.communicate()
    assert process.returncode == 0, printed
    clone.printed = printed
    return clone


def test_the_published_folder_is_complete(tutorial):
    folder = tutorial.folder / "results/publish"
    names = [
        "README.md",
        "datacards/tth_toy.md",
        "tables/comparison.md",
        "figures/tth_toy/mlp/scores.pdf",
        "figures/tth_toy/rocs.pdf",
        "inference/tth_toy/mlp/workspace.json",
    ]
    for name in names:
        assert (folder / name).stat().st_size > 0, name
    assert "results/publish/README.md" in tutorial.printed
    assert "Traceback" not in tutorial.printed


def expected_weight(folder, name: str, process: dict) -> tuple[np.ndarray, np.ndarray]:
    """Weights of all events of a process, and which are selected, by NumPy alone."""
    events, total = [], []
    for path in np.atleast_1d(process["files"]):
        file = uproot.open(folder / path)
        events.append(file["analysis/nominal"].arrays(library="np"))
        total += file["Runs/genEventSumw"].array(library="np").tolist()
    table = {key: np.concatenate([part[key] for part in events]) for key in events[0]}
    names = ("weight_mc", "weight_pileup", "weight_btag")
    weight = np.prod([table[key].astype("f8") for key in names], axis=0)
    if name != "other":
        weight = weight * (process["xsec_pb"] * 140000 / math.fsum(total))
    selected = (table["n_jets"] >= 3) & table["is_SS"]
    if name == "ttW":
        selected &= ~table["is_overlap"]
    return weight, selected


def test_sums_of_weights_are_those_of_a_plain_reading(tutorial):
    declared = yaml.safe_load((tutorial.folder / TUTORIAL).read_text())
    processes = declared["datasets"]["tth_toy"]["processes"]
    card = json.loads((tutorial.folder / "results/datacards/tth_toy.json").read_text())
    rows = {(row["process"], row["step"]): row for row in card["cut_flow"]}
    for name in PROCESSES:
        weight, selected = expected_weight(tutorial.folder, name, processes[name])
        for step, of_step in (("read", weight), ("selected", weight[selected])):
            row = rows[name, step]
            assert row["n_events"] == len(of_step) > 0
            assert row["weight"] == pytest.approx(math.fsum(of_step), rel=1e-12)
            squares = math.fsum(of_step**2)
            assert row["weight_unc"] == pytest.approx(math.sqrt(squares), rel=1e-12)
        parts = [rows[name, step]["weight"] for step in ("train", "test")]
        assert sum(parts) == pytest.approx(rows[name, "selected"]["weight"], rel=1e-12)
    weight, _ = expected_weight(tutorial.folder, "ttW", processes["ttW"])
    assert 0.1 < (weight < 0).mean() < 0.2


def test_scores_keep_processes_regions_and_columns(tutorial):
    folder = tutorial.folder / "results"
    scores = pl.read_parquet(folder / "scores/tth_toy/mlp/merged.parquet")
    assert set(scores["process"]) == set(PROCESSES)
    assert set(scores["region"]) == {"SR", "CR"}
    in_region = scores["n_bjets"] >= 2
    assert scores.filter(in_region)["region"].unique().to_list() == ["SR"]
    assert {"mu", "n_jets"} <= set(scores.columns)
    train = fold_file.read(str(folder / "folds/tth_toy/train.h5"))
    assert (train.event_id % 5 != 4).all()


def test_events_of_another_tree_are_scored_by_the_fold_that_held_them_out(tutorial):
    folder = tutorial.folder / "results/scores/tth_toy/mlp"
    applied = pl.read_parquet(folder / "apply_ttbar_jes_up.parquet")
    merged = pl.read_parquet(folder / "merged.parquet").filter(process="ttbar")
    both = merged.join(
        applied, left_on="event_id", right_on="eventNumber", suffix="_up"
    )
    trained = both.filter(subset="train")
    assert len(trained) > 200
    # Jets of higher energy change scores and b-tag weights a little.
    assert np.corrcoef(trained["score"], trained["score_up"])[0, 1] > 0.8
    np.testing.assert_allclose(both["weight_up"], both["weight"], rtol=0.1)
    assert applied["process"].unique().to_list() == ["ttbar"]


def test_the_friend_tree_has_the_entries_of_the_ntuples(tutorial):
    folder = tutorial.folder / "results/scores/tth_toy/mlp"
    table = pl.read_parquet(folder / "apply_ttbar_jes_up.parquet")
    tree = uproot.open(folder / "apply_ttbar_jes_up.root")["scores"]
    names = [
        tutorial.folder / f"results/raw/tth_toy/ttbar_{n}.root" for n in ("a", "b1")
    ]
    numbers = [
        uproot.open(path)["analysis/JET_JES_1up/eventNumber"].array(library="np")
        for path in names
    ]
    entries = tree.arrays(["score", "eventNumber"], library="np")
    number = np.concatenate(numbers)
    assert len(entries["score"]) == len(number)
    passed = entries["score"] >= 0
    assert (entries["eventNumber"][passed] == number[passed]).all()
    assert entries["score"][passed].tolist() == table["score"].to_list()
    assert set(entries["score"][~passed]) == {-1.0}


def test_recorded_events_are_scored_without_weights(tutorial):
    path = tutorial.folder / "results/scores/tth_toy/mlp/apply_data.parquet"
    data = pl.read_parquet(path)
    assert not {"weight", "process", "label"} & set(data.columns)
    assert len(data) > 50 and data["score"].is_between(0, 1).all()


def test_varied_events_enter_the_workspace_of_each_region(tutorial):
    folder = tutorial.folder / "results/publish/inference/tth_toy/mlp"
    record = json.loads((folder / "workspace.json").read_text())
    names = {
        modifier["name"]
        for channel in record["channels"]
        for sample in channel["samples"]
        for modifier in sample["modifiers"]
    }
    assert {c["name"] for c in record["channels"]} == {"SR", "CR"}
    assert {"jes", "pileup", "luminosity", "mu", "ttbar_normalization"} <= names
    fit = json.loads((folder / "fit.json").read_text())
    assert fit["mu"] == pytest.approx(1, abs=0.05 * fit["mu_unc"])
    assert fit["closure"]["largest_pull"] < 0.05
    sets = [row["uncertainties"] for row in fit["breakdown"]]
    assert sets[0] == "data statistics" and "shape alone" in sets
    assert "Recorded events of tth_toy are blinded" in (
        folder.parents[2] / "README.md"
    ).read_text().replace("\n", " ")
    effects = pl.read_csv(folder / "systematics.csv")
    assert set(effects["systematic"]) == {"jes", "pileup", "shower"}
    shower = effects.filter(systematic="shower")
    assert set(shower["process"]) == {"ttbar"}
    with uproot.open(folder / "templates.root") as file:
        assert "SR/ttbar_jes_up" in file


def published(folder) -> dict[str, bytes]:
    """Content of all published files, apart from times and memory."""
    measured = ("costs.", "steps.")
    paths = (p for p in folder.rglob("*") if p.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in paths
        if not path.name.startswith(measured) and path.suffix != ".part"
    }


def test_no_published_file_depends_on_blinded_events(tutorial):
    """Recorded events above the cut, thousands of times, change no published byte.

    Those below the cut do: the test would notice if data were not used at all.
    """
    folder = tutorial.folder / "results"
    path = folder / "scores/tth_toy/mlp/apply_data.parquet"
    cut = json.loads((folder / "metrics/tth_toy/mlp.json").read_text())["cut"]
    table, made_by = files.read_table(str(path)), files.read_made_by(str(path))
    before = published(folder / "publish")
    above = table.filter(pl.col("score") >= cut)
    assert len(above) > 0
    sentinel = pl.concat([table, *[above] * 7919])
    changed = {}
    for name, events in (("above", sentinel), ("below", above)):
        files.write_table(str(path), [events], made_by)
        process = tutorial.popen(
            "--cores", "2", "--configfile", "config.yaml", TUTORIAL, "small.yaml"
        )
        printed, _ = process.communicate()
        assert process.returncode == 0, printed
        assert "fit_workspace" in printed
        after = published(folder / "publish")
        assert after.keys() == before.keys()
        changed[name] = {key for key in after if after[key] != before[key]}
    assert changed["above"] == set()
    assert "inference/tth_toy/mlp/workspace.json" in changed["below"]
