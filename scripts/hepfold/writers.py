"""Raw data in their official formats, for simulated events."""

import io
from collections.abc import Iterable

import numpy as np
import polars as pl
from isal import igzip

from hepfold import store

# Level 1 of 0..3: three times as fast as level 3, files a tenth larger.
COMPRESSION_LEVEL = 1


def write_csv_gz(
    path: str,
    blocks: Iterable[dict[str, np.ndarray]],
    categories: dict[str, tuple[str, ...]],
) -> None:
    """Write blocks of columns as one gzipped CSV file with a header.

    A column in `categories` holds codes, and `categories[name][code]` is its text. The
    same blocks give the same bytes: the gzip header has no name and no time.
    """
    as_text = [pl.col(n).cat.to(pl.Enum(texts)) for n, texts in categories.items()]
    with (
        store.replacing(path) as temporary,
        open(temporary, "wb") as file,
        igzip.IGzipFile("", "wb", COMPRESSION_LEVEL, file, mtime=0) as compressed,
    ):
        for i_block, block in enumerate(blocks):
            text = io.BytesIO()
            table = pl.DataFrame(block).with_columns(as_text)
            table.write_csv(text, include_header=i_block == 0)
            compressed.write(text.getbuffer())
