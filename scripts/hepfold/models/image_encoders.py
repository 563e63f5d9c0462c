"""Events as images, encoded on the device, one batch at a time.

B. Sun et al. 2019, arXiv:1903.06246 (SuperTML), print the features of an event as
text; G. Strong (github.com/GilesStrong/SuperTML_HiggsML_Test) also draws gray blocks.

Text is drawn by gathering glyphs. Drawing takes less than one percent of a training
step, so a faster encoder is not worthwhile (`benchmarks/images.py`).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import settings_layers
from hepfold.models import image_glyphs, image_layouts

PREFIX = "images."
BLANK, ZERO, MINUS, POINT, MISSING = (
    image_glyphs.CHARACTERS.index(character) for character in " 0-.?"
)


class Encoder(nn.Module):
    """Base class of the encoders: features (n_events, n_features) to gray images.

    Images are (n_events, 1, size, size), uint8. Features are in physical units, the
    continuous ones first, then the codes of categories, which have `n_values` values
    each; missing values are NaN. An encoder is fitted once, and its buffers are stored
    with the model.
    """

    def __init__(self, settings: settings_layers.Images, n_values: Sequence[int]):
        super().__init__()
        self.settings, self.n_values = settings, tuple(n_values)

    def fit(
        self, inputs: np.ndarray, importance: np.ndarray, is_derived: np.ndarray
    ) -> None:
        """Arrange the features in the image, and fit the encoding to the events."""
        layout = image_layouts.arrange(self.settings, is_derived, importance)
        self.register_buffer("boxes", torch.from_numpy(layout.boxes))
        self.register_buffer("font_sizes", torch.from_numpy(layout.font_sizes))
        self.fit_values(inputs)
        self.prepare()

    def fit_values(self, inputs: np.ndarray) -> None:
        """Register the buffers that depend on the encoding or the training events."""

    def prepare(self) -> None:
        """Derive from the fitted buffers what `forward` needs in addition."""

    def arrays(self) -> dict[str, np.ndarray]:
        """The fitted buffers, by name."""
        state = self.state_dict()
        return {PREFIX + name: tensor.cpu().numpy() for name, tensor in state.items()}

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Restore the buffers that `arrays` returned."""
        for name, array in arrays.items():
            if name.startswith(PREFIX):
                buffer = torch.from_numpy(array)
                self.register_buffer(name.removeprefix(PREFIX), buffer)
        self.prepare()


