"""Permutation importance and partial dependence of a trained model.

Both modify physical features of out-of-fold events before preparation, so that derived
features (masses and angles of pairs) change consistently. The momentum of a body is
permuted as a whole: by symmetry, an azimuth alone carries no information, and permuting
it breaks the balance of momenta, which the model sees.

Modified events can still be unphysical: if features are correlated, the model sees
events unlike its training events, and shared information is attributed to all of these
features or to none. `feature_relations` shows which features depend on each other.

Weights count with their sign: the mean score of a partial dependence is undefined where
the events that have the feature have no positive sum of weights.
"""

import numpy as np
import polars as pl

from hepfold.analysis import importance_summary
from hepfold.core import metrics
from hepfold.data import datasets, event_arrays, folds, weights
from hepfold.models import feature_schema, member_weights, zoo

# Quantiles of a feature at which the partial dependence is computed: from 1 % to 99 %,
# denser in the tails, where values are sparse.
LEVELS = np.sin(np.linspace(0.1, np.pi / 2 - 0.1, 17)) ** 2


def importance_table(
    models: list[zoo.Model],
    parts: list[event_arrays.Events],
    definition: datasets.Dataset,
    n_repeats: int,
    seed: int,
) -> pl.DataFrame:
    """Importances of features and groups of features, by fold and member.

    `models` holds the model of each fold, `parts` the out-of-fold events of that fold
    with the features of the model. `permuted` lists the features that are permuted
    together; `member` is null for the mean score of all members; `auc` is the AUC
    without permutation. Importance and AUC are null in a fold in which a class has no
    positive sum of weights.
    """
    schema = models[0].preparation.schema
    groups = permuted_together(schema, definition)
    rows = []
    for fold, (model, events) in enumerate(zip(models, parts, strict=True)):
        rng = np.random.default_rng(folds.fold_seed(seed, fold))
        orders = [rng.permutation(len(events)) for _ in range(n_repeats)]
        auc = aucs(model, events, events.inputs)
        for kind, name, positions in groups:
            loss = auc - permuted_aucs(model, events, positions, orders)
            members = [None, *range(model.n_members)]
            permuted = importance_summary.SEPARATOR.join(
                schema.features[i] for i in positions
            )
            for member, whole, lost in zip(members, auc, loss, strict=True):
                rows.append((fold, kind, name, permuted, member, whole, lost))
    names = ["fold", "kind", "feature", "permuted", "member", "auc", "importance"]
    table = pl.DataFrame(rows, names, orient="row", infer_schema_length=None)
    return table.fill_nan(None)


def permuted_together(
    schema: feature_schema.Schema, definition: datasets.Dataset
) -> list[tuple[str, str, list[int]]]:
    """Kind, name and columns of each group of features that is permuted together.

    Groups are each `feature` that is not part of the momentum of a body, the momentum
    of each `body`, and each named `set` that is a proper subset of the features of the
    model.
    """
    position = {name: i for i, name in enumerate(schema.features)}
    momenta = [b.names for b in definition.bodies if set(b.names) <= set(position)]
    in_momenta = {name for names in momenta for name in names}
    features = [
        ("feature", name, (name,)) for name in position if name not in in_momenta
    ]
    bodies = [("body", braced(names), names) for names in momenta]
    sets = [
        ("set", name, names)
        for name, names in definition.feature_sets.items()
        if set(names) | {definition.hypothesis} < set(position) | {None}
    ]
    return [
        (kind, title, [position[name] for name in names])
        for kind, title, names in features + bodies + sets
    ]


def braced(names: tuple[str, ...]) -> str:
    """One name for several features with a common prefix: `jet_1_{pt, eta}`."""
    heads = [names[0][: i + 1] for i, letter in enumerate(names[0]) if letter == "_"]
    common = [head for head in heads if all(name.startswith(head) for name in names)]
    shared = common[-1] if common else ""
    rest = ", ".join(name.removeprefix(shared) for name in names)
    return f"{shared}{{{rest}}}" if shared else rest


def permuted_aucs(
    model: zoo.Model,
    events: event_arrays.Events,
    positions: list[int],
    orders: list[np.ndarray],
) -> np.ndarray:
    """Weighted AUCs (1 + n_members,) with some columns permuted among the events.

    Mean over `orders`, each (n_events,). Missing values are permuted like others;
    labels and weights are not. Breiman 2001, doi:10.1023/A:1010933404324; for any
    trained model, Fisher, Rudin, Dominici 2019, JMLR 20:177.
    """
    repeats = []
    for order in orders:
        inputs = events.inputs.copy()
        inputs[:, positions] = inputs[np.ix_(order, positions)]
        repeats.append(aucs(model, events, inputs))
    return np.mean(repeats, axis=0)


def aucs(
    model: zoo.Model, events: event_arrays.Events, inputs: np.ndarray
) -> np.ndarray:
    """Weighted AUCs (1 + n_members,) of the mean score and of each member's score."""
    score = model.member_scores(inputs)
    weight = events.weight.astype("f8")
    scores = [member_weights.mean(score, model.member_weight), *score]
    return np.array([metrics.auc(s, events.label, weight) for s in scores])


def dependence_table(
    models: list[zoo.Model],
    parts: list[event_arrays.Events],
    names: list[str],
    categorical: dict[str, tuple[float, ...]],
) -> pl.DataFrame:
    """Partial dependence of the score on the named features, by fold.

    Models and events are those of `importance_table`; `categorical` holds the values of
    categories. The values of a feature are the same for all folds.
    """
    position = models[0].preparation.schema.features.index
    inputs = np.concatenate([part.inputs for part in parts])
    rows = []
    for name in names:
        values = grid(inputs[:, position(name)])
        for fold, (model, events) in enumerate(zip(models, parts, strict=True)):
            means = partial_dependence(model, events, position(name), values)
            points = zip(values.tolist(), means.tolist(), strict=True)
            rows += [(fold, name, *point) for point in points]
    curves = pl.DataFrame(rows, ["fold", "feature", "value", "score"], orient="row")
    return importance_summary.with_values(curves, categorical).fill_nan(None)


def grid(column: np.ndarray) -> np.ndarray:
    """Values (n_values,) of a feature (n_events,) at LEVELS, or all values if few.

    Each value occurs in an event, i.e. there is no interpolation.
    """
    values = np.unique(column[~np.isnan(column)])
    if len(values) <= len(LEVELS):
        return values
    present = column[~np.isnan(column)]
    return np.unique(np.quantile(present, LEVELS, method="inverted_cdf"))


def partial_dependence(
    model: zoo.Model, events: event_arrays.Events, position: int, values: np.ndarray
) -> np.ndarray:
    """Mean score (n_values,) of events with one feature set to each value in turn.

    Friedman 2001, doi:10.1214/aos/1013203451. Both classes have equal weight. Events
    without the feature, such as those without that jet, are left out; NaN if the others
    have no positive sum of weights.
    """
    undefined = np.full(len(values), np.nan)
    if min(metrics.class_sums(events.label, events.weight)) <= 0:
        return undefined
    weight = weights.balance(events.weight, events.label)
    has = ~np.isnan(events.inputs[:, position])
    if weight[has].sum() <= 0:
        return undefined
    inputs, weight = events.inputs[has], weight[has]
    means = []
    for value in values:
        inputs[:, position] = value
        score = member_weights.mean(model.member_scores(inputs), model.member_weight)
        means.append(np.average(score, weights=weight))
    return np.array(means)
