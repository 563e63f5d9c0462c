"""Settings of the parts of models: architectures, symmetries, trees and images.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults.
"""

import itertools
from typing import Annotated, Literal

from msgspec import Meta

from hepfold.core.settings_base import (
    Count,
    Factor,
    FractionAbove0,
    FractionBelow1,
    NonNegative,
    Positive,
    PositiveFloat,
    Settings,
)


class Symmetry(Settings):
    """Symmetry of networks.

    use: `augmentation` rotates and reflects every event at random in training and
        averages its score over views; `orientation` turns all events to a common one.
    n_views: Number of separate views over which each member averages its score.
    """

    use: Literal["none", "augmentation", "orientation"] = "augmentation"
    n_views: Positive = 2


class Orientation(Settings):
    """Symmetry of boosted trees.

    use: `orientation` turns all events to a common one.
    """

    use: Literal["none", "orientation"] = "orientation"


class InitialSD(Settings):
    """Standard deviations of initial weights.

    first: Standard deviation in the first layer.
    hidden: Standard deviation in hidden layers.
    output: Standard deviation in the output layer.
    """

    first: NonNegative
    hidden: NonNegative
    output: NonNegative


class Layers(Settings):
    """Hidden layers of a network.

    depth: Number of hidden layers, or of blocks of two layers for `residual`.
    width: Units of each hidden layer.
    activation: Activation of the hidden layers.
    dropout: Fraction of hidden units left out in each training step.
    embedding_size: Size of category embeddings; 0 is one-hot encoding.
    """

    depth: Positive = 3
    width: Positive = 100
    activation: Literal["relu", "tanh", "selu", "swish"] = "swish"
    dropout: FractionBelow1 = 0.1
    embedding_size: Count = 0


class StackedLayers(Layers):
    """Hidden layers whose weights are not shared between members.

    dropout_layers: Which hidden layers have dropout: all, or the top one.
    batch_norm: Normalize hidden layers over the batch.
    norm_rate: Weight of each batch in the running mean and variance.
    norm_epsilon: Added to the variance that normalization divides by.
    initial_sd: Standard deviations of initial weights; null follows from the
        activation.
    """

    dropout_layers: Literal["all", "top"] = "all"
    batch_norm: bool = False
    norm_rate: FractionAbove0 = 0.1
    norm_epsilon: PositiveFloat = 1e-5
    initial_sd: InitialSD | None = None


class MLPLayers(StackedLayers):
    """Hidden layers of multilayer perceptrons.

    pretrained_epochs: Epochs in which each layer is pretrained as an autoencoder.
    """

    pretrained_epochs: Count = 0


class AttentionLayers(Layers):
    """Blocks of transformers; `depth` is their number, `width` the size of a token.

    n_heads: Attention heads of each block; their number must divide the width.
    expansion: Hidden units within each token, in units of the width.
    pair_width: Hidden units of the layers that see pairs of bodies.
    """

    width: Positive = 64
    n_heads: Positive = 4
    expansion: Positive = 2
    pair_width: Positive = 32

    def __post_init__(self) -> None:
        """Check that the heads divide the width."""
        if self.width % self.n_heads:
            raise ValueError(
                f"n_heads ({self.n_heads}) must divide width ({self.width})"
            )


class OtherTraining(Settings):
    """Another training, from which a training starts.

    model: The other model. Fold k starts from its fold k, which was trained without the
        same events, unless `fold` is given.
    dataset: Data set of the other training, which must not share events with this one;
        null is the same data set.
    fold: Fold of the other data set from which all folds start, so that only this fold
        is trained there; null is the same fold.
    """

    model: str
    dataset: str | None = None
    fold: Count | None = None

    def __post_init__(self) -> None:
        """Check that no event is seen twice."""
        if self.fold is not None and self.dataset is None:
            raise ValueError(
                "fold: one fold for all would have been trained on events of the "
                "others; name another dataset, or leave fold out"
            )

    @property
    def gives_preparation(self) -> bool:
        """Whether the other training gives the scaling of the features."""
        return True

    @property
    def gives_outputs(self) -> bool:
        """Whether outputs are taken over, so that the classes must be the same."""
        return True


