"""Tests of scores as ROOT trees: entries in blocks, fillers, columns."""

import numpy as np
import polars as pl
import pytest
import uproot

from hepfold.core import files
from hepfold.publish import score_trees


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that writes a table as a tree, in blocks of three entries."""
    monkeypatch.setattr(score_trees, "BLOCK_ROWS", 3)

    def write(table: pl.DataFrame, n_entries: int | None) -> dict[str, np.ndarray]:
        scores, tree = str(tmp_path / "a.parquet"), str(tmp_path / "a.root")
        files.write_table(scores, [table], {})
        score_trees.write(scores, tree, n_entries)
        return uproot.open(tree)["scores"].arrays(library="np")

    return write


@pytest.mark.parametrize("n_entries", [20, 30])
def test_gaps_before_between_and_after_events(written, n_entries):
    row = [5, 6, 8, 15, 19]
    table = pl.DataFrame({"row": row, "score": [0.1, 0.2, 0.3, 0.4, 0.5]})
    tree = written(table, n_entries)
    expected = np.full(n_entries, -1.0)
    expected[row] = table["score"]
    assert tree["score"].tolist() == expected.tolist()
    assert tree["row"].tolist() == list(range(n_entries))


def test_without_rows_events_are_consecutive(written):
    table = pl.DataFrame(
        {"event": range(7), "process": ["a"] * 7, "score": np.arange(7) / 8}
    )
    tree = written(table, 7)
    assert list(tree) == ["event", "score"]
    assert tree["event"].dtype == "i8" and tree["event"].tolist() == list(range(7))
    assert tree["score"].tolist() == table["score"].to_list()


def test_other_formats_end_with_the_last_event(written):
    tree = written(pl.DataFrame({"row": [1, 4], "score": [0.5, 0.25]}), None)
    assert tree["score"].tolist() == [-1, 0.5, -1, -1, 0.25]
