"""Coverage of the uncertainties of AUC and AMS when the whole analysis is repeated.

    OMP_NUM_THREADS=1 python benchmarks/interval_coverage.py [N_ANALYSES]

Each toy analysis draws its own training and test events and trains small networks from
new initial weights, one ensemble per fold, and is evaluated as by the workflow. The
true figures of merit of its networks, at its cut, are those of many more events; their
mean over all analyses is the truth. For each figure of merit:

- total, events: part of the analyses in which the value differs from the truth by less
  than the total uncertainty, or that of the events alone; 68 % if it is right;
- pull: mean and standard deviation of the difference in units of the total;
- training, cut: these parts of the uncertainty, in units of the total (root of the
  mean of squares).
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from hepfold.analysis import fold_scores, merits, score_tables, training_spread
from hepfold.core import columns, metrics, settings
from hepfold.data import weights

N_ANALYSES = 300
N_TRAIN, N_TEST, N_TRUE = 2000, 1500, 20_000
N_FOLDS, N_FEATURES, WIDTH = 5, 3, 6
EXPECTED = score_tables.Expected(signal=300.0, background=8000.0)
B_REG = 10.0
EVALUATION = settings.Evaluation(n_replicas=100, working_points=(0.5,))
NAMES = ("auc", "auc_weighted", "ams")
# Members per fold, updates, and how the scores of folds are compared.
CASES = {
    "four members": (4, 40, "raw"),
    "one network": (1, 40, "raw"),
    "four members, few updates": (4, 6, "raw"),
    "one network, few updates": (1, 6, "raw"),
    "one network, few updates, ranks": (1, 6, "rank"),
}


@dataclass(frozen=True)
class Sample:
    """Features (n_events, n_features), label and weight of events."""

    inputs: torch.Tensor
    label: np.ndarray
    weight: np.ndarray


def draw(n: int, rng: np.random.Generator) -> Sample:
    """Events of two overlapping classes with spread weights."""
    label = (rng.random(n) < 0.4).astype("i1")
    inputs = rng.normal(size=(n, N_FEATURES))
    inputs = np.where(label[:, None] == 1, 0.5 + 0.8 * inputs, inputs)
    weight = rng.lognormal(0, 0.5, n)
    return Sample(torch.from_numpy(inputs.astype("f4")), label, weight)


class Networks:
    """Networks of one hidden layer, (n_folds, n_members) of them in one tensor."""

    def __init__(self, n_members: int, seed: int):
        self.n_members = n_members
        random = torch.Generator().manual_seed(seed)
        n = N_FOLDS * n_members
        shapes = (n, N_FEATURES, WIDTH), (n, 1, WIDTH), (n, WIDTH, 1), (n, 1, 1)
        self.parameters = [
            torch.randn(shape, generator=random) / shape[1] ** 0.5 for shape in shapes
        ]

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits (n_folds, n_members, n_events)."""
        first, offset, second, last = self.parameters
        hidden = torch.tanh(inputs @ first + offset)
        return (hidden @ second + last).view(N_FOLDS, self.n_members, -1)

    def train(self, sample: Sample, fold: np.ndarray, n_updates: int) -> None:
        """Train each network on the events of all other folds."""
        for parameter in self.parameters:
            parameter.requires_grad_()
        optimizer = torch.optim.Adam(self.parameters, lr=0.05)
        label = torch.from_numpy(sample.label.astype("f4"))
        weight = torch.from_numpy(weights.balance(sample.weight, sample.label))
        is_used = torch.from_numpy(fold != np.arange(N_FOLDS)[:, None])
        weight = (weight * is_used)[:, None].float()
        for _ in range(n_updates):
            logits = self.logits(sample.inputs)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, label.expand_as(logits), weight.expand_as(logits)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @torch.no_grad()
    def scores(self, inputs: torch.Tensor) -> np.ndarray:
        """Scores (n_folds, n_members, n_events)."""
        return self.logits(inputs).double().sigmoid().numpy()


def table(sample: Sample, score: np.ndarray, subset: str, fold: int) -> pl.DataFrame:
    """Scores as a fold writes them, with ids from zero."""
    return pl.DataFrame(
        {
            columns.FOLD: fold,
            columns.EVENT_ID: np.arange(len(score)) + 10**6 * (subset != "train"),
            columns.SUBSET: subset,
            columns.LABEL: sample.label,
            columns.WEIGHT: sample.weight,
            columns.SCORE: score,
        }
    )


