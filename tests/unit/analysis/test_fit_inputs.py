"""Tests of analysis.fit_inputs: nominal results stay, blinded events do not count."""

import json

import fit_samples
import numpy as np
import polars as pl
import pytest

from hepfold.analysis import fit_inputs, observables, score_bins

MASS = observables.Observable("mass", "m (GeV)", cut=fit_samples.CUT)
# Makes templates of both observables.
FILLED = {
    "score": fit_inputs.of_score,
    "spectrum": lambda analysis: fit_inputs.of_spectrum(analysis, MASS),
}


@pytest.mark.parametrize("observable", FILLED)
def test_templates_add_up_to_the_bins(observable):
    inputs = FILLED[observable](fit_samples.analysis())
    for label, name in ((1, "signal"), (0, "background")):
        total = inputs.templates.filter(label=label)
        total = total.group_by("channel", "low", maintain_order=True).agg(
            pl.sum("expected")
        )
        joined = inputs.bins.join(total, on=["channel", "low"], maintain_order="left")
        np.testing.assert_allclose(joined["expected"], joined[name], rtol=1e-9)


def test_bins_do_not_depend_on_systematics_and_recorded_events():
    plain = fit_samples.analysis(variations=[], mirrored=[], recorded=None)
    inputs = fit_inputs.of_score(plain)
    bins, _ = score_bins.binned_score(
        plain.scores, plain.expected, plain.inference, plain.regions
    )
    assert inputs.bins.equals(bins)
    assert inputs.effects.is_empty() and inputs.observed is None
    varied = fit_inputs.of_score(fit_samples.analysis())
    assert varied.bins.equals(bins) and varied.templates.equals(inputs.templates)


def test_a_record_without_systematics_and_data_has_neither():
    plain = fit_samples.analysis(variations=[], mirrored=[], recorded=None)
    record = fit_inputs.record(fit_inputs.of_score(plain))
    assert set(record) == {"axis", "bins", "templates"}
    assert "observed" not in record["bins"][0]


@pytest.mark.slow
@pytest.mark.parametrize("observable", FILLED)
def test_recorded_events_in_closed_bins_change_nothing(observable):
    """A thousand more of them give the same record, as long as they are blinded."""
    texts = []
    for n_above in (0, 7919):
        recorded = fit_samples.recorded(n_above=n_above)
        inputs = FILLED[observable](fit_samples.analysis(recorded=recorded))
        texts.append(json.dumps(fit_inputs.record(inputs)))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("observable", FILLED)
def test_without_blinding_every_recorded_event_counts(observable):
    recorded = fit_samples.recorded(n_above=100)
    open_to_see = fit_samples.analysis(recorded=recorded, is_blinded=False)
    inputs = FILLED[observable](open_to_see)
    assert inputs.is_observed and not inputs.closed.any()
    passed = recorded.filter(
        pl.col("score") >= (MASS.cut if observable == "spectrum" else 0)
    )
    assert sum(inputs.observed) == len(passed)


def test_blinded_bins_are_not_observed():
    inputs = fit_inputs.of_score(fit_samples.analysis())
    assert not inputs.is_observed
    hidden = [count is None for count in inputs.observed]
    assert hidden == inputs.closed.tolist()
    assert any(hidden) and not all(hidden)
