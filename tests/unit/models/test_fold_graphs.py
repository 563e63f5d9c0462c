"""Tests of models.fold_graphs: a graph gives the scores of its model."""

import numpy as np
import pytest
import samples
import torch

from hepfold.models import fold_graphs

ORIENTED = {
    "preparation": samples.VECTORS | {"pairs": True},
    "symmetry": {"use": "orientation", "n_views": 1},
}


@pytest.mark.parametrize("changes", [{}, ORIENTED])
def test_a_graph_gives_the_scores_of_its_model(changes):
    events = samples.two_bodies(200)
    model, _ = samples.train(
        events, schema_=samples.TWO_BODIES, n_epochs=1, n_members=2, **changes
    )
    graph = fold_graphs.FoldGraph(model, (0,)).eval()
    with torch.no_grad():
        score = graph(torch.from_numpy(events.inputs)).numpy()
    np.testing.assert_allclose(score, model.score(events.inputs), atol=1e-6)
