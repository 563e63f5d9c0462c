"""Tests of figures.process_groups: which processes share a color, and their sums."""

import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.data import declared_processes
from hepfold.figures import process_groups, style


def table(expected: dict[str, float]) -> pl.DataFrame:
    """Two bins of each process, the second with half of the events of the first."""
    rows = [(n, x * part) for n, x in expected.items() for part in (1.0, 0.5)]
    return pl.DataFrame(rows, ["process", "expected"], orient="row")


def processes(n: int, label: int = 0) -> tuple:
    return tuple(
        declared_processes.DeclaredProcess(f"p{label}{i}", f"title {i}", label)
        for i in range(n)
    )


@pytest.mark.parametrize("n", [2, 8, 9, 30])
def test_the_smallest_backgrounds_are_together(n):
    declared = processes(n)
    bins = table({process.name: i + 1.0 for i, process in enumerate(declared)})
    groups = process_groups.of(declared, bins)
    assert len(groups) == min(n, len(style.PROCESS_COLORS))
    assert len({group.color for group in groups}) == len(groups)
    assert groups[-1].names == (f"p0{n - 1}",)
    assert (groups[0].title == "other") == (n > 8)
    assert sum(len(group.names) for group in groups) == n


def test_signal_is_on_top_of_the_stack():
    declared = (*processes(2, 1), *processes(3, 0))
    bins = table(dict.fromkeys((process.name for process in declared), 4.0))
    groups = process_groups.of(declared, bins)
    assert [group.names[0][:2] for group in groups] == ["p0"] * 3 + ["p1"] * 2


def test_histograms_add_the_processes_of_a_group():
    bins = table({"a": 2.0, "b": 4.0, "c": 1.0})
    groups = [
        process_groups.Group("x", ("a", "c"), "red"),
        process_groups.Group("y", ("b",), "blue"),
    ]
    stack = process_groups.histograms(bins, groups, 2)
    np.testing.assert_allclose(stack, [[3.0, 1.5], [4.0, 2.0]])


def test_long_titles_have_several_lines_but_formulae_one():
    for title, *_ in process_samples.PROCESSES.values():
        lines = process_groups.wrapped(title).split("\n")
        assert len(lines) == 1 or "$" not in title
        assert " ".join(lines) == title
        assert all(len(line) <= process_groups.TITLE_WIDTH for line in lines) or (
            "$" in title
        )
