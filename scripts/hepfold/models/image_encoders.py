"""Events as images, encoded on the device a batch at a time.

B. Sun et al. 2019, arXiv:1903.06246 (SuperTML), print the features of an event as
text; G. Strong (github.com/GilesStrong/SuperTML_HiggsML_Test) drew blocks of gray too.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from hepfold.core import settings_models
from hepfold.models import image_digits, image_glyphs, image_layouts

PREFIX = "images."
# Of a word: the feature it shows, where its characters begin, and where its table does.
WORDS = ("shown", "shift", "mask", "offset")
PARTS = ("whole", "n_bits", "fraction")
LAYOUT = ("boxes", "font_sizes")


class Encoder(nn.Module):
    """The base of encoders: features (n_events, n_features) in, gray images out.

    Images are (n_events, 1, size, size), uint8; features are physical, continuous ones
    before the codes of categories, of which `n_values` counts the values. Missing is
    NaN. Fitted once; its buffers are stored with the model.
    """

    def __init__(self, settings: settings_models.Images, n_values: Sequence[int]):
        super().__init__()
        self.settings, self.n_values = settings, tuple(n_values)

    def fit(
        self, inputs: np.ndarray, importance: np.ndarray, is_derived: np.ndarray
    ) -> None:
        """Lay the image out, and take from training events what their features need."""
        layout = image_layouts.arrange(self.settings, is_derived, importance)
        for name in LAYOUT:
            self.register_buffer(name, torch.from_numpy(getattr(layout, name)))
        self.fit_values(inputs)
        self.prepare()

    def fit_values(self, inputs: np.ndarray) -> None:
        """Take from training events what their features need."""

    def prepare(self) -> None:
        """Make of what was fitted the tables that images are gathered from."""

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was fitted, by name."""
        state = self.state_dict()
        return {PREFIX + name: tensor.cpu().numpy() for name, tensor in state.items()}

    def load_arrays(self, found: dict[str, np.ndarray]) -> None:
        """Take what `arrays` gave."""
        for name, array in found.items():
            if name.startswith(PREFIX):
                buffer = torch.from_numpy(array)
                self.register_buffer(name.removeprefix(PREFIX), buffer)
        self.prepare()

    def register_table(self, name: str, table: Tensor) -> None:
        """Keep a table beside what was fitted; it moves with it and is not stored."""
        self.register_buffer(name, table.to(self.boxes.device), persistent=False)


