"""Settings of training: one class for each optimizer and schedule.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults. The key `kind` selects one of several kinds: `optimizer: {kind: sgd, ...}`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from hepfold.core.settings_base import (
    Factor,
    Fraction,
    FractionBelow1,
    Momenta,
    NonNegative,
    OpenFraction,
    Positive,
    PositiveFloat,
    Settings,
    Value,
)


class Streaming(Settings):
    """Training of networks on more events than fit into memory.

    above_gb: Size of the features of the training events in the fold file above which
        networks read their events from it in every epoch, in blocks, instead of holding
        them in memory; 0 always does so, null never. In memory, the job takes up to
        about five times this size.
    buffer_events: Number of streamed events that are in memory at once, in random
        order; also the largest number of validation events.
    """

    above_gb: NonNegative | None = 8.0
    buffer_events: Annotated[int, Meta(ge=1000)] = 4_000_000


class Training(Settings):
    """Settings of training that all kinds of model share.

    device: Device for training; `auto` uses CUDA if available.
    precision: Precision of matrix products; weights, losses and scores are float32 or
        better. `auto` uses bfloat16 if the hardware supports it, else float32. `tf32`
        is float32 whose factors a GPU rounds to 10 bits, which is faster; on a CPU, it
        is float32.
    compile: Compile the training step; faster on CUDA.
    capture: On CUDA, replay each update as one captured graph, unless events are
        streamed or several devices train. It has not run on a GPU yet.
    n_devices: Devices of one node that train a network together, one process each;
        `batch_size` is per device. Boosted trees use one.
    max_epochs: Upper limit on the epochs of every stage of training; null sets none.
    streaming: Training of networks on more events than fit into memory.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "tf32", "bfloat16"] = "auto"
    compile: bool = False
    capture: bool = False
    n_devices: Positive = 1
    max_epochs: Positive | None = None
    streaming: Streaming = Streaming()


class SGD(Settings, tag_field="kind", tag="sgd"):
    """Stochastic gradient descent with momentum.

    momentum: Momentum, unless the schedule sets it.
    weight_decay: Weight decay.
    """

    momentum: FractionBelow1
    weight_decay: NonNegative


class AdamW(Settings, tag_field="kind", tag="adamw"):
    """Adam with decoupled weight decay.

    beta2: Decay rate of the mean squared gradient.
    weight_decay: Weight decay.
    """

    beta2: FractionBelow1 = 0.999
    weight_decay: NonNegative = 0.1


class Muon(AdamW, tag_field="kind", tag="muon"):
    """Muon for hidden matrices, AdamW for all other weights."""


Optimizer = SGD | AdamW | Muon


class Constant(Settings, tag_field="kind", tag="constant"):
    """The same learning rate throughout."""


class Decay(Settings, tag_field="kind", tag="decay"):
    """The rate falls with every update while the momentum rises.

    factor: The rate is divided by this factor at every update.
    min_rate: Lowest learning rate.
    momentum: First and last momentum.
    ramp_epochs: Epochs until the momentum has its last value.
    """

    factor: Factor
    min_rate: NonNegative
    momentum: Momenta
    ramp_epochs: Positive


class Plateau(Settings, tag_field="kind", tag="plateau"):
    """The rate falls when the loss stops falling.

    factor: The rate is multiplied by this factor.
    patience: Epochs without a lower loss before the rate falls.
    min_rate: Lowest learning rate.
    """

    factor: OpenFraction
    patience: Positive
    min_rate: NonNegative


class LinearCycles(Settings, tag_field="kind", tag="linear_cycles"):
    """The rate rises and falls in straight lines.

    n_epochs: Epochs of one cycle.
    first_epoch: First epoch of the first cycle.
    min_fraction: Lowest rate, as a fraction of the highest.
    """

    n_epochs: Positive
    first_epoch: Positive
    min_fraction: Fraction


class Cosine(Settings, tag_field="kind", tag="cosine"):
    """The rate falls as a cosine, then restarts.

    n_epochs: Epochs of the first cycle.
    growth: Ratio of the lengths of successive cycles.
    min_fraction: Lowest rate, as a fraction of the highest.
    """

    n_epochs: Positive
    growth: Factor
    min_fraction: Fraction


