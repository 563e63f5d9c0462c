"""Settings of models: one class for each kind.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults. The key `kind` of a model names its class.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from hepfold.core.settings_training import (
    AdamW,
    Average,
    Count,
    Factor,
    FractionAbove0,
    FractionBelow1,
    NoAverage,
    NonNegative,
    OneCycle,
    Optimizer,
    Positive,
    PositiveFloat,
    Preparation,
    Schedule,
    Seed,
    Settings,
    Stopping,
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

    first: Of the first layer.
    hidden: Of hidden layers.
    output: Of the output layer.
    """

    first: NonNegative
    hidden: NonNegative
    output: NonNegative


class Layers(Settings):
    """Hidden layers of a network.

    depth: Number of hidden layers; for `residual`, of blocks of two layers.
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
    initial_sd: Standard deviations of initial weights; null suits the activation.
    """

    dropout_layers: Literal["all", "top"] = "all"
    batch_norm: bool = False
    norm_rate: FractionAbove0 = 0.1
    norm_epsilon: PositiveFloat = 1e-5
    initial_sd: InitialSD | None = None


class MLPLayers(StackedLayers):
    """Hidden layers of multilayer perceptrons.

    pretrained_epochs: Epochs, before all others, of each layer as an autoencoder.
    """

    pretrained_epochs: Count = 0


class BaseModel(Settings):
    """Settings that all kinds of model share.

    features: Set of input features.
    seed: Added to the seed of the run.
    n_events: Number of training events, drawn at random; null uses all.
    tuned: Model under `search` whose best settings replace those given here.
    hypotheses: Mass hypotheses in GeV that the model is trained on; null uses all.
    n_members: Networks or boosters in the ensemble of one fold.
    validation_fraction: Fraction of the training events for early stopping and for the
        choice of the best epoch or round; 0 trains on all events for all epochs.
    learning_rate: Highest learning rate.
    """

    # The class in hepfold.models that implements this kind, and what it can do.
    implementation: ClassVar[str]
    sees_images: ClassVar[bool] = False
    has_onnx_form: ClassVar[bool] = True

    features: str = "all"
    seed: Seed = 0
    n_events: Annotated[int, Meta(ge=100)] | None = None
    tuned: str | None = None
    hypotheses: Annotated[tuple[Positive, ...], Meta(min_length=1)] | None = None
    n_members: Positive = 1
    validation_fraction: FractionBelow1 = 0.0
    learning_rate: PositiveFloat = 0.003

    def module(self) -> str:
        """Name of the library module that implements the kind."""
        return f"hepfold.models.{self.implementation.partition('.')[0]}"


class GradientModel(BaseModel):
    """Settings of models that are trained in epochs, by gradients.

    n_epochs: Number of passes over the training events, unless training stops early.
    stopping: When training stops early.
    batch_size: Events per update and member.
    label_smoothing: Fraction by which labels are moved towards 0.5.
    decorrelation: Penalty on the distance correlation of score and spectrum (DisCo).
    optimizer: Optimizer.
    schedule: Schedule of the learning rate.
    average: Average of the weights.
    """

    n_epochs: Positive = 20
    stopping: Stopping = Stopping()
    batch_size: Positive = 256
    label_smoothing: FractionBelow1 = 0.0
    decorrelation: NonNegative = 0.0
    optimizer: Optimizer = AdamW()
    schedule: Schedule = OneCycle()
    average: Average = NoAverage()


class NetworkModel(GradientModel):
    """Settings of networks that see prepared features.

    preparation: How features are prepared.
    symmetry: Symmetry of the events.
    network: Architecture.
    """

    implementation: ClassVar[str] = "ensembles.Ensemble"

    n_members: Positive = 10
    preparation: Preparation = Preparation()
    symmetry: Symmetry = Symmetry()
    network: StackedLayers = StackedLayers()


class MLP(NetworkModel, tag_field="kind", tag="mlp"):
    """Multilayer perceptrons."""

    network: MLPLayers = MLPLayers()


class Residual(NetworkModel, tag_field="kind", tag="residual"):
    """Residual networks."""


class Dense(NetworkModel, tag_field="kind", tag="dense"):
    """Networks whose layers see all earlier layers."""


class WideDeep(NetworkModel, tag_field="kind", tag="wide_deep"):
    """A linear model beside multilayer perceptrons."""


class TabM(NetworkModel, tag_field="kind", tag="tabm"):
    """Perceptrons whose members share weight matrices (TabM)."""

    network: Layers = Layers()


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


class XGBoost(BaseModel, tag_field="kind", tag="xgboost"):
    """Boosted trees by XGBoost.

    preparation: How features are prepared.
    symmetry: Symmetry of the events.
    trees: Boosted trees.
    n_rounds: Largest number of trees.
    patience: Rounds without a lower validation loss before training stops.
    """

    implementation: ClassVar[str] = "trees.Forest"

    n_members: Positive = 5
    preparation: Preparation = Preparation()
    symmetry: Orientation = Orientation()
    trees: Trees = Trees()
    validation_fraction: FractionBelow1 = 0.2
    n_rounds: Positive = 1000
    patience: Positive = 50
    learning_rate: PositiveFloat = 0.05


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
    frozen_epochs: Epochs, before all others, that train only the dense layers.
    body_rate_factor: Ratio of the learning rates of successive stages of convolutions.
    """

    backbone: Annotated[
        str, Meta(pattern="^(se_resnet|efficientnet_lite0|timm/.+)$")
    ] = "se_resnet"
    head_width: Positive = 64
    dropout: FractionBelow1 = 0.2
    frozen_epochs: Count = 0
    body_rate_factor: Factor = 1.0


class SuperTML(GradientModel, tag_field="kind", tag="supertml"):
    """Convolutional networks that see events as images (SuperTML).

    images: How events are drawn.
    network: Architecture.
    """

    implementation: ClassVar[str] = "image_ensembles.ImageEnsemble"
    sees_images: ClassVar[bool] = True
    has_onnx_form: ClassVar[bool] = False

    images: Images = Images()
    network: ImageNetwork = ImageNetwork()
    n_epochs: Positive = 10
    optimizer: Optimizer = AdamW(weight_decay=0.05)


Model = MLP | Residual | Dense | WideDeep | TabM | XGBoost | SuperTML
