"""Weighted statistics of features in each class, for any number of events.

Events are read in parts; only percentiles need all of them in memory. Sums use double
precision. Missing values only enter the missing weight. The first axis of arrays by
class is the label.

Weights count with their sign. A mean needs a positive sum of weights, a standard
deviation also a positive variance; else they are NaN. A correlation can exceed one
within its statistical uncertainty.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hepfold.core import columns
from hepfold.data import event_arrays

# Events of a class that are processed at once: few enough for the CPU cache.
BATCH_ROWS = 32_768
PERCENTS = (0.5, 1, 5, 25, 50, 75, 95, 99, 99.5)
# A feature is constant if its variance is below this fraction of its usual variance.
LEAST_VARIANCE = 1e-9

Parts = Iterable[event_arrays.Events]
Categories = dict[str, tuple[float, ...]]


def by_class(
    parts: Parts, categorical: Categories
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Label, values and weights of the events of each part, class by class.

    Values are float32 (n_events, n_features), each feature contiguous, with category
    values instead of codes; weights are float64 (n_events,).
    """
    for part in parts:
        for label in columns.CLASS_NAMES:
            of_class = np.flatnonzero(part.label == label)
            for start in range(0, max(len(of_class), 1), BATCH_ROWS):
                chosen = of_class[start : start + BATCH_ROWS]
                values = with_values(part.inputs.take(chosen, axis=0), categorical)
                yield label, values, part.weight[chosen].astype("f8")


def with_values(inputs: np.ndarray, categorical: Categories) -> np.ndarray:
    """Inputs (n_events, n_features) with category values instead of codes."""
    values = np.array(inputs, order="F")
    first = inputs.shape[1] - len(categorical)
    for i, of_code in enumerate(categorical.values(), first):
        missing = np.isnan(inputs[:, i])
        code = np.where(missing, len(of_code), inputs[:, i]).astype(int)
        values[:, i] = np.array([*of_code, np.nan], "f4")[code]
    return values


@dataclass(frozen=True)
class Summary:
    """One-pass statistics of the features of one class, each (n_features,).

    `weight` is the sum of weights of events that have the feature; `squares` is the
    weighted sum of squared deviations from the mean.
    """

    n_events: np.ndarray
    n_missing: np.ndarray
    weight: np.ndarray
    missing_weight: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    mean: np.ndarray
    squares: np.ndarray

    @property
    def missing_fraction(self) -> np.ndarray:
        """Fraction of the weight without a value."""
        return ratio(self.missing_weight, self.weight + self.missing_weight)

    @property
    def standard_deviation(self) -> np.ndarray:
        """Standard deviation of the weighted distribution; NaN if undefined."""
        variance = ratio(self.squares, self.weight)
        variance = np.where(np.isnan(self.squares) | (variance < 0), np.nan, variance)
        return np.sqrt(variance)

    @classmethod
    def of(cls, values: np.ndarray, weight: np.ndarray) -> "Summary":
        """The summary of values (n_events, n_features) and weights (n_events,)."""
        missing = np.isnan(values)
        sums = weight @ ~missing
        mean = ratio(weight @ np.where(missing, 0.0, values), sums)
        return cls(
            n_events=(~missing).sum(axis=0),
            n_missing=missing.sum(axis=0),
            weight=sums,
            missing_weight=weight @ missing,
            minimum=np.fmin.reduce(values, axis=0, initial=np.inf),
            maximum=np.fmax.reduce(values, axis=0, initial=-np.inf),
            mean=mean,
            squares=weight @ np.where(missing, 0.0, values - mean) ** 2,
        )

    def __add__(self, other: "Summary") -> "Summary":
        """The summary of both sets of events together.

        After Chan, Golub, LeVeque 1983, doi:10.1080/00031305.1983.10483115.
        """
        weight = self.weight + other.weight
        shift = other.mean - self.mean
        mean = self.mean + shift * ratio(other.weight, weight)
        between = shift**2 * ratio(self.weight * other.weight, weight)
        return Summary(
            n_events=self.n_events + other.n_events,
            n_missing=self.n_missing + other.n_missing,
            weight=weight,
            missing_weight=self.missing_weight + other.missing_weight,
            minimum=np.fmin(self.minimum, other.minimum),
            maximum=np.fmax(self.maximum, other.maximum),
            mean=mean,
            squares=self.squares + other.squares + between,
        )

    def minus(self, other: "Summary") -> "Summary":
        """The summary if the weights of the events of `other` are negative.

        Both summaries use absolute weights, so that no intermediate sum of weights is
        close to zero. Mean and squares are NaN without a positive sum of weights.
        """
        weight = self.weight - other.weight
        positive = np.where(weight > 0, weight, np.nan)
        mean = (self.weight * self.mean - other.weight * other.mean) / positive
        around_mean = [
            part.squares + part.weight * (part.mean - mean) ** 2
            for part in (self, other)
        ]
        return Summary(
            n_events=self.n_events + other.n_events,
            n_missing=self.n_missing + other.n_missing,
            weight=weight,
            missing_weight=self.missing_weight - other.missing_weight,
            minimum=np.fmin(self.minimum, other.minimum),
            maximum=np.fmax(self.maximum, other.maximum),
            mean=mean,
            squares=around_mean[0] - around_mean[1],
        )


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quotient of two arrays, zero where the divisor is zero."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=whole != 0)