class OneCycle(Settings, tag_field="kind", tag="one_cycle"):
    """The rate rises and falls once while the momentum falls and rises.

    warm_fraction: Fraction of the updates in which the rate rises.
    start_fraction: First rate, as a fraction of the highest.
    end_fraction: Last rate, as a fraction of the highest.
    momentum: Lowest and highest momentum.
    """

    warm_fraction: Fraction = 0.3
    start_fraction: Fraction = 0.04
    end_fraction: Fraction = 0.0001
    momentum: Momenta = (0.85, 0.95)

    def __post_init__(self) -> None:
        """Check that the momentum is a range."""
        low, high = self.momentum
        if low > high:
            raise ValueError(f"momentum must be [lowest, highest], not [{low}, {high}]")


Schedule = Constant | Decay | Plateau | LinearCycles | Cosine | OneCycle


class Stopping(Settings):
    """When training stops early, if there are validation events.

    patience: Epochs without a lower validation loss before training stops. With a mean
        of weights as `average`, it stops only where a cycle of the schedule ends; with
        `one_cycle`, it does not stop early.
    min_change: Smallest decrease that counts as a lower loss.
    min_relative_change: Smallest decrease that counts, as a fraction of the loss; the
        decrease must exceed both minima.
    first_epoch: Training does not stop before this epoch.
    """

    patience: Positive = 5
    min_change: NonNegative = 0.0
    min_relative_change: FractionBelow1 = 0.0
    first_epoch: Positive = 1


class Preparation(Settings):
    """How features are prepared for networks and trees.

    scaling: `standard` scales to mean zero and variance one, after the logarithm of
        long-tailed features; `plain` does so without logarithms; `min_max` scales to
        the range from zero to one; `quantile` maps to a normal distribution; `none`
        leaves all values as they are.
    vectors: Give momenta as Cartesian components, which symmetries need.
    pairs: Add masses and angles of all pairs of bodies.
    systems: Add masses and transverse momenta of all systems of three bodies up to this
        number of bodies; 2 adds none. Masses of systems with missing momentum are
        transverse.
    decays: Add features of the candidates that `decays` of the data set declares:
        smallest chi-square, mass and transverse momentum of the best assignment, and
        the distance of each neutrino from its lepton.
    """

    scaling: Literal["standard", "plain", "min_max", "quantile", "none"] = "standard"
    vectors: bool = True
    pairs: bool = True
    systems: Annotated[int, Meta(ge=2)] = 2
    decays: bool = False


class TreePreparation(Preparation):
    """How features are prepared for trees."""

    decays: bool = True


class ParticlePreparation(Settings):
    """How features are prepared for transformers.

    systems: As for other networks: add masses and transverse momenta of systems of
        bodies, as features of the event.
    decays: Likewise, add the candidates that `decays` of the data set declares.
    """

    systems: Annotated[int, Meta(ge=2)] = 2
    decays: bool = False


class Range(Settings):
    """A range of numbers to draw from.

    low: Lowest number.
    high: Highest number.
    log: Draw evenly in the logarithm.
    """

    low: int | float
    high: int | float
    log: bool


Values = Annotated[tuple[Value, ...], Meta(min_length=2)] | Range
Space = Annotated[dict[str, Values], Meta(min_length=1)]


class Search(Settings):
    """Hyperband search for the best settings of a model.

    max_epochs: Epochs, or boosting rounds, of the longest trials; `training.max_epochs`
        does not limit them.
    factor: One in `factor` trials of a rung continues, with `factor` times the epochs.
    merit: Figure of merit of trials on their validation events, with equal sums of
        weights of both classes.
    validation_fraction: Fraction of the training folds that validates trials.
    space: Settings of the model to vary, by a path like `network.width`: a list of
        values, or a range `{low, high, log}`.
    """

    max_epochs: Positive
    factor: Annotated[int, Meta(ge=2)]
    merit: Literal["accuracy", "auc", "log_loss"]
    validation_fraction: OpenFraction
    space: Space


class RangeTest(Settings):
    """Learning-rate range test.

    first_rate: Learning rate of the first update.
    last_rate: Learning rate of the last update.
    n_updates: Number of updates, over which the rate grows exponentially.
    """

    first_rate: PositiveFloat = 1e-6
    last_rate: PositiveFloat = 1.0
    n_updates: Annotated[int, Meta(ge=10)] = 1000

    def __post_init__(self) -> None:
        """Check that the rate grows."""
        if self.first_rate >= self.last_rate:
            raise ValueError(
                f"first_rate ({self.first_rate}) must be below last_rate "
                f"({self.last_rate})"
            )
