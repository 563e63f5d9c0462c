"""Statistics that scale features: origins, units, quantiles and long tails."""

import numpy as np
import torch
from torch import Tensor

# A feature without negative values is long-tailed if its skewness exceeds this.
LONG_TAIL_SKEWNESS = 1.0


def origin_and_unit(columns: Tensor, scaling: str) -> tuple[Tensor, Tensor]:
    """Offset to subtract from each column, and unit to divide by, for a `scaling`."""
    if scaling == "min_max":
        return value_range(columns)
    if scaling == "none":
        return columns.new_zeros(columns.shape[1]), unit(columns, scaling)
    origin = columns.nanmean(dim=0).nan_to_num()
    return origin, unit(columns - origin, scaling)


def unit(columns: Tensor, scaling: str) -> Tensor:
    """Root mean square of each column without NaN; one if it is zero, or for `none`."""
    rms = columns.square().nanmean(dim=0).sqrt().nan_to_num()
    return torch.where((rms > 0) & (scaling != "none"), rms, 1.0)


def quantiles(columns: Tensor, level: Tensor) -> Tensor:
    """Quantiles of each column without NaN, shape (n_columns, n_levels)."""
    tables = [
        np.quantile(column[~column.isnan()].numpy(), level.numpy())
        if not column.isnan().all()
        else np.zeros(len(level))
        for column in columns.T
    ]
    return torch.from_numpy(np.array(tables))


def value_range(columns: Tensor) -> tuple[Tensor, Tensor]:
    """Lowest value of each column, and the width of its range, or one if it is zero."""
    least = columns.nan_to_num(nan=torch.inf).amin(dim=0)
    most = columns.nan_to_num(nan=-torch.inf).amax(dim=0)
    return least.nan_to_num(posinf=0.0), torch.where(most > least, most - least, 1.0)


def is_long_tailed(values: Tensor) -> bool:
    """Whether values (n_events,) are never negative and have a long upper tail."""
    if len(values) == 0 or values.min() < 0 or values.median() == 0:
        return False
    deviation = values - values.mean()
    sd = deviation.square().mean().sqrt()
    return bool(sd > 0 and (deviation / sd).pow(3).mean() > LONG_TAIL_SKEWNESS)
