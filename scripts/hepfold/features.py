"""From the physical values of the fold file to what a network sees."""

import numpy as np
import torch
from torch import Tensor, nn

# Long-tailed: the third standardized moment of a feature without negative values is
# above this. Its logarithm is log(1 + x / median), which a zero does not trouble.
LONG_TAIL_SKEWNESS = 1.0


class FeaturePreparation(nn.Module):
    """Logarithm of long-tailed features, standardization, missing flags, one-hot.

    Fitted once, on the events a network is trained on; its buffers are stored with
    the model. A missing value becomes the mean, and a flag beside it says so.
    """

    def __init__(self, n_continuous: int, n_values: list[int]):
        """`n_values` holds the number of values of each categorical feature."""
        super().__init__()
        self.n_values = n_values
        for name, kind in {
            "mean": torch.float64,
            "std": torch.float64,
            "scale": torch.float64,
            "is_long_tailed": torch.bool,
            "can_miss": torch.bool,
        }.items():
            self.register_buffer(name, torch.zeros(n_continuous, dtype=kind))
        self.scale += 1.0

    @property
    def n_outputs(self) -> int:
        """Number of prepared features."""
        return len(self.mean) + int(self.can_miss.sum()) + sum(self.n_values)

    def fit(self, inputs: np.ndarray) -> None:
        """Take the scaling from events, shape (n_events, n_features)."""
        for i in range(len(self.mean)):
            values = inputs[:, i].astype("f8")
            present = values[~np.isnan(values)]
            self.can_miss[i] = len(present) < len(values)
            self.is_long_tailed[i] = is_long_tailed(present)
            if self.is_long_tailed[i]:
                median = float(np.median(present))
                self.scale[i] = median
                present = np.log1p(present / median)
            self.mean[i] = present.mean() if len(present) else 0.0
            self.std[i] = (present.std() if len(present) else 0.0) or 1.0

    def forward(self, inputs: Tensor) -> Tensor:
        """Prepared features, shape (n_events, n_outputs), float32."""
        values = inputs[:, : len(self.mean)].double()
        logarithm = (values.clamp(min=0) / self.scale).log1p()
        values = torch.where(self.is_long_tailed, logarithm, values)
        missing = values.isnan()
        values = torch.where(missing, 0.0, (values - self.mean) / self.std)
        codes = inputs[:, len(self.mean) :].long()
        one_hot = [
            nn.functional.one_hot(codes[:, i], n_values)
            for i, n_values in enumerate(self.n_values)
        ]
        return torch.cat([values, missing[:, self.can_miss], *one_hot], dim=1).float()


def is_long_tailed(values: np.ndarray) -> bool:
    """Whether values, shape (n_events,), are never negative with a long upper tail."""
    if len(values) == 0 or values.min() < 0 or np.median(values) == 0:
        return False
    if values.std() == 0:
        return False
    standardized = (values - values.mean()) / values.std()
    return bool((standardized**3).mean() > LONG_TAIL_SKEWNESS)
