"""Toy events as raw files in the official formats."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from isal import igzip

from hepfold.core import files

# Levels are 0 to 3: level 1 is three times as fast as level 3, with files a tenth
# larger.
COMPRESSION_LEVEL = 1


def write_csv_gz(
    path: str,
    blocks: Iterable[dict[str, np.ndarray]],
    categories: dict[str, tuple[str, ...]],
    has_header: bool,
) -> None:
    """Write blocks of columns as one gzipped CSV file, one block in memory at a time.

    Columns listed in `categories` hold codes and are written as the text
    `categories[name][code]`. Numbers have the fewest digits that identify them, fewer
    than in official files. The output is deterministic: the gzip header holds neither
    name nor time.
    """
    as_text = [pl.col(n).cat.to(pl.Enum(texts)) for n, texts in categories.items()]
    with (
        files.replacing(path) as temporary,
        open(temporary, "wb") as file,
        igzip.IGzipFile("", "wb", COMPRESSION_LEVEL, file, mtime=0) as compressed,
    ):
        for i_block, block in enumerate(blocks):
            table = pl.DataFrame(block).with_columns(as_text)
            names_columns = has_header and i_block == 0
            table.write_csv(compressed, include_header=names_columns)
