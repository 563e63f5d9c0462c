"""Time and memory that a training or the scoring of events is expected to take.

Times are CPU seconds of one core in float32; products in bfloat16 are faster where the
hardware has them. The rates were fitted to measured steps of every kind of model on one
busy machine, each within a factor of 1.5. Requests have a margin for other machines.
"""

import math
from typing import NamedTuple

from hepfold.core import model_sizes, settings_models, settings_training, stream_choice

# Requested are this many times the estimated seconds and MB, and minutes for the start
# of a job, which takes long where many nodes read the environment from one disk.
TIME_MARGIN, MEMORY_MARGIN, STARTING_MINUTES = 2.0, 1.5, 5
# No job requests more than a week, which few clusters allow.
MOST_MINUTES = 10_080
# Networks on a GPU, and trees there or on the threads of its host, take at most these
# fractions of the time of a core; libraries for a GPU take this memory of the host. All
# are estimates: none was measured.
GPU_FRACTION, TREES_FRACTION, GPU_MB = 0.1, 0.25, 3000
# A process with PyTorch and the libraries of a training.
BASE_MB, BASE_SECONDS = 650, 20
# Reading, dividing and preparing an event, and binning it for trees.
PER_EVENT, PER_BINNED_EVENT = 5e-6, 2e-5
# Of each value that is kept for gradients and each multiply-add, for an event; of each
# weight of a member and of each update of all members.
PER_VALUE, PER_PRODUCT, PER_WEIGHT, PER_UPDATE = 6e-9, 4e-11, 1.3e-8, 1.5e-3
# Scoring an event takes this fraction of its training; attention, which is bound by
# memory, more.
SCORING_FRACTION, ATTENTION_FRACTION = 0.35, 0.6
# Boosting: of each feature of an event at a level of a tree, of each feature at each
# leaf, and of scoring an event at a level.
PER_LEVEL, PER_LEAF, PER_LEVEL_SCORED = 2.6e-9, 7e-6, 6e-9
# Values of a feature at which its partial dependence is computed.
N_LEVELS = 17

# Bytes of label, weight, id, subset and codes of an event, and of a further column; and
# copies of events while they are read, divided and balanced.
BYTES_OF_EVENT, BYTES_OF_COLUMN, N_COPIES = 21, 8, 2
# Preparations are fitted in double precision, with copies of the prepared features, to
# so many events and values (those of `models.feature_preparation`).
N_FITTED, N_FITTED_VALUES, BYTES_FITTED = 1_000_000, 64_000_000, 12
# Trees that continue others see the values themselves, with their columns, not bins.
BYTES_CONTINUED = 8
# Weights, their gradients, moments and averages, each in four bytes; and values kept
# for gradients.
BYTES_OF_WEIGHT, BYTES_OF_VALUE = 40, 4
# Images that are scored at once, and the fraction of the values of a training that are
# in memory at any time.
IMAGES_SCORED, FRACTION_SCORED = 256, 0.25


class Job(NamedTuple):
    """Events of a job, features of each in the fold file, and what a model sees of it.

    A fraction of the training events is used, but all are read. Without GPU, one core
    does all; several devices share the events of a batch.
    """

    n_training: float
    n_scored: float
    n_columns: int
    inputs: model_sizes.Inputs
    n_devices: int = 1
    has_gpu: bool = False
    fraction: float = 1.0


def seconds(model: settings_models.BaseModel, job: Job) -> float:
    """Seconds of a job that trains a model and scores events."""
    size = model_sizes.of(model, job.inputs)
    n_drawn = job.fraction * min(job.n_training, model.n_events or job.n_training)
    n_validation = n_drawn * model.validation_fraction
    if isinstance(model, settings_models.XGBoost):
        total = model.n_members * model.n_rounds * round_seconds(model, size, n_drawn)
        total += PER_BINNED_EVENT * n_drawn
    else:
        step, scoring = step_seconds(model, size), scoring_seconds(model, size)
        of_epoch = (n_drawn - n_validation) * step + n_validation * scoring
        total = n_epochs(model) * of_epoch
        total += n_drawn * pretraining_seconds(model, size)
        total /= job.n_devices
    read = PER_EVENT * (job.n_training + job.n_scored)
    total = on_device(model, total, job.has_gpu)
    return (
        read + total + application_seconds(model, job.inputs, job.n_scored, job.has_gpu)
    )


def updates_seconds(
    model: settings_models.GradientModel, job: Job, n_updates: int
) -> float:
    """Seconds of a job that takes a number of training steps."""
    step = step_seconds(model, model_sizes.of(model, job.inputs))
    total = on_device(model, n_updates * model.batch_size * step, job.has_gpu)
    return BASE_SECONDS + PER_EVENT * job.n_training + total


def application_seconds(
    model: settings_models.BaseModel,
    inputs: model_sizes.Inputs,
    n_events: float,
    has_gpu: bool,
    in_one_view: bool = False,
) -> float:
    """Seconds of a job that scores events with the models of one fold."""
    of_view = n_snapshots(model) * scoring_seconds(model, model_sizes.of(model, inputs))
    of_event = of_view * (1 if in_one_view else n_views(model))
    return BASE_SECONDS + on_device(model, n_events * of_event, has_gpu)


def on_device(model: settings_models.BaseModel, seconds: float, has_gpu: bool) -> float:
    """Seconds on the device, from those on a core."""
    is_forest = isinstance(model, settings_models.XGBoost)
    fraction = TREES_FRACTION if is_forest else GPU_FRACTION
    return seconds * (fraction if has_gpu else 1)


