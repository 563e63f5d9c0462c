"""ONNX export: one graph from physical features to the mean score of all folds.

Any ONNX runtime can then score events, without hepfold, PyTorch or XGBoost.
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

from hepfold.data import fold_file
from hepfold.models import feature_schema, fold_graphs, onnx_operators, onnx_trees, zoo

INPUT, OUTPUT = "features", "score"
# Operators and format of ONNX 1.13 (2022), which later versions also read.
OPSET, IR_VERSION = 18, 8
# Largest accepted difference from the scores of the models. Above a logit of LARGE it
# grows in proportion to the largest logit, as float32 is less precise there.
TOLERANCE, LARGE = 1e-6, 10
# Largest number of events of the fold file in this check.
N_CHECKED = 2000
# Events per batch of onnxruntime: hidden layers should fit into the cache.
BATCH = 256


@dataclass(frozen=True)
class InputFormat:
    """Format of the input: the values of each category, and numbers for missing ones.

    NaN always means missing; so do the numbers in `missing`. Categories in `others`
    accept any other value, including a missing one, as one more category.
    """

    categories: dict[str, tuple[float, ...]]
    missing: tuple[float, ...] = ()
    others: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        layout: fold_file.Layout,
        missing: tuple[float, ...],
        names: tuple[str, ...],
    ) -> "InputFormat":
        """The format of the named features in the raw files of a data set."""
        categories = {n: v for n, v in layout.categorical.items() if n in names}
        others = tuple(name for name in layout.others if name in names)
        return cls(categories, missing, others)

    def physical(self, inputs: np.ndarray) -> np.ndarray:
        """Inputs of the fold file (n_events, n_features), with values for codes.

        The value of the code of all other values is NaN.
        """
        physical = np.array(inputs, "f4")
        first = physical.shape[1] - len(self.categories)
        for i, values in enumerate(self.categories.values(), first):
            known = np.array((*values, np.nan), "f4")
            physical[:, i] = known[inputs[:, i].astype(int)]
        return physical


class EnsembleGraph(nn.Module):
    """From physical features (n_events, n_features) to scores (n_events,), double.

    The score is the mean over folds, members and views. It is NaN for events with a
    value of a category that no event of the fold file had.
    """

    def __init__(self, models: list[zoo.Scorer], input_format: InputFormat):
        super().__init__()
        self.folds = nn.ModuleList(
            fold_graphs.FoldGraph(model, (i,)) for i, model in enumerate(models)
        )
        self.input_format = input_format

    def forward(self, events: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        with onnx_operators.Replacing():
            inputs, is_known = self.inputs(events)
            score = sum(fold(inputs) for fold in self.folds) / len(self.folds)
            return torch.where(is_known, score, torch.nan)

    def inputs(self, events: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs as in the fold file, and which events have known categories only."""
        first = events.shape[1] - len(self.input_format.categories)
        continuous = events[:, :first]
        for missing in self.input_format.missing:
            continuous = torch.where(continuous == missing, torch.nan, continuous)
        parts = [continuous]
        is_known = torch.ones_like(events[:, 0], dtype=torch.bool)
        categories = self.input_format.categories.items()
        for i, (name, values) in enumerate(categories, first):
            is_value = events[:, i : i + 1] == torch.tensor(values)
            codes = torch.arange(len(values), dtype=torch.float32)
            code, is_one = (is_value * codes).sum(1, keepdim=True), is_value.any(1)
            if name in self.input_format.others:
                code = torch.where(is_one[:, None], code, float(len(values)))
            else:
                is_known = is_known & is_one
            parts.append(code)
        return torch.cat(parts, dim=1), is_known


def exported(
    models: list[zoo.Scorer], input_format: InputFormat, metadata: dict[str, str]
) -> bytes:
    """An ONNX model of the mean score of several models, which must be on the CPU.

    The same models give the same bytes. `metadata` is stored with a description of the
    input.
    """
    schema = models[0].preparation.schema
    graph = EnsembleGraph(models, input_format).eval()
    example = torch.zeros(2, len(schema.features))
    shapes = ({0: torch.export.Dim("n_events")},)
    with quiet(), torch.no_grad():
        program = torch.export.export(graph, (example,), dynamic_shapes=shapes)
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
    onnx.helper.set_model_props(model, described(schema, input_format) | metadata)
    return model.SerializeToString(deterministic=True)


def described(
    schema: feature_schema.Schema, input_format: InputFormat
) -> dict[str, str]:
    """A description of the input for users; lists and tables are in JSON."""
    missing = ["NaN", *(f"{number:g}" for number in input_format.missing)]
    units = dict(zip(schema.features, schema.units, strict=True))
    return {
        "features": json.dumps(schema.features),
        "units": json.dumps(units),
        "categories": json.dumps(input_format.categories),
        "others": json.dumps(input_format.others),
        "missing": " or ".join(missing),
    }


def ranges(features: tuple[str, ...], physical: np.ndarray) -> dict[str, list[float]]:
    """Lowest and highest value of each feature of events (n_events, n_features).

    Features that are missing in all events are left out.
    """
    limits = {}
    for name, column in zip(features, physical.T, strict=True):
        values = column[~np.isnan(column)].astype("f8")
        if len(values):
            limits[name] = [float(values.min()), float(values.max())]
    return limits


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress warnings of the exporter that users cannot act on."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def forget_origin(model: onnx.ModelProto) -> None:
    """Remove source paths from the graph, set its version and name the event axis."""
    model.ir_version = IR_VERSION
    graph = model.graph
    # Names of intermediate shapes are arbitrary, and runtimes infer them.
    graph.ClearField("value_info")
    for part in (*graph.node, *graph.input, *graph.output, *graph.initializer, graph):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n_events"


def score(model: bytes, events: np.ndarray) -> np.ndarray:
    """Scores (n_events,) of physical features, from onnxruntime on one thread."""
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
    model: bytes, folds: list[zoo.Scorer], input_format: InputFormat, inputs: np.ndarray
) -> float:
    """Largest difference of the scores of an ONNX model from those of its models.

    Takes inputs of the fold file (n_events, n_features). Raises RuntimeError if the
    difference exceeds rounding.
    """
    expected = np.mean([fold.score(inputs) for fold in folds], axis=0)
    largest = float(
        np.abs(score(model, input_format.physical(inputs)) - expected).max()
    )
    if not largest <= allowed(expected):
        raise RuntimeError(f"the exported score differs by up to {largest:.1e}")
    return largest


def allowed(score: np.ndarray) -> float:
    """Largest difference from scores (n_events,) that rounding can explain."""
    numbers = np.finfo("f4")
    rarer = np.minimum(score.clip(numbers.tiny), (1 - score).clip(numbers.eps / 2))
    return TOLERANCE * max(1, -np.log(rarer.min()) / LARGE)
