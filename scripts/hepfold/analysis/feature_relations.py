"""How features depend on each other: each is predicted from all others by trees.

A model loses little with a feature that its others tell as well; see `explanation`.
"""

import numpy as np
import polars as pl
import xgboost

from hepfold.core import columns
from hepfold.data import event_arrays

PARAMETERS = {
    "objective": "reg:squarederror",
    "tree_method": "hist",
    "max_depth": 5,
    "learning_rate": 0.2,
    "min_child_weight": 10,
    "max_bin": 64,
    "nthread": 1,
}
N_ROUNDS, PATIENCE = 200, 5
# One in so many of the events that are fitted decides when to stop.
STOPPING_PART = 5
# A feature is predicted where so many events of every fold have it.
LEAST_EVENTS = 20
N_PREDICTORS = 3


def relation_table(
    events: event_arrays.Events,
    fold: np.ndarray,
    features: tuple[str, ...],
    radians: dict[str, float],
) -> pl.DataFrame:
    """How well each feature is predicted by the others in signal and in background.

    Takes the fold (n_events,) of each event, the names of the columns of inputs, and
    the radians that are one unit of each azimuth. `r_squared` is the mean over folds
    and `r_squared_unc` its standard error; both are null where few events have the
    feature, or all the same value. The predictors are those of the largest parts of
    the gain. Trees find no more than their events show: what is there may be more.
    """
    rows = []
    for label in columns.CLASS_NAMES:
        chosen = events.label == label
        of_class, fold_of = events.take(chosen), fold[chosen]
        for i, name in enumerate(features):
            r_squared, gain = relation(of_class, fold_of, i, radians.get(name))
            row = {columns.LABEL: label, "feature": name}
            row |= {"n_events": int(np.isfinite(of_class.inputs[:, i]).sum())}
            rows.append(row | of_folds(r_squared) | strongest(gain, features))
    return pl.DataFrame(rows, infer_schema_length=None)


def of_folds(values: np.ndarray) -> dict[str, float | None]:
    """Mean over folds (n_folds,) and its standard error; None where one is NaN."""
    if not np.isfinite(values).all():
        return {"r_squared": None, "r_squared_unc": None}
    unc = values.std(ddof=1) / np.sqrt(len(values))
    return {"r_squared": float(values.mean()), "r_squared_unc": float(unc)}


def strongest(gain: np.ndarray, features: tuple[str, ...]) -> dict[str, object]:
    """Names of the features with the largest parts (n_features,) of the gain."""
    order = np.argsort(-gain, kind="stable")[:N_PREDICTORS]
    found = [(features[i], float(gain[i])) if gain[i] else (None, None) for i in order]
    return {
        f"{what}_{place}": value
        for place, pair in enumerate(found, 1)
        for what, value in zip(("predictor", "gain"), pair, strict=True)
    }


def relation(
    events: event_arrays.Events, fold: np.ndarray, position: int, radians: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """R^2 of one feature in every fold, and the part of the gain of each feature.

    Events of even folds are predicted by trees fitted to odd ones, and the other way
    round; those that lack the feature are left out.
    """
    folds, n_features = np.unique(fold), events.inputs.shape[1]
    has = ~np.isnan(events.inputs[:, position])
    part, fold = events.take(has), fold[has]
    undefined = np.full(len(folds), np.nan), np.zeros(n_features)
    if min(np.count_nonzero(fold == i) for i in folds) < LEAST_EVENTS:
        return undefined
    weight = part.weight / part.weight.mean(dtype="f8")
    target = targets(part.inputs[:, position], weight, radians)
    others = np.delete(part.inputs, position, axis=1)
    predicted, gain = np.empty(target.shape), np.zeros(n_features - 1)
    for is_fitted in (fold % 2 == 0, fold % 2 == 1):
        booster = fitted(others[is_fitted], target[is_fitted], weight[is_fitted])
        found = booster.inplace_predict(others[~is_fitted])
        predicted[~is_fitted] = found.reshape(-1, target.shape[1])
        gain += gains(booster, n_features - 1)
    r_squared = [
        explained(target[fold == i], predicted[fold == i], weight[fold == i])
        for i in folds
    ]
    gain = np.insert(gain / max(gain.sum(), 1e-300), position, 0.0)
    return np.array(r_squared), gain


def targets(
    values: np.ndarray, weight: np.ndarray, radians: float | None
) -> np.ndarray:
    """What is predicted of a feature (n_events,): its rank, or its direction.

    The rank, the part of the weight below, knows no tails and no units, (n_events, 1);
    an azimuth is two components, (n_events, 2), as it has no end.
    """
    if radians is not None:
        angle = radians * values.astype("f8")
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    _, place = np.unique(values, return_inverse=True)
    at_value = np.bincount(place, weight)
    rank = (at_value.cumsum() - at_value / 2) / at_value.sum()
    return rank[place][:, None]


def fitted(
    inputs: np.ndarray, target: np.ndarray, weight: np.ndarray
) -> xgboost.Booster:
    """Trees for a target (n_events, n_targets), stopped where others are best."""
    stops = np.arange(len(inputs)) % STOPPING_PART == 0
    data = None
    for chosen in (~stops, stops):
        part = inputs[chosen], target[chosen]
        made = xgboost.QuantileDMatrix(
            *part, weight=weight[chosen], ref=data, max_bin=64, nthread=1
        )
        data, judged = data or made, made
    booster = xgboost.train(
        PARAMETERS,
        data,
        N_ROUNDS,
        evals=[(judged, "judged")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return booster[: booster.best_iteration + 1]


def gains(booster: xgboost.Booster, n_features: int) -> np.ndarray:
    """What the cuts on each feature gained in all, (n_features,)."""
    found = np.zeros(n_features)
    for name, gain in booster.get_score(importance_type="total_gain").items():
        found[int(name.removeprefix("f"))] = gain
    return found


def explained(target: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """Weighted R^2 of targets (n_events, n_targets); NaN where they do not vary."""
    total = target - np.average(target, axis=0, weights=weight)
    variance = weight @ (total**2).sum(axis=1)
    if variance <= 0:
        return np.nan
    return 1 - weight @ ((target - predicted) ** 2).sum(axis=1) / variance
