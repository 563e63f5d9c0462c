"""The graph of the model of one fold, for ONNX."""

from torch import Tensor, nn

from hepfold.models import symmetries, zoo


class FoldGraph(nn.Module):
    """From inputs as in the fold file to the scores of one model."""

    def __init__(self, model: zoo.Scorer, place: zoo.Place):
        super().__init__()
        self.preparation = model.preparation
        self.is_oriented = model.symmetry.use == "orientation"
        self.score = model.scoring_module(place)

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores (n_events,), double."""
        prepared = self.preparation(inputs)
        if self.is_oriented:
            prepared = symmetries.oriented(prepared, self.preparation.columns)
        return self.score(prepared)
