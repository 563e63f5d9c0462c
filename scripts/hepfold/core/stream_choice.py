"""Whether a training streams its events, for jobs and for their resources."""

from hepfold.core import settings_models, settings_training

BYTES_PER_FEATURE = 4


def is_streamed(
    model: settings_models.AnyModel,
    n_events: float,
    streaming: settings_training.Streaming,
    n_features: int,
) -> bool:
    """Whether the features of training events exceed the size to hold in memory.

    Boosted trees need all events in memory.
    """
    if streaming.above_gb is None:
        return False
    if not isinstance(model, settings_models.GradientModel):
        return False
    n_bytes = n_events * n_features * BYTES_PER_FEATURE
    return n_bytes > 1e9 * streaming.above_gb
