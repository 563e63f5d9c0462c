"""AUC of the members of an ensemble, computed on the device of the logits."""

import torch
from torch import Tensor, nn


def areas(logit: Tensor, label: Tensor, weight: Tensor) -> Tensor:
    """Area under the ROC curve of each member, (n_members,), double.

    Takes logits (n_members, n_events), labels and weights (n_events,). Equals
    `metrics.auc`: a tie counts one half. Scaling the weights of one class changes
    nothing. NaN where a class is missing or a logit is not finite.
    """
    is_signal, weight = label == 1, weight.double()
    background, order = logit[:, ~is_signal].sort(dim=1)
    below = nn.functional.pad(weight[~is_signal][order].cumsum(1), (1, 0))
    signal = logit[:, is_signal].contiguous()
    passed = sum(
        below.gather(1, torch.searchsorted(background, signal, right=is_right))
        for is_right in (False, True)
    )
    area = (passed * weight[is_signal]).sum(1) / (2 * weight[is_signal].sum())
    area = area / below[:, -1]
    return area.where(logit.isfinite().all(1), torch.nan)
