"""Scores of a made-up analysis with many processes, and templates of two classes."""

import numpy as np
import polars as pl

from hepfold.core import columns, settings_datasets
from hepfold.data import declared_processes, event_classes

# Title, class, expected events and relative uncertainty of each process.
PROCESSES = {
    "ttH_bb": ("ttH, H to bb (Powheg, Pythia 8), dilepton", 1, 60.0, None),
    "ttH_tautau": ("ttH, H to tau tau", 1, 6.0, None),
    "ttbar_bb": (r"$t\bar{t}+\geq 1b$ (four-flavor scheme)", 0, 9000.0, 0.1),
    "ttbar_light": ("top pairs with light-flavor jets (Powheg)", 0, 21000.0, 0.06),
    "ttW": ("ttW, QCD and electroweak (Sherpa, next-to-leading order)", 0, 900.0, 0.15),
    "ttZ": ("ttZ, Z to charged leptons", 0, 500.0, 0.12),
    "single_top": ("single top, tW channel, diagram removal", 0, 1500.0, 0.05),
    "Zjets": ("Z + jets (Sherpa), heavy and light flavor", 0, 3000.0, 0.3),
    "diboson": ("diboson", 0, 300.0, None),
    "four_tops": ("four top quarks", 0, 20.0, 0.2),
    "fakes": ("misidentified leptons, all flavors", 0, 1200.0, 1.0),
}
DECLARED = tuple(
    declared_processes.DeclaredProcess(name, title, label, uncertainty)
    for name, (title, label, _, uncertainty) in PROCESSES.items()
)
CLASSES = tuple(
    declared_processes.DeclaredProcess(name, name, label)
    for label, name in columns.CLASS_NAMES.items()
)
NORMALIZATION = {
    name: sum(n for _, label, n, _ in PROCESSES.values() if label == code)
    for code, name in columns.CLASS_NAMES.items()
}
EXPECTED = settings_datasets.Normalization(**NORMALIZATION)
# Classes of a multi-class model.
GROUPS = {
    "ttH": ["ttH_bb", "ttH_tautau"],
    "top": ["ttbar_bb", "ttbar_light", "single_top", "four_tops"],
    "other": ["ttW", "ttZ", "Zjets", "diboson", "fakes"],
}
TITLE = "ttH, same-sign dilepton"
REGIONS = ("SR", "CR")


def scores(n: int = 400, seed: int = 1, has_regions: bool = False) -> pl.DataFrame:
    """Scores of `n` events of each process, half of them test events.

    A tenth of the weights is negative. A third of the events is in each region, and a
    third in none.
    """
    rng = np.random.default_rng(seed)
    subset = np.where(np.arange(n) % 2, "test", "train")
    parts = []
    for name, (_, label, expected, _) in PROCESSES.items():
        weight = rng.uniform(0.5, 1.5, n) * np.where(rng.random(n) < 0.1, -1, 1)
        for part in ("test", "train"):
            weight[subset == part] *= expected / weight[subset == part].sum()
        table = {
            "dataset": "tth",
            "model": "mlp",
            "fold": np.arange(n) % 2,
            columns.EVENT_ID: np.arange(n),
            columns.SUBSET: subset,
            columns.LABEL: np.full(n, label),
            columns.WEIGHT: weight,
            columns.SCORE: 1 / (1 + np.exp(-rng.normal(1.5 * label - 0.3, 1, n))),
            columns.PROCESS: [name] * n,
        }
        if has_regions:
            names = np.array([*REGIONS, "none"])
            table[columns.REGION] = names[rng.integers(0, 3, n)]
        parts.append(pl.DataFrame(table))
    return pl.concat(parts)


def class_scores(noise: float = 1.0) -> pl.DataFrame:
    """Scores with probabilities of GROUPS, which noise makes less certain."""
    table, start = scores(), event_classes.PROBABILITY
    codes = {p: i for i, group in enumerate(GROUPS.values()) for p in group}
    code = table[columns.PROCESS].replace_strict(codes, return_dtype=pl.Int64)
    logit = 2.0 * np.eye(len(GROUPS))[code.to_numpy()]
    logit += noise * np.random.default_rng(3).normal(size=logit.shape)
    probability = np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)
    return table.with_columns(
        pl.Series(start + name, values.astype("f4"))
        for name, values in zip(GROUPS, probability.T, strict=True)
    )


def templates(signal, background, background_unc, channel="score") -> pl.DataFrame:
    """Templates of the two classes in one channel, each (n_bins,)."""
    edges = np.linspace(0, 1, len(signal) + 1)
    contents = {"signal": (1, signal, 0 * signal)}
    contents["background"] = (0, background, background_unc)
    return pl.concat(
        pl.DataFrame(
            {
                "channel": channel,
                "low": edges[:-1],
                "high": edges[1:],
                columns.PROCESS: name,
                columns.LABEL: label,
                "expected": expected,
                "expected_unc": unc,
            }
        )
        for name, (label, expected, unc) in contents.items()
    )


def normalizations(uncertainty: float) -> dict[str, tuple[str, float]]:
    """One normalization uncertainty of the background."""
    return {"background": ("background_normalization", uncertainty)}
