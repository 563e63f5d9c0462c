"""Raw files of any format; the first bytes of a file decide which reader is used."""

from collections.abc import Iterator
from contextlib import closing

from hepfold.core import logs
from hepfold.data import raw_tables, sources

PARQUET_MAGIC, ROOT_MAGIC = b"PAR1", b"root\0"
PARQUET, ROOT, CSV = "Parquet", "ROOT", "CSV"
# Content of a column of a CSV file.
UNTYPED = "text or numbers"


def format_of(path: str) -> str:
    """The format of a file, from its first bytes."""
    try:
        with open(sources.archive_of(path), "rb") as file:
            start = file.read(len(ROOT_MAGIC))
    except OSError as error:
        raise logs.InputError(f"{path}: {error.strerror}") from error
    if start == ROOT_MAGIC:
        return ROOT
    return PARQUET if start.startswith(PARQUET_MAGIC) else CSV


def read(
    path: str,
    kinds: dict[str, str],
    tree: str | None,
    header: tuple[str, ...] | None,
    setting: str,
    decimal_comma: bool = False,
) -> Iterator[raw_tables.RawTable]:
    """The columns in `kinds` of a file, in parts.

    `tree` is that of a ROOT file, `header` the names of a CSV file without a header
    line, `setting` the place of the file in the configuration, for errors, and
    `decimal_comma` says that numbers of CSV files have commas in place of points.
    """
    match format_of(path):
        case "ROOT":
            from hepfold.data import root_files

            return root_files.read(path, kinds, tree, setting)
        case "Parquet":
            from hepfold.data import parquet_files

            return parquet_files.read(path, kinds, setting)
    from hepfold.data import csv_files

    return csv_files.read(path, csv_kinds(kinds), header, decimal_comma)


def n_fields(path: str) -> int | None:
    """Number of fields in the first line of a CSV file; None for other formats."""
    if format_of(path) != CSV:
        return None
    from hepfold.data import csv_files

    return csv_files.n_fields(path)


def csv_kinds(kinds: dict[str, str]) -> dict[str, str]:
    """Kinds of columns in text files, where columns of kind `ANY` hold numbers."""
    any_kind, number = raw_tables.ANY, raw_tables.NUMBER64
    return {name: number if kind == any_kind else kind for name, kind in kinds.items()}


def columns(
    path: str, tree: str | None, header: tuple[str, ...] | None, setting: str
) -> dict[str, str]:
    """Names of the columns of a file, and the content of each, from the header only."""
    match format_of(path):
        case "ROOT":
            from hepfold.data import root_files

            return root_files.branches(path, tree, setting)
        case "Parquet":
            from hepfold.data import parquet_files

            return parquet_files.columns(path)
    # Not from `csv_files`, which takes two seconds to import.
    from hepfold.data import csv_headers, text_streams

    with closing(text_streams.line_blocks(path)) as blocks:
        layout = csv_headers.layout(path, next(blocks, b""), header)
    return dict.fromkeys(layout.names, UNTYPED)
