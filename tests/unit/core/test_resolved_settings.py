"""Tests that every study resolves to the settings of version 0.1.0.

`settings_before.json` was written by the configuration code of version 0.1.0, apart
from the demo, which is smaller now. `runs` has the complete configuration by overlays,
`models` the models that it names. Data sets are declared since then: only those of a
run are in its configuration, and their old settings are compared under the new keys.
`CORRECTED` are settings that differed from the published work.
"""

import json
from pathlib import Path

import public_sets
import pytest
import yaml
from snakemake.utils import update_config

from hepfold.core import configuration, parsing

FOLDER = Path(__file__).parent
BEFORE = json.loads((FOLDER / "settings_before.json").read_text())
RENAMED = {
    "most_epochs": "max_epochs",
    "least_weight": "min_child_weight",
    "least_rate": "min_rate",
    "least_change": "min_change",
    "least_background": "min_background",
    "largest_uncertainty": "max_uncertainty",
    "n_simulated": "n_toy",
    "preseeded": "data_folder",
}
# By overlay, and by the first letters of names of models.
UNSCALED = {"preparation": {"scaling": "none"}}
GLOROT = {"first": 0.0310, "hidden": 0.0221, "output": 0.0312}
KERAS = {"norm_rate": 0.01, "norm_epsilon": 0.001, "initial_sd": GLOROT}
WIDE = {"batch_size": 16384, "network": KERAS, **UNSCALED}
NOTEBOOK = {
    "n_events": 800_000,
    "network": {"initial_sd": {"first": 0.1, "hidden": 0.05, "output": 0.001}},
    "optimizer": {"momentum": 0.00001},
}
PAPER = ("deep", "shallow", "four", "dropout", "pretrained")
ENSEMBLES = ("stochastic", "snapshots", "fast_geometric")
CORRECTED = {
    "baldi2014": dict.fromkeys(PAPER, UNSCALED) | {"notebook": NOTEBOOK},
    "hepmass": {"small": {"batch_size": 32}, "best": {"batch_size": 32}},
    "lumin": {name: {"n_members": 10} for name in ENSEMBLES},
    "wide_deep": {"wide_deep": WIDE},
}
# Models that config.yaml names since then, or an overlay, and what a run has of them.
ADDED_MODELS = {
    "": ("transformer", "blend"),
    "sample": (
        "mlp_toys",
        "mlp_from_toys",
        "mlp_by_weight",
        "xgboost_toys",
        "xgboost_from_toys",
    ),
    "sample_higgs": ("transformer_toys", "transformer_from_toys"),
}
RUNS = {
    "sample": {
        "models": ["blend"],
        "compared": ["mlp_by_weight", "mlp_from_toys", "xgboost_from_toys"],
    },
    "sample_higgs": {
        "models": ["blend"],
        "compared": ["transformer_from_toys", "xgboost"],
    },
}
# Data sets of toys that an overlay adds.
ADDED_DATASETS = {"sample": "higgsml_toys", "sample_higgs": "higgs_toys"}
# New settings with their defaults, by section; of all models, and of all but trees.
ADDED = {
    "evaluation": {"calibration": "best", "fold_scores": "raw"},
    "learning_curve": {
        "publish": False,
        "fractions": [0.01, 0.03, 0.1, 0.3],
        "n_folds": None,
        "extrapolate_to": 10.0,
    },
    "tracking": {"formats": []},
    "training": {
        "capture": False,
        "streaming": {"above_gb": 8.0, "buffer_events": 4_000_000},
    },
}
ADDED_TO_ALL_MODELS = {
    "member_weights": "equal",
    "classes": None,
    "class_fractions": None,
    "weight_classes": None,
}
ADDED_TO_MODELS = {"decorrelation": 0.0, "max_gradient_norm": None}
ADDED_TO_PREPARATION = {"systems": 2}
# Each had one group of settings, by its kind.
CHOICES = ("optimizer", "schedule", "average")


