"""Tests of data.cut_flow: sums per process as NumPy computes them."""

import math

import numpy as np
import pytest

from hepfold.data import cut_flow


def test_sums_are_those_of_numpy():
    rng = np.random.default_rng(1)
    n = 30_000
    process, weight = rng.integers(0, 3, n), rng.normal(1, 3, n)
    passes = rng.random(n) < 0.3
    flow = cut_flow.CutFlow(("ttH", "ttW", "ttZ", "none"))
    for rows in np.array_split(np.arange(n), 11):
        flow.add("read", process[rows], weight[rows])
        chosen = rows[passes[rows]]
        flow.add("selected", process[chosen], weight[chosen])
    for row in flow.rows():
        code = flow.processes.index(row["process"])
        chosen = process == code
        if row["step"] == "selected":
            chosen &= passes
        if row["step"] in ("train", "test"):
            chosen[:] = False
        assert row["n_events"] == chosen.sum()
        assert row["weight"] == pytest.approx(math.fsum(weight[chosen]), rel=1e-12)
        unc = math.sqrt(math.fsum(weight[chosen] ** 2))
        assert row["weight_unc"] == pytest.approx(unc, rel=1e-12)
        assert row["n_negative"] == (weight[chosen] < 0).sum()
    assert len(flow.rows()) == 4 * len(cut_flow.STEPS)
    counts = flow.n_events_after("selected")
    assert counts.tolist() == [*np.bincount(process[passes]), 0]
    both = flow.sums(("read", "selected"))
    np.testing.assert_allclose(both, flow.sums(("read",)) + flow.sums(("selected",)))


def test_negative_weights_keep_their_sign():
    flow = cut_flow.CutFlow(("a",))
    flow.add("read", np.zeros(3, "u2"), np.array([1.0, -2.5, 0.5]))
    assert flow.rows()[0] == {
        "process": "a",
        "step": "read",
        "n_events": 3,
        "weight": -1.0,
        "weight_unc": pytest.approx(math.sqrt(7.5)),
        "n_negative": 1,
    }
