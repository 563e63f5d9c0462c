"""Dependence between features: trees predict each feature from all others.

A model loses little without a feature that the others predict (see
`feature_importance`). Trees are fitted with absolute weights, as XGBoost accepts no
negative ones, and ranks use absolute weights, which keeps them monotone. R^2 uses
signed weights.
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
# One in this many events of the fit is used for early stopping.
STOPPING_PART = 5
# A feature is predicted if at least this many events of every fold have it.
LEAST_EVENTS = 20
N_PREDICTORS = 3


def relation_table(
    events: event_arrays.Events,
    fold: np.ndarray,
    features: tuple[str, ...],
    radians: dict[str, float],
) -> pl.DataFrame:
    """How well the others predict each feature, in signal and in background.

    Takes the fold (n_events,) of each event, the names of the columns of inputs, and
    the unit of each azimuth in radians. `r_squared` is the mean over folds and
    `r_squared_unc` its standard error; both are null if few events have the feature, if
    it is constant, or if its signed variance in a fold is not positive. Predictors are
    the features with the largest gains. The result is a lower limit, because trees may
    predict a feature better with more events.
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
    """Mean over folds (n_folds,) and its standard error; None if a value is NaN."""
    if not np.isfinite(values).all():
        return {"r_squared": None, "r_squared_unc": None}
    unc = values.std(ddof=1) / np.sqrt(len(values))
    return {"r_squared": float(values.mean()), "r_squared_unc": float(unc)}


def strongest(gain: np.ndarray, features: tuple[str, ...]) -> dict[str, object]:
    """The features with the largest fractions (n_features,) of the gain."""
    order = np.argsort(-gain, kind="stable")[:N_PREDICTORS]
    pairs = [(features[i], float(gain[i])) if gain[i] else (None, None) for i in order]
    return {
        f"{what}_{place}": value
        for place, pair in enumerate(pairs, 1)
        for what, value in zip(("predictor", "gain"), pair, strict=True)
    }


def relation(
    events: event_arrays.Events, fold: np.ndarray, position: int, radians: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """R^2 of one feature in every fold, and the fraction of the gain of each feature.

    Trees fitted to even folds predict odd folds and vice versa. Events without the
    feature are left out.
    """
    folds, n_features = np.unique(fold), events.inputs.shape[1]
    has = ~np.isnan(events.inputs[:, position])
    part, fold = events.take(has), fold[has]
    undefined = np.full(len(folds), np.nan), np.zeros(n_features)
    if min(np.count_nonzero(fold == i) for i in folds) < LEAST_EVENTS:
        return undefined
    size = np.abs(part.weight)
    mean = size.mean(dtype="f8")
    if mean == 0:
        return undefined
    weight, size = part.weight / mean, size / mean
    target = targets(part.inputs[:, position], size, radians)
    others = np.delete(part.inputs, position, axis=1)
    predicted, gain = np.empty(target.shape), np.zeros(n_features - 1)
    for is_fitted in (fold % 2 == 0, fold % 2 == 1):
        booster = fitted(others[is_fitted], target[is_fitted], size[is_fitted])
        prediction = booster.inplace_predict(others[~is_fitted])
        predicted[~is_fitted] = prediction.reshape(-1, target.shape[1])
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
    """Regression targets of a feature (n_events,): its rank, or its direction.

    The rank (n_events, 1), the fraction of weight below, is independent of tails and
    units. An azimuth, being periodic, gives two components (n_events, 2).
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
    """Trees fitted to a target (n_events, n_targets), with early stopping."""
    stops = np.arange(len(inputs)) % STOPPING_PART == 0
    training = quantized(inputs[~stops], target[~stops], weight[~stops], None)
    validation = quantized(inputs[stops], target[stops], weight[stops], training)
    booster = xgboost.train(
        PARAMETERS,
        training,
        N_ROUNDS,
        evals=[(validation, "validation")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return booster[: booster.best_iteration + 1]


def quantized(
    inputs: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    reference: xgboost.QuantileDMatrix | None,
) -> xgboost.QuantileDMatrix:
    """Events in the bins of XGBoost, or in those of `reference`."""
    return xgboost.QuantileDMatrix(
        inputs, target, weight=weight, ref=reference, max_bin=64, nthread=1
    )


def gains(booster: xgboost.Booster, n_features: int) -> np.ndarray:
    """Total gain (n_features,) of the cuts on each feature."""
    total = np.zeros(n_features)
    for name, gain in booster.get_score(importance_type="total_gain").items():
        total[int(name.removeprefix("f"))] = gain
    return total


def explained(target: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """Weighted R^2 of targets (n_events, n_targets); NaN if they are constant.

    Also NaN if the signed weights or the signed variance have no positive sum.
    """
    if weight.sum() <= 0:
        return np.nan
    total = target - np.average(target, axis=0, weights=weight)
    variance = weight @ (total**2).sum(axis=1)
    if variance <= 0:
        return np.nan
    return 1 - weight @ ((target - predicted) ** 2).sum(axis=1) / variance
