"""Which rule for negative weights gives the best classifier.

    OMP_NUM_THREADS=1 python benchmarks/negative_weights.py [N_SEEDS]

Toy events of a signal and two backgrounds in five features. Some events of the larger
background, or of all, have negative weights, as those of generators at next-to-leading
order: the probability of a negative sign is a function of the features, below one half,
so that the physical density is positive everywhere. Each seed draws new training
events, trains `mlp` and `xgboost` with each rule, and evaluates on the same independent
events with signed weights: AUC, and the AMS on half of these events at the cut that is
chosen on the other half.

- rule: `absolute`, `zero` and `keep` as in `datasets.<name>.negative_weights`;
  `rescaled` is `absolute` with each process scaled to its signed sum of weights.
- The table gives means over seeds with their standard errors. Differences to `absolute`
  are paired: they share training events and evaluation events.

`keep` is not available for `xgboost`.
"""

import math
import os
import sys
import tempfile
from pathlib import Path

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import numpy as np  # noqa: E402
import torch  # noqa: E402

from hepfold.analysis import cut_choice, score_tables  # noqa: E402
from hepfold.core import (  # noqa: E402
    metrics,
    settings,
    settings_layers,
    settings_models,
    settings_training,
)
from hepfold.data import event_arrays, folds, weights  # noqa: E402
from hepfold.models import feature_schema  # noqa: E402
from hepfold.training import checkpoints, fit  # noqa: E402

N_TRAINING, N_EVALUATION, N_SEEDS = 10_000, 200_000, 12
N_FEATURES = 5
SIGNAL, LARGE, SMALL = 0, 1, 2
# Share of the training events of each process, and its expected events.
SHARES = (0.4, 0.4, 0.2)
EXPECTED = (300.0, 8000.0, 2000.0)
# Means in the features, each a Gaussian of unit width.
MEANS = (
    (1.0, 0.8, 0.5, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (0.6, -0.5, 0.5, 0.8, 0.0),
)
# Mean fraction of negative events, its relative change from the middle to either end of
# the first feature, and the processes that have such events.
CASES = (
    (0.15, 0.5, [LARGE]),
    (0.2, 0.5, [LARGE]),
    (0.2, 0.0, [LARGE]),
    (0.2, 0.0, [SIGNAL, LARGE, SMALL]),
)
B_REG = 10.0
MODELS = {
    "mlp": settings_models.MLP(
        n_members=3,
        symmetry=settings_layers.Symmetry(use="none"),
        network=settings_layers.MLPLayers(depth=2, width=32, dropout=0.0),
        validation_fraction=0.2,
        n_epochs=10,
        batch_size=256,
        learning_rate=0.005,
    ),
    "xgboost": settings_models.XGBoost(
        n_members=2,
        symmetry=settings_layers.Orientation(use="none"),
        validation_fraction=0.2,
    ),
}
Case = tuple[float, float, list[int]]
RULES = {
    "mlp": (weights.ABSOLUTE, weights.ZERO, weights.KEEP, "rescaled"),
    "xgboost": (weights.ABSOLUTE, weights.ZERO, "rescaled"),
}
TRAINING = settings_training.Training(device="cpu")


def draw(n: int, case: Case, seed: int) -> tuple[event_arrays.Events, np.ndarray]:
    """Events with expected weights, and the process (n_events,) of each."""
    fraction, change, processes = case
    rng = np.random.default_rng(seed)
    process = rng.choice(len(SHARES), n, p=SHARES)
    inputs = rng.normal(size=(n, N_FEATURES)) + np.array(MEANS)[process]
    probability = fraction * (1 + change * np.tanh(inputs[:, 0]))
    is_negative = np.isin(process, processes) & (rng.random(n) < probability)
    weight = rng.lognormal(0, 0.3, n) * np.where(is_negative, -1, 1)
    for i, expected in enumerate(EXPECTED):
        weight[process == i] *= expected / weight[process == i].sum()
    events = event_arrays.Events(
        inputs=inputs.astype("f4"),
        label=(process == SIGNAL).astype("i1"),
        weight=weight.astype("f4"),
        event_id=np.arange(n),
        subset=np.zeros(n, "u1"),
    )
    return events, process


def weighted(
    events: event_arrays.Events, process: np.ndarray, rule: str
) -> event_arrays.Events:
    """The events with the weights of a training by a rule."""
    if rule != "rescaled":
        return events.with_weight(weights.for_training(events.weight, rule))
    weight = weights.for_training(events.weight, weights.ABSOLUTE)
    for i in range(len(SHARES)):
        chosen = process == i
        weight[chosen] *= events.weight[chosen].sum() / weight[chosen].sum()
    return events.with_weight(weight)


def evaluated(
    name: str,
    trained_on: event_arrays.Events,
    unseen: event_arrays.Events,
    seed: int,
) -> tuple[float, float]:
    """Signed AUC and AMS of a model on unseen events."""
    # The same seed would draw the validation events by their process.
    seed = folds.fold_seed(seed, 1)
    names = tuple(f"x{i}" for i in range(N_FEATURES))
    units = (1.0,) * N_FEATURES
    schema = feature_schema.Schema(names, (), (), units, True)
    with tempfile.TemporaryDirectory() as folder:
        place = checkpoints.Place(f"{folder}/model.state", {})
        of_model = MODELS[name]
        model, _ = fit.train(trained_on, schema, of_model, TRAINING, seed, place)
    score, label = model.score(unseen.inputs), unseen.label
    weight = unseen.weight.astype("f8")
    half = np.arange(len(score)) % 2 == 0
    # Both halves are scaled to all expected events.
    chosen_on, quoted_on = (
        score_tables.ScoredEvents(score[part], label[part], 2 * weight[part])
        for part in (half, ~half)
    )
    cut = cut_choice.chosen(chosen_on, B_REG, settings.Evaluation())["ams"]
    ams = metrics.ams_at_cut(
        quoted_on.score, quoted_on.label, quoted_on.weight, cut, B_REG
    )
    return metrics.auc(score, label, weight), ams


def compare(name: str, case: Case, n_seeds: int) -> None:
    """Print the table of all rules for one model and pattern of negative weights."""
    unseen, _ = draw(N_EVALUATION, case, seed=10**6)
    results = {rule: [] for rule in RULES[name]}
    for seed in range(n_seeds):
        events, process = draw(N_TRAINING, case, seed)
        for rule, rows in results.items():
            rows.append(evaluated(name, weighted(events, process, rule), unseen, seed))
    print(
        f"\n{name}, {n_seeds} seeds: {case[0]:.0%} of the events of {len(case[2])} "
        f"processes negative, +- {case[1]:.0%} of it along the first feature"
    )
    head = ("AUC", "difference", "AMS", "difference")
    print(f"{'rule':10}" + "".join(f"{text:>20}" for text in head))
    reference = np.array(results[weights.ABSOLUTE])
    for rule, rows in results.items():
        of_rule = np.array(rows)
        cells = []
        for i in range(2):
            cells += [mean(of_rule[:, i]), mean(of_rule[:, i] - reference[:, i])]
        print(f"{rule:10}" + "".join(f"{text:>20}" for text in cells), flush=True)


def mean(values: np.ndarray) -> str:
    """Mean over seeds and its standard error."""
    unc = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{values.mean():.4f} +- {unc:.4f}"


def main(n_seeds: int = N_SEEDS) -> None:
    """All models and patterns."""
    torch.set_num_threads(int(THREADS))
    for case in CASES:
        for name in MODELS:
            compare(name, case, n_seeds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
