"""Tests of analysis.varied_templates: same subset, same factors, joined by id."""

import fit_samples
import numpy as np
import polars as pl
import process_samples
import pytest

from hepfold.analysis import (
    fit_inputs,
    observables,
    score_bins,
    varied_templates,
)
from hepfold.core import columns, logs


@pytest.fixture(scope="module")
def filled():
    """The analysis, its bins, its test events, and what fills varied templates."""
    analysis = fit_samples.analysis()
    bins, _ = score_bins.binned_score(
        analysis.scores, analysis.expected, analysis.inference, analysis.regions
    )
    nominal, scaled = fit_inputs.scaled(analysis, "test")
    scale = varied_templates.factors(nominal, scaled)

    def fill(variation) -> pl.DataFrame:
        return varied_templates.filled(
            variation,
            nominal,
            scale,
            observables.Observable(),
            bins,
            analysis.processes,
        )

    return analysis, nominal, fill


@pytest.mark.slow
@pytest.mark.parametrize("kind", [fit_samples.by_tree, fit_samples.by_weight])
def test_nominal_events_as_their_own_systematic_give_equal_templates(filled, kind):
    """Bin by bin, whether they are scored again or have weights alone."""
    analysis, _, fill = filled
    nothing = 0.0 if kind is fit_samples.by_tree else 1.0
    varied = fill(kind(analysis.scores, nothing))
    nominal = fit_inputs.of_score(analysis).templates
    assert varied.select("channel", "process", "low").equals(
        nominal.select("channel", "process", "low")
    )
    clipped = varied["expected"].clip(lower_bound=0.0)
    np.testing.assert_allclose(clipped, nominal["expected"], rtol=1e-12, atol=1e-12)


def test_a_factor_on_all_weights_is_one_on_all_templates(filled):
    analysis, _, fill = filled
    nominal = fill(fit_samples.by_tree(analysis.scores, 0.0))
    varied = fill(fit_samples.by_weight(analysis.scores, 1.25))
    np.testing.assert_allclose(varied["expected"], 1.25 * nominal["expected"])


def test_training_events_do_not_enter(filled):
    """Only the subset of the nominal templates does, with its factor."""
    analysis, _, fill = filled
    is_train = pl.col(columns.SUBSET) == columns.TRAIN
    changed = analysis.scores.with_columns(
        pl.when(is_train).then(0.99).otherwise(columns.SCORE).alias(columns.SCORE)
    )
    varied = fill(fit_samples.by_tree(changed, 0.0))
    assert varied.equals(fill(fit_samples.by_tree(analysis.scores, 0.0)))


def test_processes_that_are_not_varied_have_no_template(filled):
    analysis, _, fill = filled
    chosen = ("ttW", "ttZ")
    whole = fit_samples.by_weight(analysis.scores, 1.1)
    variation = varied_templates.Variation("x", "up", chosen, False, whole.table)
    assert set(fill(variation)["process"]) == set(chosen)


@pytest.mark.parametrize("fault", ["missing", "repeated"])
def test_ids_that_do_not_match_are_reported_in_one_line(filled, fault):
    analysis, nominal, fill = filled
    whole = fit_samples.by_weight(analysis.scores, 1.1)
    lost = nominal.row(7, named=True)
    is_lost = (pl.col(columns.EVENT_ID) == lost[columns.EVENT_ID]) & (
        pl.col(columns.PROCESS) == lost[columns.PROCESS]
    )
    table = whole.table.filter(~is_lost)
    if fault == "repeated":
        table = pl.concat([whole.table, whole.table.filter(is_lost)])
    variation = varied_templates.Variation(
        "pileup", "up", fit_samples.EVERY, False, table
    )
    with pytest.raises(logs.InputError) as error:
        fill(variation)
    message = str(error.value)
    assert message.startswith("systematics.pileup.up: ") and "\n" not in message
    if fault == "missing":
        expected = f"event {lost[columns.EVENT_ID]} of {lost[columns.PROCESS]}"
        assert expected in message


def test_factors_scale_a_subset_to_all_events(filled):
    analysis, nominal, _ = filled
    _, scaled = fit_inputs.scaled(analysis, "test")
    scale = varied_templates.factors(nominal, scaled)
    for label, name in columns.CLASS_NAMES.items():
        total = nominal.filter(label=label)[columns.WEIGHT].sum()
        expected = process_samples.NORMALIZATION[name]
        assert scale[label] * total == pytest.approx(expected)
