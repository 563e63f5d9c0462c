"""Settings of averages of weights: one class for each kind.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults.
"""

from typing import Annotated

from msgspec import Meta

from hepfold.core.settings_base import (
    FractionBelow1,
    Positive,
    Settings,
)


class NoAverage(Settings, tag_field="kind", tag="none"):
    """No average: the final weights."""


class Exponential(Settings, tag_field="kind", tag="exponential"):
    """Exponential moving average of the weights.

    decay: Factor of the old average at each update. In the first updates it is smaller:
        (1 + update) / (10 + update).
    """

    decay: FractionBelow1 = 0.999


class Stochastic(Settings, tag_field="kind", tag="stochastic"):
    """Stochastic weight averaging: the mean over the ends of epochs.

    first_epoch: First epoch of the mean.
    """

    first_epoch: Positive


class SelfStarting(Settings, tag_field="kind", tag="self_starting"):
    """Stochastic weight averaging without a first epoch to choose.

    Several means over the ends of epochs begin at different epochs. The one with the
    lowest validation loss is used; the one with the highest restarts.

    n_averages: Number of means.
    restart_epochs: Epochs between the starts of two means.
    """

    n_averages: Annotated[int, Meta(ge=2)] = 2
    restart_epochs: Positive = 5


class Snapshots(Settings, tag_field="kind", tag="snapshots"):
    """The weights at the ends of cycles become further members.

    n_last: Number of last snapshots to keep.
    """

    n_last: Positive


class FastGeometric(Settings, tag_field="kind", tag="fast_geometric"):
    """Snapshots of short cycles late in the training.

    first_epoch: First epoch of snapshots.
    n_last: Number of last snapshots to keep.
    """

    first_epoch: Positive
    n_last: Positive


Average = (
    NoAverage | Exponential | Stochastic | SelfStarting | Snapshots | FastGeometric
)