def round_seconds(
    model: settings_models.XGBoost, size: model_sizes.Size, n_events: float
) -> float:
    """Seconds of one round of boosting, with a tree for each class."""
    trees = model.trees
    n_features = size.n_inputs * trees.feature_fraction
    return (
        n_features
        * size.n_trees
        * (
            PER_LEVEL * trees.depth * trees.event_fraction * n_events
            + PER_LEAF * 2**trees.depth
        )
    )


def step_seconds(model: settings_models.GradientModel, size: model_sizes.Size) -> float:
    """Seconds of a training step of all members, per event."""
    of_update = PER_UPDATE + PER_WEIGHT * size.n_weights * model.n_members
    return event_seconds(model, size) + of_update / model.batch_size


def pretraining_seconds(
    model: settings_models.GradientModel, size: model_sizes.Size
) -> float:
    """Seconds of pretraining all layers one after another, per event.

    Each layer is trained with a decoder of its size, on what the layers below give.
    """
    n_epochs = getattr(model.network, "pretrained_epochs", 0)
    if not n_epochs:
        return 0.0
    depth, all_layers = model.network.depth, step_seconds(model, size)
    further_updates = (depth - 2) * PER_UPDATE / model.batch_size
    below = (depth - 1) / 2 * SCORING_FRACTION * event_seconds(model, size)
    return n_epochs * (2 * all_layers + further_updates + below)


def event_seconds(
    model: settings_models.GradientModel, size: model_sizes.Size
) -> float:
    """Seconds of the gradients of one event for all members."""
    return model.n_members * (PER_VALUE * size.values + PER_PRODUCT * size.products)


def scoring_seconds(model: settings_models.BaseModel, size: model_sizes.Size) -> float:
    """Seconds of scoring one event in one view by all members."""
    if isinstance(model, settings_models.XGBoost):
        n_rounds = model.n_rounds + size.n_first_rounds
        n_trees = model.n_members * n_rounds * size.n_trees
        return PER_LEVEL_SCORED * n_trees * model.trees.depth
    attends = isinstance(model, settings_models.Transformer)
    fraction = ATTENTION_FRACTION if attends else SCORING_FRACTION
    return fraction * event_seconds(model, size)


def n_epochs(model: settings_models.GradientModel) -> int:
    """Epochs of all stages of a training but pretraining, if it does not stop early."""
    before = getattr(model.network, "frozen_epochs", 0)
    start = getattr(model, "start_from", None)
    return model.n_epochs + before + (start.frozen_epochs if start else 0)


def n_views(model: settings_models.BaseModel) -> int:
    """Views of an event over which each member averages its score."""
    symmetry = getattr(model, "symmetry", None)
    if symmetry is None or symmetry.use != "augmentation":
        return 1
    return symmetry.n_views


def n_snapshots(model: settings_models.BaseModel) -> int:
    """Networks that score for each one that is trained: at most one of each epoch."""
    n_last = getattr(getattr(model, "average", None), "n_last", 1)
    return min(n_last, getattr(model, "n_epochs", 1))


def requested_minutes(seconds: float, attempt: int = 1) -> int:
    """Minutes to request for a job that is expected to take so many seconds."""
    once = STARTING_MINUTES + math.ceil(TIME_MARGIN * seconds / 60)
    return min(once * attempt, MOST_MINUTES)


def bytes_per_event(n_columns: int, n_kept: int) -> int:
    """Bytes of an event in a fold file with columns of features and further columns."""
    of_features = stream_choice.BYTES_PER_FEATURE * n_columns
    return of_features + BYTES_OF_EVENT + BYTES_OF_COLUMN * n_kept


def megabytes(
    model: settings_models.BaseModel,
    job: Job,
    streaming: settings_training.Streaming,
) -> float:
    """Memory in MB of a job that trains a model and scores events.

    Of streamed events, as many are in memory as a buffer holds, and as many for
    validation. Each of several devices has a process with its copy of the events.
    """
    size = model_sizes.of(model, job.inputs)
    n_events = job.n_training
    if stream_choice.is_streamed(model, n_events, streaming, job.n_columns):
        n_events = min(n_events, 2 * streaming.buffer_events)
    n_fitted = min(n_events, N_FITTED, N_FITTED_VALUES / size.n_inputs)
    read = bytes_per_event(job.n_columns, 0)
    order = 4 * model.n_members
    is_forest = isinstance(model, settings_models.XGBoost)
    of_value = 4 + BYTES_CONTINUED * (is_forest and model.start_from is not None)
    held = n_events * (N_COPIES * read + of_value * size.n_inputs + order)
    fitting = n_fitted * size.n_inputs * BYTES_FITTED
    n_at_once = getattr(model, "batch_size", 0) * model.n_members
    if model.sees_images:
        n_at_once = max(n_at_once, IMAGES_SCORED * FRACTION_SCORED)
    weights = model.n_members * size.n_weights * BYTES_OF_WEIGHT
    networks = n_at_once * size.values * BYTES_OF_VALUE + weights
    total = BASE_MB + (held + fitting + networks) / 1e6
    return total + job.has_gpu * GPU_MB


def requested_mb(megabytes: float) -> int:
    """Memory in MB to request for a job that is expected to need so much."""
    return math.ceil(MEMORY_MARGIN * megabytes)