def summaries(parts: Parts, categorical: Categories) -> list[Summary]:
    """The summary of each class, in the order of the labels."""
    sums, negative = {}, {}
    for label, values, weight in by_class(parts, categorical):
        below = weight < 0
        if below.any():
            batch = Summary.of(values[below], -weight[below])
            negative[label] = negative[label] + batch if label in negative else batch
            values, weight = values[~below], weight[~below]
        batch = Summary.of(values, weight)
        sums[label] = sums[label] + batch if label in sums else batch
    for label, batch in negative.items():
        sums[label] = sums[label].minus(batch)
    return [sums[label] for label in sorted(sums)]


def percentiles(parts: Parts, categorical: Categories) -> np.ndarray:
    """Weighted percentiles of features, (2, n_features, n_percents).

    A percentile is the smallest value at which the signed cumulative weight reaches
    that fraction of the total; NaN if the total is not positive. All values are in
    memory at the same time, four bytes each.
    """
    batches = {label: [] for label in columns.CLASS_NAMES}
    for label, values, weight in by_class(parts, categorical):
        batches[label].append((values, weight))
    return np.array([class_percentiles(batches[label]) for label in sorted(batches)])


def class_percentiles(batches: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Percentiles of the events of one class, (n_features, n_percents).

    A batch holds values (n_events, n_features) and weights (n_events,).
    """
    weight = np.concatenate([weight for _, weight in batches])
    n_features = batches[0][0].shape[1]
    features = (
        np.concatenate([values[:, i] for values, _ in batches])
        for i in range(n_features)
    )
    return np.array([feature_percentiles(values, weight) for values in features])


def feature_percentiles(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Percentiles (n_percents,) of values and weights (n_events,)."""
    # `np.quantile` does not accept negative weights.
    order = np.argsort(values)[: np.count_nonzero(~np.isnan(values))]
    sums = weight[order].cumsum()
    if len(sums) == 0 or sums[-1] <= 0:
        return np.full(len(PERCENTS), np.nan)
    total, ordered = sums[-1], values[order]
    if weight.min() < 0:
        # For equal values, a sum depends on the order of the events.
        is_last = np.append(ordered[1:] != ordered[:-1], True)
        sums, ordered = sums[is_last], ordered[is_last]
    reached = np.maximum.accumulate(sums)
    return ordered[np.searchsorted(reached, total * np.array(PERCENTS) / 100)]


def histograms(
    parts: Parts, categorical: Categories, edges: list[np.ndarray]
) -> list[list[np.ndarray]]:
    """Sums of weights and of their squares in bins, (2, n_bins), by label and feature.

    `edges` holds the edges (n_bins + 1,) of each feature; bins exclude the upper edge.
    """
    sums = [[np.zeros((2, len(e) - 1)) for e in edges] for _ in columns.CLASS_NAMES]
    for label, values, weight in by_class(parts, categorical):
        for total, column, ends in zip(sums[label], values.T, edges, strict=True):
            # Missing values sort behind the last edge.
            i_bin = np.searchsorted(ends, column, side="right")
            for row, of_event in enumerate((weight, weight**2)):
                in_bins = np.bincount(i_bin, of_event, minlength=len(ends) + 1)
                total[row] += in_bins[1:-1]
    return sums


def correlations(
    parts: Parts, categorical: Categories, mean: np.ndarray, deviation: np.ndarray
) -> np.ndarray:
    """Weighted linear correlations of features, (2, n_features, n_features).

    Computed over events that have both features; NaN if one is constant there or if
    their weights have no positive sum. The means and standard deviations
    (2, n_features) avoid cancellation in the sums.
    """
    scale = np.where(deviation > 0, deviation, 1.0)
    sums = np.zeros((2, 4, mean.shape[1], mean.shape[1]))
    for label, values, weight in by_class(parts, categorical):
        missing = np.isnan(values)
        z = np.where(missing, 0.0, (values - mean[label]) / scale[label])
        present = 1.0 - missing
        weighted = weight[:, None] * present
        parts_of_sum = z.T @ weighted, z.T**2 @ weighted, z.T @ (weight[:, None] * z)
        sums[label] += np.stack([*parts_of_sum, present.T @ weighted])
    first, second, product, norm = sums.swapaxes(0, 1)
    norm = np.where(norm > 0, norm, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = first / norm
        variance = second / norm - means**2
        variance = np.where(variance > LEAST_VARIANCE, variance, np.nan)
        covariance = product / norm - means * means.swapaxes(1, 2)
        return covariance / np.sqrt(variance * variance.swapaxes(1, 2))