class TextEncoder(Encoder):
    """Features as printed numbers, white on black."""

    def fit_values(self, inputs: np.ndarray) -> None:
        """Store the bitmaps with the model, since another font would change them."""
        for size in self.font_sizes.unique().tolist():
            atlas = torch.from_numpy(image_glyphs.atlas(size))
            self.register_buffer(f"atlas_{size}", atlas)

    def prepare(self) -> None:
        """Top left corner and font size of each feature's text."""
        left, top, *_ = self.boxes.T.tolist()
        self.places = list(zip(left, top, self.font_sizes.tolist(), strict=True))

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (n_events, 1, size, size) of features (n_events, n_features)."""
        size = self.settings.size
        images = inputs.new_zeros(inputs.shape[0], 1, size, size, dtype=torch.uint8)
        glyphs = printed(inputs, self.settings.decimals)
        for text, place in zip(glyphs.unbind(dim=1), self.places, strict=True):
            left, top, font_size = place
            atlas = getattr(self, f"atlas_{font_size}")
            _, height, advance = atlas.shape
            right = left + text.shape[1] * advance
            cell = images[:, 0, top : top + height, left:right]
            # (n_events, height, n_characters, advance)
            bitmaps = atlas[text].transpose(1, 2)
            cell.unflatten(2, (-1, advance)).copy_(bitmaps)
        return images


class BlockEncoder(Encoder):
    """Features as blocks or stripes of gray, black where they are missing.

    The brightness is a sigmoid of the standardized feature or, of a category, in
    proportion to its code.
    """

    def fit_values(self, inputs: np.ndarray) -> None:
        """Mean and standard deviation of the continuous features."""
        values = inputs[:, : inputs.shape[1] - len(self.n_values)].astype("f8")
        present = ~np.isnan(values)
        n = np.maximum(present.sum(axis=0), 1)
        mean = np.where(present, values, 0).sum(axis=0) / n
        deviation = np.where(present, values - mean, 0)
        std = np.sqrt(np.square(deviation).sum(axis=0) / n)
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("std", torch.from_numpy(np.where(std > 0, std, 1.0)))

    def prepare(self) -> None:
        """The feature that each pixel shows; repeated rows are stored once."""
        size = self.settings.size
        # Pixels outside all boxes show a black feature, which follows the last one.
        shown = torch.full((size, size), len(self.boxes))
        for i, (left, top, right, bottom) in enumerate(self.boxes.tolist()):
            shown[top:bottom, left:right] = i
        rows, row = shown.unique_consecutive(dim=0, return_inverse=True)
        self.register_buffer("showing", rows, persistent=False)
        self.register_buffer("row", row, persistent=False)
        largest = torch.tensor([max(n - 1, 1) for n in self.n_values]).double()
        self.register_buffer("largest_code", largest, persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (n_events, 1, size, size) of features (n_events, n_features)."""
        gray = nn.functional.pad(self.brightness(inputs), (0, 1))
        rows = gray.index_select(1, self.showing.flatten())
        rows = rows.unflatten(1, self.showing.shape)
        return rows.index_select(1, self.row)[:, None]

    def brightness(self, inputs: Tensor) -> Tensor:
        """Gray values (n_events, n_features), uint8, zero where missing."""
        n_continuous = len(self.mean)
        values = inputs.double()
        continuous = (values[:, :n_continuous] - self.mean) / self.std
        codes = values[:, n_continuous:] / self.largest_code
        gray = 255 * torch.cat([continuous.sigmoid(), codes], dim=1)
        return gray.nan_to_num().round().to(torch.uint8)


def build(settings: settings_layers.Images, n_values: Sequence[int]) -> Encoder:
    """The encoder that the settings name, not fitted yet."""
    is_text = settings.encoding in image_layouts.TEXTS
    return (TextEncoder if is_text else BlockEncoder)(settings, n_values)


def printed(values: Tensor, decimals: int) -> Tensor:
    """Glyphs of numbers as text, (..., n_characters), padded with blanks.

    A glyph is a position in `image_glyphs.CHARACTERS`. Every float32 reads as Python
    prints it, `f"{value:.{decimals}f}"`: its product with a power of ten is exact in
    double precision. Numbers with more than N_WHOLE digits before the point are
    clipped. A missing value (NaN) is a question mark; B. Sun et al. 2019 state in the
    abstract that no value needs to be imputed, and G. Strong prints 0.000.
    """
    n_whole, n_digits = image_glyphs.N_WHOLE, image_glyphs.N_WHOLE + decimals
    powers = 10 ** torch.arange(n_digits - 1, -1, -1, device=values.device)
    values = values.float().unsqueeze(-1)
    scaled = values.double().abs() * 10**decimals
    number = scaled.nan_to_num().round().clamp(max=10**n_digits - 1).long()
    whole, fraction = (number // powers % 10 + ZERO).split([n_whole, decimals], dim=-1)
    point = torch.full_like(number, POINT if decimals else BLANK)
    text = torch.cat([whole, point, fraction, torch.full_like(whole, BLANK)], dim=-1)
    # Shift each text left by its leading zeros, but leave room for a sign.
    n_zeros = (number < powers[: n_whole - 1]).sum(dim=-1, keepdim=True)
    is_negative, is_missing = values.signbit(), values.isnan()
    place = torch.arange(image_glyphs.n_characters(decimals), device=values.device)
    text = text.gather(-1, (place + n_zeros - is_negative.long()).clamp(min=0))
    text[..., :1].masked_fill_(is_negative, MINUS)
    text.masked_fill_(is_missing, BLANK)
    text[..., :1].masked_fill_(is_missing, MISSING)
    return text
