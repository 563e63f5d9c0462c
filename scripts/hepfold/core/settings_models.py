"""Settings of models: one class for each kind.

As in `settings`, docstrings describe the settings and annotations hold their ranges and
defaults. The key `kind` of a model names its class.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from hepfold.core.settings_averages import (
    Average,
    Exponential,
    NoAverage,
    SelfStarting,
)
from hepfold.core.settings_base import (
    FractionBelow1,
    NonNegative,
    Positive,
    PositiveFloat,
    Seed,
    Settings,
)
from hepfold.core.settings_layers import (
    AttentionLayers,
    BoosterStart,
    ImageNetwork,
    Images,
    Layers,
    MLPLayers,
    Orientation,
    StackedLayers,
    StartFrom,
    Symmetry,
    Trees,
    WeightClasses,
)
from hepfold.core.settings_training import (
    AdamW,
    OneCycle,
    Optimizer,
    ParticlePreparation,
    Preparation,
    Schedule,
    Stopping,
    TreePreparation,
)


class AnyModel(Settings):
    """Attributes that all kinds of model have."""

    # The class in hepfold.models that implements this kind, and its capabilities.
    implementation: ClassVar[str]
    sees_images: ClassVar[bool] = False

    @classmethod
    def module(cls) -> str:
        """Name of the library module that implements the kind."""
        return f"hepfold.models.{cls.implementation.partition('.')[0]}"


class BaseModel(AnyModel):
    """Settings that all kinds of trained model share.

    features: Set of input features.
    seed: Added to the seed of the run.
    n_events: Number of training events, drawn at random; null uses all.
    tuned: Model under `search` whose best settings replace those given here.
    hypotheses: Mass hypotheses in GeV that the model is trained on; null uses all.
    n_members: Networks or boosters in the ensemble of one fold.
    member_weights: Weights of the members in the mean of their scores: `equal`, or
        inverse to the validation loss of each (`inverse_loss`).
    validation_fraction: Fraction of the training events for early stopping and for the
        choice of the best epoch or round; 0 trains on all events for all epochs.
    learning_rate: Highest learning rate.
    classes: Classes of a softmax instead of signal and background, each with the same
        sum of training weights: `processes`, or groups of processes by name. The score
        is still one number, signal against background.
    class_fractions: Expected events of each class, in any unit, with which the score
        weights the classes of signal and of background; null uses the sums of weights
        of the training events.
    weight_classes: Ranges of the event weight that are the classes, in place of
        `classes`.
    """

    features: str = "all"
    seed: Seed = 0
    n_events: Annotated[int, Meta(ge=100)] | None = None
    tuned: str | None = None
    hypotheses: Annotated[tuple[Positive, ...], Meta(min_length=1)] | None = None
    n_members: Positive = 1
    member_weights: Literal["equal", "inverse_loss"] = "equal"
    validation_fraction: FractionBelow1 = 0.0
    learning_rate: PositiveFloat = 0.003
    classes: Literal["processes"] | dict[str, tuple[str, ...]] | None = None
    class_fractions: dict[str, NonNegative] | None = None
    weight_classes: WeightClasses | None = None

    @property
    def is_multiclass(self) -> bool:
        """Whether the model tells more classes apart than signal and background."""
        return self.classes is not None or self.weight_classes is not None

    def __post_init__(self) -> None:
        """Check classes, and that weights of members come from validation events."""
        if self.classes is not None and self.weight_classes is not None:
            raise ValueError("only one of classes and weight_classes can be given")
        if self.member_weights == "inverse_loss" and not self.validation_fraction:
            raise ValueError(
                "member_weights: inverse_loss weights members by their loss on "
                "validation events; set validation_fraction above 0"
            )


class GradientModel(BaseModel):
    """Settings of models that are trained in epochs by gradient descent.

    n_epochs: Number of passes over the training events, unless training stops early.
    stopping: When training stops early.
    batch_size: Events per update and member.
    label_smoothing: Fraction by which labels are moved towards 0.5.
    decorrelation: Penalty on the distance correlation of score and spectrum (DisCo).
    optimizer: Optimizer.
    schedule: Schedule of the learning rate.
    average: Average of the weights.
    max_gradient_norm: Norm to which a member's gradient is scaled down if it is larger;
        null sets no limit.
    """

    n_epochs: Positive = 20
    stopping: Stopping = Stopping()
    batch_size: Positive = 256
    label_smoothing: FractionBelow1 = 0.0
    decorrelation: NonNegative = 0.0
    optimizer: Optimizer = AdamW()
    schedule: Schedule = OneCycle()
    average: Average = NoAverage()
    max_gradient_norm: PositiveFloat | None = None

    def __post_init__(self) -> None:
        """Check that there are validation events where the average needs them."""
        super().__post_init__()
        if isinstance(self.average, SelfStarting) and not self.validation_fraction:
            raise ValueError(
                "average: self_starting compares means on validation events; set "
                "validation_fraction above 0 or choose another average"
            )


class NetworkModel(GradientModel):
    """Settings of networks that see prepared features.

    preparation: How features are prepared.
    symmetry: Symmetry of the events.
    network: Architecture.
    start_from: Another training that provides the initial weights; null is random
        weights.
    """

    implementation: ClassVar[str] = "ensembles.Ensemble"

    n_members: Positive = 10
    preparation: Preparation = Preparation()
    symmetry: Symmetry = Symmetry()
    network: StackedLayers = StackedLayers()
    start_from: StartFrom | None = None


class MLP(NetworkModel, tag_field="kind", tag="mlp"):
    """Multilayer perceptrons."""

    network: MLPLayers = MLPLayers()


class Residual(NetworkModel, tag_field="kind", tag="residual"):
    """Residual networks."""


class Dense(NetworkModel, tag_field="kind", tag="dense"):
    """Densely connected networks: each layer sees all earlier layers."""


class WideDeep(NetworkModel, tag_field="kind", tag="wide_deep"):
    """A linear model combined with multilayer perceptrons."""


class TabM(NetworkModel, tag_field="kind", tag="tabm"):
    """Multilayer perceptrons whose members share weight matrices (TabM)."""

    network: Layers = Layers()


class Transformer(NetworkModel, tag_field="kind", tag="transformer"):
    """Networks whose bodies attend to each other (particle transformer).

    preparation: How features are prepared.
    """

    implementation: ClassVar[str] = "particle_ensembles.ParticleEnsemble"

    n_members: Positive = 3
    preparation: ParticlePreparation = ParticlePreparation()
    network: AttentionLayers = AttentionLayers()
    n_epochs: Positive = 30
    batch_size: Positive = 512
    learning_rate: PositiveFloat = 0.002
    optimizer: Optimizer = AdamW(beta2=0.98, weight_decay=0.01)
    schedule: Schedule = OneCycle(warm_fraction=0.2, momentum=(0.9, 0.9))
    average: Average = Exponential(decay=0.998)
    max_gradient_norm: PositiveFloat | None = 1.0


class XGBoost(BaseModel, tag_field="kind", tag="xgboost"):
    """Boosted trees by XGBoost.

    preparation: How features are prepared.
    symmetry: Symmetry of the events.
    trees: Boosted trees.
    n_rounds: Largest number of trees; with `start_from`, of new ones.
    patience: Rounds without a lower validation loss before training stops.
    start_from: Another training, from whose trees boosting continues; null for none.
    """

    implementation: ClassVar[str] = "trees.Forest"

    n_members: Positive = 5
    preparation: TreePreparation = TreePreparation()
    symmetry: Orientation = Orientation()
    trees: Trees = Trees()
    validation_fraction: FractionBelow1 = 0.2
    n_rounds: Positive = 1000
    patience: Positive = 50
    learning_rate: PositiveFloat = 0.05
    start_from: BoosterStart | None = None


class SuperTML(GradientModel, tag_field="kind", tag="supertml"):
    """Convolutional networks that see events as images (SuperTML).

    images: How events are drawn.
    network: Architecture.
    """

    implementation: ClassVar[str] = "image_ensembles.ImageEnsemble"
    sees_images: ClassVar[bool] = True

    images: Images = Images()
    network: ImageNetwork = ImageNetwork()
    n_epochs: Positive = 10
    optimizer: Optimizer = AdamW(weight_decay=0.05)


class Blend(AnyModel, tag_field="kind", tag="blend"):
    """Several models combined by the weighted mean of the logits of their scores.

    of: Models to blend, by their keys in `models`. Models that the run does not name
        are trained too, but are not among its results.
    """

    implementation: ClassVar[str] = "blends.Blend"

    of: Annotated[tuple[str, ...], Meta(min_length=2)]


Model = (
    MLP | Residual | Dense | WideDeep | TabM | Transformer | XGBoost | SuperTML | Blend
)
