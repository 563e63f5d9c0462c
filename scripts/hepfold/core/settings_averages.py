"""Settings of averages of weights: one class for each kind.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults.
"""

from hepfold.core.settings_base import (
    FractionBelow1,
    Positive,
    Settings,
)


class NoAverage(Settings, tag_field="kind", tag="none"):
    """No average: the final weights."""


class Exponential(Settings, tag_field="kind", tag="exponential"):
    """Exponential moving average of the weights.

    decay: Factor of the old average at each update.
    """

    decay: FractionBelow1


class Stochastic(Settings, tag_field="kind", tag="stochastic"):
    """Stochastic weight averaging: the mean over the ends of epochs.

    first_epoch: First epoch of the mean.
    """

    first_epoch: Positive


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


Average = NoAverage | Exponential | Stochastic | Snapshots | FastGeometric
