"""Raw data in their official formats, for simulated events.

All take blocks of columns and keep no more than one. A column in `categories` holds
codes, and `categories[name][code]` is its text.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import uproot
from isal import igzip

from hepfold.core import columns, files
from hepfold.data import datasets
from hepfold.toys import csv_floats

Block = dict[str, np.ndarray]
Categories = dict[str, tuple[str, ...]]

# Level 1 of 0..3: three times as fast as level 3, files a tenth larger.
COMPRESSION_LEVEL = 1


@dataclass(frozen=True)
class TextFormat:
    """Whether a CSV file names its columns, and whether all its numbers are `%.18e`.

    If not, they are as short as they can be.
    """

    has_header: bool
    is_scientific: bool


TEXT_FORMATS = {
    name: TextFormat(definition.has_header, is_scientific=name == "higgs")
    for name, definition in datasets.DATASETS.items()
}
# The label of all events of a tree, by the role of that tree.
CLASSES = {name: label for label, name in columns.CLASS_NAMES.items()}


def write_csv_gz(
    path: str, blocks: Iterable[Block], categories: Categories, text_format: TextFormat
) -> None:
    """Write blocks of columns as one gzipped CSV file.

    The same blocks give the same bytes: the gzip header has no name and no time.
    """
    with (
        files.replacing(path) as temporary,
        open(temporary, "wb") as file,
        igzip.IGzipFile("", "wb", COMPRESSION_LEVEL, file, mtime=0) as compressed,
    ):
        for i_block, block in enumerate(blocks):
            if i_block == 0 and text_format.has_header:
                compressed.write(f"{','.join(block)}\n".encode())
            if text_format.is_scientific:
                values = np.column_stack(list(block.values())).astype("f4")
                compressed.write(csv_floats.lines(values))
            else:
                text = io.BytesIO()
                table(block, categories).write_csv(text, include_header=False)
                compressed.write(text.getbuffer())


def table(block: Block, categories: Categories) -> pl.DataFrame:
    """A block with texts for codes."""
    as_text = [pl.col(n).cat.to(pl.Enum(texts)) for n, texts in categories.items()]
    return pl.DataFrame(block).with_columns(as_text)


def write_parquet(path: str, blocks: Iterable[Block], categories: Categories) -> None:
    """Write blocks of columns as one Parquet file, each as a row group."""
    as_string = pl.col(list(categories)).cast(pl.String)
    parts = (table(block, categories).with_columns(as_string) for block in blocks)
    files.write_table(path, parts)


def write_root(
    path: str,
    blocks: Iterable[Block],
    categories: Categories,
    trees: dict[str, str],
    label: str,
) -> None:
    """Write blocks of columns as the trees of one ROOT file.

    `trees` names one, `{"events": ...}`, or one for each class, `{"signal": ...,
    "background": ...}`; these are without the column `label`, which holds the class.
    """
    with files.replacing(path) as temporary, uproot.recreate(temporary) as file:
        for i_block, block in enumerate(blocks):
            for name, part in tree_parts(block, trees, label):
                branches = {
                    n: np.array(categories[n])[values] if n in categories else values
                    for n, values in part.items()
                }
                if i_block == 0:
                    file.mktree(name, branches)
                else:
                    file[name].extend(branches)


def tree_parts(
    block: Block, trees: dict[str, str], label: str
) -> Iterator[tuple[str, Block]]:
    """Name of each tree and the columns of its events."""
    for role, name in trees.items():
        if role not in CLASSES:
            yield name, block
            continue
        chosen = block[label] == CLASSES[role]
        yield name, {n: v[chosen] for n, v in block.items() if n != label}
