"""Records of metrics as `evaluate` writes them, and their published forms."""

from functools import cache
from typing import ClassVar, get_args, get_origin, get_type_hints

import polars as pl
import public_sets

from hepfold.analysis import model_pairs
from hepfold.core import files, parsing, settings, settings_models

CITATION = "CITATION.cff"
FOLDS = {
    "fold": [0, 1],
    "signal_efficiency": [0.4, 0.41],
    "signal_efficiency_unc": [0.01, 0.01],
    "signal_efficiency_chi2": 0.5,
    "signal_efficiency_p_value": 0.48,
    "background_efficiency": [0.04, 0.04],
    "background_efficiency_unc": [0.001, 0.001],
    "background_efficiency_chi2": 0.0,
    "background_efficiency_p_value": 1.0,
    "merits": {"ams": {"values": [3.2, 3.4], "mean": 3.3, "mean_unc": 0.1}},
}


def record(**changes) -> dict:
    """A record of official Higgs ML training events."""
    return {
        "dataset": "higgsml",
        "model": "mlp",
        "title": public_sets.DECLARED["higgsml"].title,
        "normalization": parsing.as_dict(public_sets.HIGGSML),
        "n_folds": 5,
        "source": ["events.csv.gz"],
        "source_sha256": ["00"],
        "toy": False,
        "oof": {
            "n_events": 250_000,
            "training_from": "members",
            "auc": 0.9,
            "auc_weighted": 0.9234,
            "auc_weighted_unc": 0.0021,
            "max_ams": 3.4,
            "max_ams_unc": 0.2,
            "ams": 3.3,
            "ams_unc": 0.1,
        },
        "figure_of_merit": "ams",
        "cut": 0.9,
        "cuts": {"ams": 0.9, "significance": 0.92, "significance_syst": 0.95},
        "folds": FOLDS,
        "trained_with": {
            "model": parsing.as_dict(settings_models.MLP()),
            "packages": {"torch": "2.13.0"},
        },
        "calibration": {"kind": "none"},
        "settings": {
            "b_reg": 10.0,
            "evaluation": {"n_replicas": 1000},
            "packages": {"numpy": "2.4.6"},
        },
        **changes,
    }


PRIVATE = {"n_events": 450_000, "auc": 0.89, "ams": 3.7012, "ams_unc": 0.0361}
PUBLIC = {"n_events": 100_000, "auc": 0.89, "ams": 3.65, "ams_unc": 0.08}
FULL = record(public=PUBLIC, private=PRIVATE)
COSTS = [
    {
        "dataset": "higgsml",
        "model": "mlp",
        "fold": fold,
        "threads": 1,
        "device": "cpu",
        "resumed": fold == 1,
        "seconds": 10.0,
        "scoring_seconds": 1.0,
        "cpu_seconds": 9.0,
        "peak_mb": 500.0 + fold,
        "requested_min": 12,
        "requested_mb": 900,
    }
    for fold in range(2)
]
ORIGIN = {
    "python": "3.11.7",
    "commit": "0" * 40,
    "date": "2026-01-02",
    "packages": {"snakemake": "9.27.1"},
    "data": {"higgsml": {"toy": False}},
    "config": {
        "run": {"datasets": ["higgsml"], "models": ["mlp"]},
        "seed": 1,
        "study": None,
        "models": {"mlp": {"kind": "mlp"}},
        "datasets": {
            name: parsing.as_dict(declared)
            for name, declared in public_sets.DECLARED.items()
        },
    },
}


PAIR = {
    "dataset": "higgsml",
    "subset": "oof",
    "merit": "auc_weighted",
    "model": "supertml",
    "reference": "mlp",
    "reference_is": "first and best",
    "value": 0.85,
    "reference_value": 0.9,
    "difference": -0.0512,
    "unc_events": 0.003,
    "unc_training": 0.004,
    "unc_cut": 0.0,
    "unc_total": 0.005,
    "p_value": 1e-24,
    "p_value_of_trials": 1e-24,
    "n_trials": 1,
    "verdict": "worse",
}


def pairs(*changes: dict) -> pl.DataFrame:
    """A table of pairs of models, each with these changes."""
    rows = [PAIR | change for change in changes or [{}]]
    return pl.DataFrame(rows, schema=model_pairs.SCHEMA)


def citation(repo) -> dict:
    """The content of CITATION.cff."""
    return files.read_yaml(str(repo / CITATION))


def markdown_rows(text: str) -> list[list[str]]:
    """The cells of each row of all tables in a text."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


STUDY_ROW = {
    "label": "one network",
    "dataset": "higgsml",
    "model": "mlp",
    "published": {"private.ams": 3.381},
    "source": "somewhere",
    "is_verified": True,
}


def study(
    *rows: dict,
    first: dict = STUDY_ROW,
    merits: tuple = ("private.ams", "oof.auc_weighted"),
) -> settings.Study:
    """A study of these rows and figures of merit."""
    texts = dict.fromkeys(("question", "method", "variations"), "text")
    record = {"title": "A study", "merits": merits, "rows": [first, *rows]}
    return parsing.parse(texts | record, settings.Study)


@cache
def every_setting(kind: type = settings.Configuration, path: str = "") -> list[str]:
    """Paths of all settings, with `<dataset>` and `<model>` for names."""
    paths: dict[str, None] = {}
    for name, annotation in get_type_hints(kind, include_extras=True).items():
        place = f"{path}.{name}".strip(".")
        if get_origin(annotation) is ClassVar:
            continue
        if place in ("datasets", "models", "search"):
            place += ".<dataset>" if place == "datasets" else ".<model>"
            annotation = get_args(parsing.alternatives(annotation)[0])[1]
        groups = [p for p in parsing.alternatives(annotation) if parsing.is_group(p)]
        for group in groups:
            paths |= dict.fromkeys(every_setting(group, place))
            if group.__struct_config__.tag:
                paths[f"{place}.kind"] = None
        if not groups:
            paths[place] = None
    return sorted(paths)
