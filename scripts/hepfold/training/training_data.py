"""Prepared events on the device, as the training loop takes them."""

import torch

from hepfold.core import columns, settings_models, settings_training
from hepfold.data import event_arrays, event_classes, event_streams
from hepfold.models import ensembles
from hepfold.training import decorrelation, loop, streamed_data


def of(
    ensemble: ensembles.Ensemble,
    events: event_arrays.Events | event_streams.EventStream,
    model: settings_models.GradientModel,
    training: settings_training.Training,
) -> loop.Data | streamed_data.StreamedData:
    """Training or validation events with balanced weights, on the device."""
    if isinstance(events, event_streams.EventStream):
        batch_size = model.batch_size * training.n_devices
        return streamed_data.StreamedData(ensemble, events, batch_size)
    names = ensemble.preparation.schema.class_names
    return prepared(ensemble, event_classes.balanced(events, names))


def prepared(ensemble: ensembles.Ensemble, events: event_arrays.Events) -> loop.Data:
    """Prepared features, labels and weights of events, on the device."""
    label, weight = (
        torch.from_numpy(values).to(ensemble.device, torch.float32)
        for values in (events.extra.get(columns.CLASS, events.label), events.weight)
    )
    spectrum = events.extra.get(columns.SPECTRUM)
    if spectrum is not None:
        values = torch.from_numpy(spectrum).to(ensemble.device, torch.float32)
        spectrum = decorrelation.standardized(values)
    return loop.Data(ensemble.prepared(events.inputs), label, weight, spectrum)
