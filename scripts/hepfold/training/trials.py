"""Trials of a search: short trainings and their figures of merit."""

import logging

from hepfold.core import metrics, settings_models, settings_training
from hepfold.data import weights
from hepfold.models import feature_schema, training_events
from hepfold.training import checkpoints, fit, loop


def run(
    events: training_events.TrainingEvents,
    schema: feature_schema.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
) -> dict[str, float | None]:
    """Train a model like `fit.train`; return figures of merit on validation events.

    Both classes have the same sum of weights, as in training. All figures are None if
    the training diverged. For the parameters, see `fit.train`.
    """
    schema, parts = training_events.divided(events, schema, model, seed)
    del events  # frees gigabytes
    validation = weights.balanced(parts[1])
    merits = {
        "accuracy": metrics.accuracy,
        "auc": metrics.auc,
        "log_loss": metrics.log_loss,
    }
    try:
        trained, _ = fit.train_parts(parts, schema, model, training, seed, checkpoint)
    except loop.DivergedError as error:
        logging.warning("The trial diverged and has no figures of merit: %s.", error)
        return dict.fromkeys(merits)
    score = trained.score(validation.inputs)
    return {
        name: merit(score, validation.label, validation.weight)
        for name, merit in merits.items()
    }
