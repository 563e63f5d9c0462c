"""Whether one cut selects the same fractions of the events in all folds."""

import logging

import numpy as np
import polars as pl
from scipy import special

from hepfold.analysis import uncertainties
from hepfold.core import columns

# Efficiencies of folds differ if a larger chi-square is less probable than this, which
# corresponds to three standard deviations.
LEAST_P_VALUE = 0.0027
EFFICIENCIES = {
    "signal_efficiency": columns.SIGNAL,
    "background_efficiency": columns.BACKGROUND,
}


def consistency(parts: list[pl.DataFrame], cut: float) -> dict:
    """Efficiencies of each fold at a cut with uncertainties, and whether they agree.

    `chi2` tests equal efficiencies; the number of degrees of freedom is the number of
    folds less one. Negative weights count with their sign.
    """
    trained = [part.filter(pl.col(columns.SUBSET) == columns.TRAIN) for part in parts]
    record = {"fold": [part[columns.FOLD][0] for part in trained]}
    for name, label in EFFICIENCIES.items():
        of_class = [
            (part[columns.SCORE].to_numpy() >= cut, part[columns.WEIGHT].to_numpy())
            for part in (p.filter(pl.col(columns.LABEL) == label) for p in trained)
        ]
        values, uncs = np.transpose([efficiency(*part) for part in of_class])
        record[name] = [uncertainties.finite(value) for value in values]
        record[f"{name}_unc"] = [uncertainties.finite(unc) for unc in uncs]
        record |= {f"{name}_{k}": v for k, v in agreement(of_class).items()}
    return record


def efficiency(passes: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted fraction of the events that pass, and its uncertainty.

    NaN without a positive sum of weights.
    """
    total = weight.sum(dtype="f8")
    if total <= 0:
        return float("nan"), float("nan")
    value = weight[passes].sum(dtype="f8") / total
    unc = np.sqrt(np.sum(np.square(weight * (passes - value)))) / total
    return float(value), float(unc)


def agreement(
    parts: list[tuple[np.ndarray, np.ndarray]],
) -> dict[str, float | None]:
    """Chi-square of equal efficiencies, and the probability of a larger one.

    Takes a mask of passing events and their weights for each fold. Uncertainties assume
    equal efficiencies, so that a fold in which no event passes has an uncertainty too.
    None for one fold, or if all or no events pass.
    """
    sums = np.array([weight.sum(dtype="f8") for _, weight in parts])
    squares = np.array([np.sum(weight**2) for _, weight in parts])
    passes, weight = (np.concatenate(both) for both in zip(*parts, strict=True))
    _, unc = efficiency(passes, weight)
    if len(parts) < 2 or not (sums > 0).all() or not unc > 0:
        return {"chi2": None, "p_value": None}
    values = np.array([efficiency(*part)[0] for part in parts])
    variance = (unc * sums.sum()) ** 2 / squares.sum() * squares / sums**2
    mean = np.average(values, weights=1 / variance)
    chi2 = float(np.sum((values - mean) ** 2 / variance))
    return {"chi2": chi2, "p_value": float(special.chdtrc(len(parts) - 1, chi2))}


def differences(record: dict) -> list[str]:
    """A sentence for each efficiency that differs significantly between folds."""
    sentences = []
    for name in EFFICIENCIES:
        p_value = record[f"{name}_p_value"]
        if p_value is not None and p_value < LEAST_P_VALUE:
            low, high = min(record[name]), max(record[name])
            sentences.append(
                f"{name.replace('_', ' ')} at the cut from {low:.4g} to {high:.4g} in "
                f"{len(record[name])} folds (chi-square "
                f"{record[f'{name}_chi2']:.1f} for {len(record[name]) - 1} degrees of "
                f"freedom, p = {p_value:.2g})"
            )
    return sentences


def log_differences(record: dict) -> None:
    """Warn if the same cut selects different fractions of the folds."""
    for sentence in differences(record):
        logging.warning(
            "The scores of folds are not comparable: %s. Train longer or with more "
            "members, or set evaluation.fold_scores: rank.",
            sentence,
        )
