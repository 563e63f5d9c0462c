"""ONNX: the whole road from physical features to the score of all folds, as one graph.

Whatever reads ONNX then scores events, without hepfold, PyTorch or XGBoost.
"""

import contextlib
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from hepfold.data import datasets
from hepfold.models import (
    feature_preparation,
    onnx_operators,
    onnx_trees,
    symmetries,
    zoo,
)

INPUT, OUTPUT = "features", "score"
# Operators and format of ONNX 1.13, of 2022; readers of later ones read it too.
OPSET, IR_VERSION = 18, 8
# Largest difference from the engine's score that is let through where no logit is above
# LARGE; where one is, of which float32 is less certain, as much more.
TOLERANCE, LARGE = 1e-6, 10
# Events of the fold file, at most, that it is looked for on.
N_CHECKED = 2000
# Events that onnxruntime takes at once here: hidden layers are to stay in the cache.
BATCH = 256


@dataclass(frozen=True)
class Form:
    """How events come in: the values of each category, and what stands for missing.

    NaN stands for missing, and `missing` does too where it is a number.
    """

    categories: dict[str, tuple[float, ...]]
    missing: float | None

    @classmethod
    def of(cls, definition: datasets.Dataset, names: tuple[str, ...]) -> "Form":
        """The official form of the named features of a data set."""
        found = definition.categorical.items()
        categories = {name: values for name, values in found if name in names}
        return cls(categories, definition.missing)

    def physical(self, inputs: np.ndarray) -> np.ndarray:
        """Inputs of the fold file (n_events, n_features), codes as physical values."""
        found = np.array(inputs, "f4")
        first = found.shape[1] - len(self.categories)
        for i, values in enumerate(self.categories.values(), first):
            found[:, i] = np.array(values, "f4")[inputs[:, i].astype(int)]
        return found


class Road(nn.Module):
    """Physical features (n_events, n_features) to scores (n_events,), double.

    The score is the mean over folds, members and views. It is NaN where a category
    has a value that is none of its own.
    """

    def __init__(self, models: list[zoo.Model], form: Form):
        super().__init__()
        self.folds = nn.ModuleList(FoldRoad(model, i) for i, model in enumerate(models))
        self.form = form

    def forward(self, events: Tensor) -> Tensor:
        """What the graph computes."""
        with onnx_operators.Replacing():
            inputs, is_known = self.inputs(events)
            score = sum(fold(inputs) for fold in self.folds) / len(self.folds)
            return torch.where(is_known, score, torch.nan)

    def inputs(self, events: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs as in the fold file, and whether all categories are known."""
        first = events.shape[1] - len(self.form.categories)
        continuous = events[:, :first]
        if self.form.missing is not None:
            is_missing = continuous == self.form.missing
            continuous = torch.where(is_missing, torch.nan, continuous)
        parts = [continuous]
        is_known = torch.ones_like(events[:, 0], dtype=torch.bool)
        for i, values in enumerate(self.form.categories.values(), first):
            is_value = events[:, i : i + 1] == torch.tensor(values)
            codes = torch.arange(len(values), dtype=torch.float32)
            parts.append((is_value * codes).sum(1, keepdim=True))
            is_known = is_known & is_value.any(1)
        return torch.cat(parts, dim=1), is_known


class FoldRoad(nn.Module):
    """Inputs of the fold file to the scores of the model of one fold."""

    def __init__(self, model: zoo.Model, fold: int):
        super().__init__()
        self.preparation = model.preparation
        self.is_oriented = model.symmetry.use == "orientation"
        self.score = model.scoring_module(fold)

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        prepared = self.preparation(inputs)
        if self.is_oriented:
            prepared = symmetries.oriented(prepared, self.preparation.columns)
        return self.score(prepared)


def exported(models: list[zoo.Model], form: Form, told: dict[str, str]) -> bytes:
    """An ONNX model of the mean score of several models, which are on the CPU.

    The same models give the same bytes. `told` goes into its metadata, beside what
    a user has to know of its input.
    """
    schema = models[0].preparation.schema
    road = Road(models, form).eval()
    example = torch.zeros(2, len(schema.features))
    shapes = ({0: torch.export.Dim("n_events")},)
    with quiet(), torch.no_grad():
        program = torch.export.export(road, (example,), dynamic_shapes=shapes)
        model = torch.onnx.export(
            program,
            input_names=[INPUT],
            output_names=[OUTPUT],
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        ).model_proto
    onnx_trees.put_in(model, models)
    forget_origin(model)
    onnx.helper.set_model_props(model, described(schema, form) | told)
    return model.SerializeToString(deterministic=True)


def described(schema: feature_preparation.Schema, form: Form) -> dict[str, str]:
    """What a user has to know of the input: lists and tables are JSON."""
    missing = "NaN" if form.missing is None else f"NaN or {form.missing:g}"
    units = dict(zip(schema.features, schema.units, strict=True))
    return {
        "features": json.dumps(schema.features),
        "units": json.dumps(units),
        "categories": json.dumps(form.categories),
        "missing": missing,
    }


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what the exporter tells of itself, which no user can act on."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def forget_origin(model: onnx.ModelProto) -> None:
    """Take out where on this machine each operator came from, and name the axis."""
    model.ir_version = IR_VERSION
    graph = model.graph
    # Shapes in between are told by an arbitrary name; readers find them themselves.
    graph.ClearField("value_info")
    for part in (*graph.node, *graph.input, *graph.output, *graph.initializer, graph):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n_events"


def score(model: bytes, events: np.ndarray) -> np.ndarray:
    """Scores (n_events,) that onnxruntime gives physical features, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
    parts = [
        session.run([OUTPUT], {INPUT: events[start : start + BATCH]})[0]
        for start in range(0, len(events), BATCH)
    ]
    return np.concatenate(parts)


def checked_difference(
    model: bytes, folds: list[zoo.Model], form: Form, inputs: np.ndarray
) -> float:
    """Largest difference of its scores from those of the models that it was made of.

    Takes inputs of the fold file (n_events, n_features). A difference beyond rounding
    is an error.
    """
    expected = np.mean([fold.score(inputs) for fold in folds], axis=0)
    largest = float(np.abs(score(model, form.physical(inputs)) - expected).max())
    if not largest <= allowed(expected):
        raise RuntimeError(f"the exported score differs by up to {largest:.1e}")
    return largest


def allowed(score: np.ndarray) -> float:
    """How far other rounding may take scores (n_events,) from these."""
    numbers = np.finfo("f4")
    rarer = np.minimum(score.clip(numbers.tiny), (1 - score).clip(numbers.eps / 2))
    return TOLERANCE * max(1, -np.log(rarer.min()) / LARGE)
