"""Runs of the training loop on small samples, as `fit` makes them."""

import samples
import torch

from hepfold.data import weights
from hepfold.models import ensembles, feature_preparation
from hepfold.training import fit, loop, training_data


def new_run(events, validation=None, prepared_by=None, compile=False, **changes):
    """A run before its first update, as `fit` makes it of all events given."""
    model, training = samples.model(**changes), samples.training(compile=compile)
    torch.manual_seed(3)
    inputs = (prepared_by or events).inputs
    schema = samples.schema(inputs.shape[1])
    preparation = feature_preparation.fitted(schema, model, inputs)
    kind = ensembles.Ensemble
    ensemble = kind.assembled(preparation, model, model.n_members, training)
    both = events, events.rows(0, 0) if validation is None else validation
    balanced = (weights.balanced(part) for part in both)
    parts = [training_data.prepared(ensemble, part) for part in balanced]
    return fit.new_run(ensemble, parts, model, training)


def finished(run: loop.Run) -> loop.Run:
    run.finish(lambda run: None)
    return run
