"""Trials of a search: short trainings and their figures of merit on held-out events."""

import logging

from hepfold.core import metrics, settings_models, settings_training
from hepfold.data import event_arrays, weights
from hepfold.models import feature_preparation
from hepfold.training import checkpoints, fit, loop


def run(
    events: event_arrays.Events,
    schema: feature_preparation.Schema,
    model: settings_models.Model,
    training: settings_training.Training,
    seed: int,
    checkpoint: checkpoints.Place,
) -> dict[str, float | None]:
    """Figures of merit of a model that is trained by `fit.train`, with its arguments.

    They are of its validation events, with both classes of equal sum as in training;
    None where the training diverged, which a search has to survive.
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
        logging.warning("The trial has no merit: %s.", error)
        return dict.fromkeys(merits)
    score = trained.score(validation.inputs)
    return {
        name: merit(score, validation.label, validation.weight)
        for name, merit in merits.items()
    }
