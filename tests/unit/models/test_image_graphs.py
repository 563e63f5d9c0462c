"""Tests of models.image_graphs: ONNX has the images and scores of the model."""

import numpy as np
import onnxruntime
import pytest
import samples
import torch

from hepfold.core import settings_layers, settings_models
from hepfold.models import image_ensembles, onnx_export

# An export takes seconds.
pytestmark = pytest.mark.slow

CATEGORY = onnx_export.InputFormat({"x4": (1.0, 5.0, 7.0)}, (-999.0,))


def with_gaps():
    """Events with a category and missing values."""
    events = samples.with_category(samples.two_gaussians(1000, distance=3.0))
    events.inputs[::3, 1] = np.nan
    return events


EVENTS = with_gaps()


def model_of(encoding: str) -> image_ensembles.ImageEnsemble:
    """Two networks with initial weights, whose images are fitted to the events."""
    images = {"encoding": encoding, "size": 32, "order": "file", "decimals": 1}
    if encoding == "text_equal":
        images |= {"size": 128}
    settings = settings_models.SuperTML(
        images=settings_layers.Images(**images),
        network=settings_layers.ImageNetwork(backbone="se_resnet", head_width=16),
    )
    kind, schema = image_ensembles.ImageEnsemble, samples.schema(5, n_values=(3,))
    torch.manual_seed(1)
    preparation = kind.fitted_preparation(schema, settings, EVENTS, 1)
    return kind.assembled(preparation, settings, 2, samples.training())


@pytest.mark.analyses
@pytest.mark.parametrize("encoding", ["blocks", "text_equal"])
def test_every_score_is_that_of_the_model(encoding):
    model = model_of(encoding)
    exported = onnx_export.exported([model], CATEGORY, {})
    difference = onnx_export.checked_difference(
        exported, [model], CATEGORY, EVENTS.inputs
    )
    assert difference < 1e-6
    assert np.ptp(model.score(EVENTS.inputs)) > 1e-3


@pytest.mark.parametrize(
    "encoding", ["blocks", pytest.param("text_equal", marks=pytest.mark.analyses)]
)
def test_every_pixel_is_that_of_the_model(encoding):
    encoder = model_of(encoding).preparation.encoder
    shapes = ({0: torch.export.Dim("n_events")},)
    with onnx_export.quiet():
        program = torch.export.export(
            encoder, (torch.zeros(2, 5),), dynamic_shapes=shapes
        )
        drawing = torch.onnx.export(
            program, opset_version=onnx_export.OPSET, dynamo=True, verbose=False
        ).model_proto
    session = onnxruntime.InferenceSession(drawing.SerializeToString())
    (name,) = (node.name for node in session.get_inputs())
    (pixels,) = session.run(None, {name: EVENTS.inputs})
    expected = encoder(torch.from_numpy(EVENTS.inputs)).numpy()
    assert np.ptp(expected) == 255
    np.testing.assert_array_equal(pixels, expected)
