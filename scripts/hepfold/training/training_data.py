"""Prepared events on the device, as the training loop takes them."""

from hepfold.core import columns, settings_models, settings_training
from hepfold.data import event_arrays, event_classes, event_streams
from hepfold.models import ensembles
from hepfold.training import decorrelation, event_rows, streamed_data


def of(
    ensemble: ensembles.Ensemble,
    events: event_arrays.Events | event_streams.EventStream,
    model: settings_models.GradientModel,
    training: settings_training.Training,
) -> event_rows.EventRows | streamed_data.StreamedData:
    """Training or validation events with balanced weights, on the device."""
    if isinstance(events, event_streams.EventStream):
        batch_size = model.batch_size * training.n_devices
        return streamed_data.StreamedData(ensemble, events, batch_size)
    names = ensemble.preparation.schema.class_names
    return prepared(ensemble, event_classes.balanced(events, names))


def prepared(
    ensemble: ensembles.Ensemble, events: event_arrays.Events
) -> event_rows.EventRows:
    """Prepared features, labels and weights of events, on the device."""
    rows = streamed_data.rows_of(ensemble, events)
    has_spectrum = columns.SPECTRUM in events.extra
    if has_spectrum:
        rows[:, -1] = decorrelation.standardized(rows[:, -1])
    return event_rows.EventRows(rows, has_spectrum)
