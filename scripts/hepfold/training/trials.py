"""Trials of a search: short trainings and their figures of merit."""

import logging

from hepfold.core import metrics, settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import feature_schema
from hepfold.training import checkpoints, fit, loop


def run(
    events: event_arrays.Events,
    schema: feature_schema.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
) -> dict[str, float | None]:
    """Train a model with `fit.train`; return its figures of merit on validation events.

    Both classes have the same sum of weights, as in training. All figures are None if
    the training diverged. For the parameters, see `fit.train`.
    """
    validation = weights.balanced(event_arrays.drawn_parts(events, model, seed)[1])
    merits = {
        "accuracy": metrics.accuracy,
        "auc": metrics.auc,
        "log_loss": metrics.log_loss,
    }
    try:
        trained, _ = fit.train(events, schema, model, training, seed, checkpoint)
    except loop.DivergedError as error:
        logging.warning("The trial diverged and has no figures of merit: %s.", error)
        return dict.fromkeys(merits)
    score = trained.score(validation.inputs)
    return {
        name: merit(score, validation.label, validation.weight)
        for name, merit in merits.items()
    }