class TextEncoder(Encoder):
    """Features as printed numbers, white on black: a gather of glyphs by their text.

    Words of eight pixels are gathered, as integers of 64 bits: for each place of a word
    in a text, there is a table of all that the characters under it may be. Texts stand
    in lines, and one row of pixels of all events is beside the next in memory, so that
    a line is gathered at once.
    """

    def fit_values(self, inputs: np.ndarray) -> None:
        """Keep the glyphs themselves: another font would be another model."""
        for size in self.font_sizes.unique().tolist():
            self.register_buffer(
                f"atlas_{size}", torch.from_numpy(image_glyphs.atlas(size))
            )

    def prepare(self) -> None:
        """The table of all words, and which part of which text each word looks up."""
        decimals = self.settings.decimals
        for name, table in zip(PARTS, image_digits.parts(decimals), strict=True):
            self.register_table(name, table)
        tables, starts, n_entries = [], {}, 0
        for size in self.font_sizes.unique().tolist():
            atlas = getattr(self, f"atlas_{size}")
            table, first = word_table(atlas, image_glyphs.n_characters(decimals))
            starts[size] = n_entries, table.shape[2], first
            tables.append(table.flatten(1))
            n_entries += tables[-1].shape[1]
        height = max(map(len, tables))
        tables = [nn.functional.pad(t, (0, 0, 0, height - len(t))) for t in tables]
        self.register_table("table", torch.cat(tables, dim=1))
        row_start = n_entries * torch.arange(height, dtype=torch.int32)
        self.register_table("row_start", row_start)
        self.place_words(starts)

    def place_words(self, starts: dict[int, tuple[int, int, list[int]]]) -> None:
        """Lines of text, and what each of their words looks up; blank where no text is.

        `starts` has, for each font size, where its table begins, the entries for each
        place of a word, and the first character under each.
        """
        boxes, font_sizes = self.boxes.tolist(), self.font_sizes.tolist()
        tops = sorted({top for _, top, *_ in boxes})
        n_words = self.settings.size // image_layouts.WORD
        bottoms = [max(b for _, t, _, b in boxes if t == top) for top in tops]
        self.lines = list(zip(tops, bottoms, strict=True))
        words = torch.zeros(len(WORDS), len(tops), n_words, dtype=torch.int64)
        for i, ((left, top, *_), size) in enumerate(
            zip(boxes, font_sizes, strict=True)
        ):
            start, n_entries, first = starts[size]
            for n, character in enumerate(first):
                place = (slice(None), tops.index(top), left // image_layouts.WORD + n)
                shift, offset = image_digits.BITS * character, start + n_entries * n
                words[place] = torch.tensor([i, shift, n_entries - 1, offset])
        for name, values in zip(WORDS, words.flatten(1), strict=True):
            self.register_table(name, values)

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (n_events, 1, size, size) of features (n_events, n_features)."""
        n_events, size = len(inputs), self.settings.size
        shape = (size, n_events, size // image_layouts.WORD)
        rows = torch.empty(shape, dtype=torch.int64, device=inputs.device)
        above = 0
        for (top, bottom), code in zip(self.lines, self.codes(inputs), strict=True):
            rows[above:top].zero_()
            index = code + self.row_start[: bottom - top, None]
            line = rows[top:bottom].view(-1)
            torch.index_select(self.table.view(-1), 0, index.view(-1), out=line)
            above = bottom
        rows[above:].zero_()
        return rows.view(torch.uint8).transpose(0, 1)[:, None]

    def codes(self, inputs: Tensor) -> Tensor:
        """Where all words (n_lines, n_events * n_words) are in a row of the table."""
        text = image_digits.printed(inputs, [getattr(self, name) for name in PARTS])
        shown, shift, mask, offset = (getattr(self, name) for name in WORDS)
        part = text.index_select(1, shown).bitwise_right_shift_(shift)
        code = part.bitwise_and_(mask).add_(offset)
        n_words = self.settings.size // image_layouts.WORD
        code = code.view(len(inputs), len(self.lines), n_words).transpose(0, 1)
        return code.to(torch.int32, memory_format=torch.contiguous_format).flatten(1)


class BlockEncoder(Encoder):
    """Features as blocks or stripes of gray, black where they are missing.

    The brightness is a sigmoid of the standardized feature or, of a category, in
    proportion to its code.
    """

    def fit_values(self, inputs: np.ndarray) -> None:
        """Take mean and standard deviation of the continuous features."""
        values = inputs[:, : inputs.shape[1] - len(self.n_values)].astype("f8")
        present = ~np.isnan(values)
        n = np.maximum(present.sum(axis=0), 1)
        mean = np.where(present, values, 0).sum(axis=0) / n
        deviation = np.where(present, values - mean, 0)
        std = np.sqrt(np.square(deviation).sum(axis=0) / n)
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("std", torch.from_numpy(np.where(std > 0, std, 1.0)))

    def prepare(self) -> None:
        """Which feature each pixel shows, in those rows of pixels that differ."""
        size = self.settings.size
        shown = torch.full((size, size), len(self.boxes))  # behind the last: black
        for i, (left, top, right, bottom) in enumerate(self.boxes.tolist()):
            shown[top:bottom, left:right] = i
        rows, row = shown.unique_consecutive(dim=0, return_inverse=True)
        self.register_table("showing", rows)
        self.register_table("row", row)

    def forward(self, inputs: Tensor) -> Tensor:
        """Images (n_events, 1, size, size) of features (n_events, n_features)."""
        gray = nn.functional.pad(self.brightness(inputs), (0, 1))
        rows = gray.index_select(1, self.showing.flatten())
        rows = rows.view(len(inputs), *self.showing.shape)
        return rows.index_select(1, self.row)[:, None]

    def brightness(self, inputs: Tensor) -> Tensor:
        """Gray values (n_events, n_features), uint8, zero where missing."""
        n_continuous = len(self.mean)
        values = inputs.double()
        continuous = (values[:, :n_continuous] - self.mean) / self.std
        largest = values.new_tensor([max(n - 1, 1) for n in self.n_values])
        codes = values[:, n_continuous:] / largest
        gray = 255 * torch.cat([continuous.sigmoid(), codes], dim=1)
        return gray.nan_to_num().round().to(torch.uint8)


def build(settings: settings_models.Images, n_values: Sequence[int]) -> Encoder:
    """The encoder of an encoding, not fitted yet."""
    is_text = settings.encoding in image_layouts.TEXTS
    return (TextEncoder if is_text else BlockEncoder)(settings, n_values)


def word_table(atlas: Tensor, n_characters: int) -> tuple[Tensor, list[int]]:
    """What words of eight pixels hold, for all characters that may lie under them.

    Takes bitmaps (n_glyphs, height, advance). The table is (height, n_words,
    n_combinations), int64; beside it is the position in the text of the first character
    under each word. A combination is the part of the text from there on.
    """
    _, height, advance = atlas.shape
    start = torch.arange(0, n_characters * advance, image_layouts.WORD)
    first, phase = start // advance, start % advance
    n_under = -(-(int(phase.max()) + image_layouts.WORD) // advance)
    n_values = 2**image_digits.BITS
    atlas = nn.functional.pad(atlas, (0, 0, 0, 0, 0, n_values - len(atlas)))
    line = atlas.new_empty((*[n_values] * n_under, height, n_under * advance))
    for i in range(n_under):
        # The first character is the lowest part of the text, and so the last dimension.
        shape = [n_values if j == n_under - 1 - i else 1 for j in range(n_under)]
        glyph = atlas.view(*shape, height, advance)
        line[..., i * advance : (i + 1) * advance] = glyph
    table = torch.stack([line[..., p : p + image_layouts.WORD] for p in phase.tolist()])
    words = table.contiguous().view(torch.int64)
    words = words.view(len(phase), n_values**n_under, height)
    return words.permute(2, 0, 1).contiguous(), first.tolist()
