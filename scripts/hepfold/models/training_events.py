"""The training events of a model: in memory, or a stream if there are too many."""

import logging

import numpy as np

from hepfold.core import (
    parsing,
    settings_models,
    settings_training,
    stream_choice,
)
from hepfold.data import event_arrays, event_blocks, event_streams, fold_file
from hepfold.models import feature_schema

TrainingEvents = event_arrays.Events | event_streams.Source


def without_fold(
    train_path: str, i_fold: int, model: settings_models.BaseModel, params: dict
) -> TrainingEvents:
    """The training events of a model from all folds but one.

    `params` are the parameters of a rule that trains: number of folds, rule for
    negative weights, variable from which the score is decorrelated, and settings of the
    training.
    """
    folds = [i for i in range(params["n_folds"]) if i != i_fold]
    training = parsing.parse(params["training"], settings_training.Training)
    n_events = fold_file.count_events(train_path, folds)
    n_features = len(fold_file.read_layout(train_path).features)
    if stream_choice.is_streamed(model, n_events, training.streaming, n_features):
        return source(train_path, folds, model, params, training.streaming)
    return feature_schema.training_events(
        train_path, folds, model, params["negative_weights"], params["spectrum"]
    )


def source(
    train_path: str,
    folds: list[int],
    model: settings_models.BaseModel,
    params: dict,
    streaming: settings_training.Streaming,
) -> event_streams.Source:
    """The training events of a model, to be streamed from the fold file."""
    selection = feature_schema.selection_of(train_path, model, params["spectrum"])
    classes = selection.classes
    events = event_streams.Source(
        path=train_path,
        folds=tuple(folds),
        n_rows=fold_file.count_events(train_path, folds),
        selected=selection.of,
        extra=selection.extra,
        negative_weights=params["negative_weights"],
        classes=classes.names if classes else (),
        n_buffer=streaming.buffer_events,
    )
    if model.hypotheses:
        check_hypotheses(events, selection, model.hypotheses)
    logging.info(
        "Streaming %d events in buffers of %d.", len(events), streaming.buffer_events
    )
    return events


def check_hypotheses(
    events: event_streams.Source,
    selection: feature_schema.Selection,
    hypotheses: tuple[int, ...],
) -> None:
    """Check that each mass hypothesis has events."""
    present: list[np.ndarray] = []
    with fold_file.opened(events.path) as file:
        for block in event_blocks.divided(file, events.folds, events.n_buffer):
            masses = selection.masses(event_blocks.read(file, block, ()))
            present.append(np.unique(masses))
    feature_schema.check_hypotheses(np.concatenate(present), hypotheses)


def drawn_parts(
    events: TrainingEvents, model: settings_models.BaseModel, seed: int
) -> event_streams.Parts:
    """Training events and validation events of a model; the latter may be empty."""
    if isinstance(events, event_streams.Source):
        return list(event_streams.divided(events, events.draw(model, seed)))
    return event_arrays.drawn_parts(events, model, seed)


def divided(
    events: TrainingEvents,
    schema: feature_schema.Schema,
    model: settings_models.BaseModel,
    seed: int,
) -> tuple[feature_schema.Schema, event_streams.Parts]:
    """The schema with the shares of all classes, and training and validation events."""
    parts = drawn_parts(events, model, seed)
    if isinstance(events, event_streams.Source):
        stream, _ = parts
        schema = feature_schema.with_shares_of_sums(
            schema, stream.expected, stream.sums.counts, model
        )
        return schema, parts
    return feature_schema.with_shares(schema, events, model), parts


def in_memory(events: TrainingEvents, n_events: int, seed: int) -> event_arrays.Events:
    """Events that are in memory, or at most `n_events` of a source."""
    if not isinstance(events, event_streams.Source):
        return events
    stream, _ = event_streams.divided(events, event_streams.Draw(seed, 1.0, 0.0))
    return stream.in_memory(n_events)