def fold_tables(
    networks: Networks, train: Sample, fold: np.ndarray, test: Sample, kind: str
) -> training_spread.FoldScores:
    """Scores of an analysis, as `evaluate` reads them."""
    of_train, of_test = (networks.scores(part.inputs) for part in (train, test))
    parts, groups = [], []
    for i in range(N_FOLDS):
        held_out = fold == i
        whole = table(train, of_train[i].mean(0), "train", i).filter(held_out)
        parts.append(pl.concat([whole, table(test, of_test[i].mean(0), "test", i)]))
        groups.append(np.concatenate([of_train[i][:, held_out].T, of_test[i].T]))
    adjusted = fold_scores.comparable(parts, kind)
    has_groups = networks.n_members > 1
    return training_spread.FoldScores(
        parts, lambda i: groups[i] if has_groups else None, adjusted
    )


def true_merits(
    networks: Networks, true: Sample, folds: training_spread.FoldScores, cut: float
) -> dict[str, dict[str, float]]:
    """Figures of merit of the networks for out-of-fold and for test events."""
    score = networks.scores(true.inputs).mean(axis=1)
    adjusted = [
        folds.adjusted(
            pl.concat([part, table(true, of_fold, "true", 0)], how="vertical_relaxed")
        )
        .filter(subset="true")[columns.SCORE]
        .to_numpy()
        for part, of_fold in zip(folds.parts, score, strict=True)
    ]
    i_fold = np.arange(len(true.label)) % N_FOLDS
    pooled = np.array(adjusted)[i_fold, np.arange(len(i_fold))]
    return {
        name: merits_of(part, true, cut)
        for name, part in (("oof", pooled), ("test", np.mean(adjusted, axis=0)))
    }


def merits_of(score: np.ndarray, sample: Sample, cut: float) -> dict[str, float]:
    """True figures of merit of scores."""
    label, ones = sample.label, np.ones(len(score))
    weight = weights.scale_to_full(
        sample.weight, label, EXPECTED.signal, EXPECTED.background
    )
    return {
        "auc": metrics.auc(score, label, ones),
        "auc_weighted": metrics.auc(score, label, weight),
        "ams": metrics.ams_at_cut(score, label, weight, cut, B_REG),
    }


def analysis(
    seed: int, n_members: int, n_updates: int, kind: str, true: Sample
) -> tuple[dict, dict]:
    """Record of a toy analysis, and the true figures of merit of its networks."""
    rng = np.random.default_rng(seed)
    train, test = draw(N_TRAIN, rng), draw(N_TEST, rng)
    fold = rng.integers(0, N_FOLDS, N_TRAIN)
    networks = Networks(n_members, seed)
    networks.train(train, fold, n_updates)
    folds = fold_tables(networks, train, fold, test, kind)
    record, _ = merits.figures_of_merit(folds, EXPECTED, B_REG, EVALUATION, seed)
    return record, true_merits(networks, true, folds, record["cuts"]["ams"])


def compare(name: str, n_analyses: int) -> None:
    """Print the coverage of a case."""
    true = draw(N_TRUE, np.random.default_rng(10**6))
    # Cases share no events, so that their fluctuations are independent.
    first = 10_000 * (1 + list(CASES).index(name))
    seeds = range(first, first + n_analyses)
    results = [analysis(seed, *CASES[name], true) for seed in seeds]
    print(f"\n{name}, {n_analyses} analyses")
    print(f"{'':22}{'total':>7}{'events':>8}{'pull':>16}{'training':>10}{'cut':>6}")
    for subset in ("oof", "test"):
        for merit in NAMES:
            truth = np.mean([truths[subset][merit] for _, truths in results])
            records = [record[subset] for record, _ in results]
            print(f"{subset + ' ' + merit:22}{line(records, merit, truth)}")


def line(records: list[dict], name: str, truth: float) -> str:
    """Coverage of one figure of merit, pulls, and the parts of the uncertainty."""
    value, events, training, cut, total = (
        np.array([record.get(f"{name}{end}") or 0.0 for record in records])
        for end in ("", "_unc", "_unc_training", "_unc_cut", "_unc_total")
    )
    away = value - truth
    covered, of_events = (np.mean(abs(away) < unc) for unc in (total, events))
    pull = away / total
    mean_square = np.mean(total**2)
    training, cut = (np.sqrt(np.mean(x**2) / mean_square) for x in (training, cut))
    return (
        f"{covered:7.1%}{of_events:8.1%}{pull.mean():8.2f} +- {pull.std():.2f}"
        f"{training:10.2f}{cut:6.2f}"
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    n_analyses = int(sys.argv[1]) if len(sys.argv) > 1 else N_ANALYSES
    for name in CASES:
        compare(name, n_analyses)
