"""From the logits of a network or booster to one score per event.

A multi-class model ends in a softmax. All classes have the same sum of training
weights, so that p_k, the probability of class k, approaches its density over the sum of
the densities of all classes. With shares f_k of the expected events, which sum to one
within signal and within background, the likelihood ratio of the physical mixture of
signal to that of background is

    r = sum_s f_s p_s / sum_b f_b p_b.

The score is r / (1 + r). A binary model approaches it too, as it is trained with equal
sums of signal and background.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hepfold.core import columns
from hepfold.models import feature_schema


@dataclass(frozen=True)
class Binary:
    """One logit per event, that of signal."""

    # Dimensions of logits between the dimensions of members and events, and their size.
    shape: tuple[int, ...] = ()
    n_logits: int = 1

    def logit(self, output: Tensor) -> Tensor:
        """The logit itself, (n_members, n_events)."""
        return output

    def score(self, output: Tensor) -> Tensor:
        """Scores (n_members, n_events), double."""
        return output.double().sigmoid()

    def mixture(self, label: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Labels, one for signal and zero for background, and unchanged weights."""
        return label, weight

    def losses(self, output: Tensor, label: Tensor, smoothing: float) -> Tensor:
        """Cross entropy of each event (n_members, n_events) with smoothed labels."""
        target = label * (1 - smoothing) + smoothing / 2
        return nn.functional.binary_cross_entropy_with_logits(
            output, target, reduction="none"
        )


@dataclass(frozen=True)
class Softmax:
    """One logit per class, (n_members, n_classes, n_events).

    `labels` tells whether each class is signal; `shares` are the fractions of the
    expected events of the same label.
    """

    labels: tuple[int, ...]
    shares: tuple[float, ...]

    @property
    def n_logits(self) -> int:
        """Number of classes."""
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """Dimensions of logits between the dimensions of members and events."""
        return (self.n_logits,)

    def logit(self, output: Tensor) -> Tensor:
        """Logarithm of the likelihood ratio (n_members, n_events), double."""
        signal, background = (
            self.log_density(output, label)
            for label in (columns.SIGNAL, columns.BACKGROUND)
        )
        return signal - background

    def log_density(self, output: Tensor, label: int) -> Tensor:
        """Logarithm of the density of signal or background, up to a common term."""
        pairs = zip(self.labels, self.shares, strict=True)
        # A class without a share would add a logarithm of zero.
        places = [i for i, (of, share) in enumerate(pairs) if of == label and share > 0]
        share = torch.tensor([self.shares[i] for i in places], dtype=torch.float64)
        logit = output[:, places].double() + share.log().to(output.device)[:, None]
        return logit.logsumexp(1)

    def score(self, output: Tensor) -> Tensor:
        """Scores (n_members, n_events), double."""
        return self.logit(output).sigmoid()

    def probabilities(self, output: Tensor) -> Tensor:
        """Probability of each class for equal sums of all, of the shape of logits."""
        return output.double().softmax(1)

    def mixture(self, label: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Labels, one for signal and zero for background, and weights of the mixture.

        Takes classes and training weights of any shape; the weights are multiplied by
        the shares of the classes in the expected events.
        """
        code, device = label.long(), label.device
        share = torch.tensor(self.shares, dtype=weight.dtype, device=device)
        return torch.tensor(self.labels, device=device)[code], weight * share[code]

    def losses(self, output: Tensor, label: Tensor, smoothing: float) -> Tensor:
        """Cross entropy of each event; labels (n_members, n_events) are classes.

        A fraction `smoothing` of each label is divided equally among all classes.
        """
        return nn.functional.cross_entropy(
            output, label.long(), reduction="none", label_smoothing=smoothing
        )


Discriminant = Binary | Softmax
BINARY = Binary()


def of(schema: feature_schema.Schema) -> Discriminant:
    """The discriminant of the classes of a model; binary if it has none."""
    if not schema.class_names:
        return BINARY
    return Softmax(schema.class_labels, schema.class_shares)