def renamed(part: object, name: str = "") -> object:
    """Old settings under their current names."""
    if not isinstance(part, dict):
        return "toy" if part == "simulation" else part
    names = dict(RENAMED)
    names["least_fraction"] = (
        "min_relative_change" if name == "stopping" else "min_fraction"
    )
    part = {names.get(key, key): renamed(value, key) for key, value in part.items()}
    if name in CHOICES:
        ((kind, settings),) = [(k, v) for k, v in part.items() if v is not None]
        part = {"kind": kind, **settings}
    return part


def expected(overlays: str) -> dict:
    """The complete old configuration in the current form."""
    config = renamed(BEFORE["runs"][overlays])
    config["models"] = {
        name: renamed(BEFORE["models"][key]) for name, key in config["models"].items()
    }
    update_config(config, ADDED)
    config["run"] |= RUNS.get(overlays, {})
    for name, model in config["models"].items():
        model |= ADDED_TO_ALL_MODELS
        if model["kind"] != "xgboost":
            model |= ADDED_TO_MODELS
        if "preparation" in model:
            # Trees take the decays of HIGGS by default.
            decays = {"decays": model["kind"] == "xgboost"}
            model["preparation"] |= ADDED_TO_PREPARATION | decays
        if model["kind"] != "supertml":
            model["start_from"] = None
        # Only perceptrons are pretrained by autoencoders.
        if model["kind"] != "mlp":
            assert not model.get("network", {}).pop("pretrained_epochs", 0)
        if model["kind"] == "tabm":
            model["network"] = {
                name: model["network"][name]
                for name in (
                    "depth",
                    "width",
                    "activation",
                    "dropout",
                    "embedding_size",
                )
            }
        elif model["kind"] not in ("xgboost", "supertml"):
            model["network"] |= {"norm_rate": 0.1, "norm_epsilon": 1e-5}
        for start, changes in CORRECTED.get(overlays.split("+")[0], {}).items():
            if name.startswith(start):
                update_config(model, changes)
    figure = "significance_syst" if "baldi2014" in overlays else "ams"
    config["evaluation"]["figure_of_merit"] = figure
    return config


def check_dataset(declared: dict, before: dict) -> None:
    """Compare a declaration with the settings that a data set had."""
    test = declared["test"] or {}
    assert listed(test.get("files")) == before["test_source"]
    assert (test.get("last") or 0) == before["n_test"]
    assert declared["rename"] == before["columns"]
    for name in ("mirrors", "apply", "n_toy"):
        assert declared[name] == before[name]
    if trees := before["trees"]:
        processes = declared["processes"]
        assert {name: part["tree"] for name, part in processes.items()} == trees
        assert all(name == part["label"] for name, part in processes.items())
        files = {part["files"] for part in processes.values()}
    else:
        files = set(listed(declared["files"]))
    assert files == set(listed(before["source"]))


def listed(files: str | list[str] | None) -> list[str]:
    """Entries of a setting of files."""
    return [files] if isinstance(files, str) else files or []


@pytest.mark.parametrize("overlays", BEFORE["runs"])
def test_a_study_has_the_settings_that_it_had(overlays, repo):
    config = yaml.safe_load((repo / "config.yaml").read_text())
    for name in overlays.split("+") if overlays != "config" else ():
        path = repo / f"workflow/studies/{name}.yaml"
        update_config(config, yaml.safe_load(path.read_text()))
    full = parsing.as_dict(configuration.complete(config, public_sets.VALUES))
    full.pop("study")
    for name in (*ADDED_MODELS[""], *ADDED_MODELS.get(overlays, ())):
        assert full["models"].pop(name)["kind"] == name.split("_")[0]
    if added := ADDED_DATASETS.get(overlays):
        assert full["datasets"].pop(added)["files"] == "toy"
    before = expected(overlays)
    before_datasets, b_reg = before.pop("datasets"), before.pop("ams")["b_reg"]
    for name, declared in full.pop("datasets").items():
        check_dataset(declared, before_datasets[name])
        # It was one number for all; only the Higgs ML challenge defines it.
        assert declared["b_reg"] == (b_reg if name == "higgsml" else 0)
    # New settings, which change nothing by default.
    inference = {"prune": 0.005, "max_s_over_b": None, "observable": "score"}
    before["inference"] |= inference
    assert full == before
