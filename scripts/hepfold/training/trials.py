"""Trials of a search: a short training, judged by events that it was not trained on."""

import logging

from hepfold.core import metrics
from hepfold.data import event_arrays, weights
from hepfold.models import feature_preparation
from hepfold.training import fit, loop


def run(
    events: event_arrays.Events,
    schema: feature_preparation.Schema,
    settings: dict,
    seed: int,
    state_path: str,
) -> dict[str, float | None]:
    """Merits of a model that is trained as `models.train` does, which see.

    They are of its validation part, with both classes of equal sum as in training;
    None where the training diverged, which a search has to survive.
    """
    judged = weights.balanced(
        event_arrays.drawn_parts(events, settings["model"], seed)[1]
    )
    merits = {
        "accuracy": metrics.accuracy,
        "auc": metrics.auc,
        "log_loss": metrics.log_loss,
    }
    try:
        model, _ = fit.train(events, schema, settings, seed, state_path)
    except loop.DivergedError as error:
        logging.warning("The trial has no merit: %s.", error)
        return dict.fromkeys(merits)
    score = model.score(judged.inputs)
    return {
        name: merit(score, judged.label, judged.weight)
        for name, merit in merits.items()
    }