class StartFrom(OtherTraining):
    """Another training, whose weights are the initial ones.

    part: `all` weights; `body`, all but those of the output layers; or `embeddings`,
        the vectors of the categories. With `all` and `body`, the other training also
        gives the scaling of the features.
    frozen_epochs: Epochs, before all others and with a schedule of their own, that
        train only weights that are not taken over.
    """

    part: Literal["all", "body", "embeddings"] = "all"
    frozen_epochs: Count = 0

    def __post_init__(self) -> None:
        """Check that no event is seen twice, and that frozen epochs train something."""
        super().__post_init__()
        if self.part == "all" and self.frozen_epochs:
            raise ValueError(
                "frozen_epochs: nothing is left to train if all weights are frozen; "
                "set it to 0, or part to body or embeddings"
            )

    @property
    def gives_preparation(self) -> bool:
        """Whether the other training gives the scaling of the features."""
        return self.part != "embeddings"

    @property
    def gives_outputs(self) -> bool:
        """Whether outputs are taken over, so that the classes must be the same."""
        return self.part == "all"


class BoosterStart(OtherTraining):
    """Another training, from whose trees boosting continues.

    It also gives the scaling of the features.

    scale: Factor on the margins of the other trees. Trees of another data set are
        overconfident, and a factor below 1 leaves more to the new ones.
    """

    scale: FractionAbove0 = 0.5


class WeightClasses(Settings):
    """Classes by event weight, for files that name no process.

    Simulated processes have weights of their own: the ratio of cross section and
    luminosity to the number of simulated events.

    signal: Weights between the classes of signal, rising.
    background: Weights between the classes of background, rising.
    """

    signal: tuple[PositiveFloat, ...] = ()
    background: tuple[PositiveFloat, ...] = ()

    def __post_init__(self) -> None:
        """Check that the edges rise, and that there is one."""
        if not self.signal and not self.background:
            raise ValueError("give weights for signal or background")
        for name in ("signal", "background"):
            edges = getattr(self, name)
            if any(low >= high for low, high in itertools.pairwise(edges)):
                raise ValueError(f"the weights of {name} must rise")


class Trees(Settings):
    """Boosted trees.

    depth: Largest depth of a tree.
    event_fraction: Fraction of the events used in each round.
    feature_fraction: Fraction of the features used for each tree.
    min_child_weight: Minimum sum of second derivatives in a leaf.
    l2: Penalty on squared leaf values.
    """

    depth: Positive = 5
    event_fraction: FractionAbove0 = 0.8
    feature_fraction: FractionAbove0 = 0.5
    min_child_weight: NonNegative = 1.0
    l2: NonNegative = 1.0


class Images(Settings):
    """How events are drawn as images.

    encoding: Text in equal cells or sized by importance, gray blocks or gray stripes.
    size: Width and height of the image in pixels.
    order: Order of features: as in the file, or by importance in boosted trees.
    grouped: Draw derived and primary features in separate groups.
    font_size: Largest font size in pixels; null uses the largest that fits.
    decimals: Digits after the decimal point.
    """

    encoding: Literal["text_equal", "text_importance", "blocks", "stripes"] = "blocks"
    size: Annotated[int, Meta(ge=8)] = 56
    order: Literal["file", "importance"] = "importance"
    grouped: bool = True
    font_size: Annotated[int, Meta(ge=7)] | None = None
    decimals: Annotated[int, Meta(ge=0, le=5)] = 3


class ImageNetwork(Settings):
    """Convolutional networks.

    backbone: `se_resnet` is small, with random initial weights; `efficientnet_lite0` is
        pretrained on ImageNet; `timm/<name>` is a model of timm, if installed.
    head_width: Units of the first of the two dense layers after the convolutions.
    dropout: Fraction of units left out before dense layers.
    frozen_epochs: Epochs at the start that train only the dense layers.
    body_rate_factor: Ratio of the learning rates of successive convolution stages.
    """

    backbone: Annotated[
        str, Meta(pattern="^(se_resnet|efficientnet_lite0|timm/.+)$")
    ] = "se_resnet"
    head_width: Positive = 64
    dropout: FractionBelow1 = 0.2
    frozen_epochs: Count = 0
    body_rate_factor: Factor = 1.0
