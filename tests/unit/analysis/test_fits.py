"""Tests of analysis.fits: closure, closed forms, and agreement with pyhf."""

import cabinetry
import fit_samples
import numpy as np
import process_samples
import pyhf
import pytest

from hepfold.analysis import (
    fit_inputs,
    fit_stages,
    fits,
    limits,
    process_templates,
    workspaces,
)

OF_LIBRARIES = "ignore:jsonschema.RefResolver", "ignore::DeprecationWarning"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(*OF_LIBRARIES)]
S, B, UNC = np.array([4.0, 9.0, 14.0]), np.array([200.0, 90.0, 30.0]), 0.1
SYSTEMATICS = ["jes", "pileup"]


def simple(included=workspaces.GROUPS) -> pyhf.Model:
    """A few bins with a normalization uncertainty, and simulation statistics."""
    record = workspaces.workspace(
        process_samples.templates(S, B, 0.05 * B), process_samples.normalizations(UNC)
    )
    return workspaces.model(record, included)


@pytest.fixture(scope="module")
def record() -> dict:
    """The workspace of the made-up analysis, with systematics."""
    inputs = fit_inputs.of_score(fit_samples.analysis())
    named = process_templates.normalizations(process_samples.DECLARED, 0.1)
    return workspaces.workspace(inputs.templates, named, {}, inputs.effects)


@pytest.fixture(scope="module")
def asimov(record):
    """Model, Asimov data and their fit."""
    model, data = fits.asimov(record)
    return model, data, fits.closure(model, data)


def test_asimov_data_give_back_what_they_were_made_with(asimov, caplog):
    model, data, (_, closure) = asimov
    assert closure["mu"] == pytest.approx(1, abs=0.02 * closure["mu_unc"])
    assert closure["largest_pull"] < 0.02
    fits.closure(model, data)
    assert not caplog.messages


def test_a_fit_that_does_not_close_is_reported(asimov, caplog):
    model, data, _ = asimov
    expected = np.array(data)
    expected[0] *= 1.3
    fits.closure(model, expected.tolist())
    assert "not reliable" in caplog.messages[0]


def test_cabinetry_and_pyhf_fit_the_same_numbers(record):
    """For data that differ from the expectation, with another minimizer."""
    model, data = fits.recorded(record)
    moved = np.array(data)
    n_bins = model.config.nmaindata
    moved[:n_bins] += np.sqrt(moved[:n_bins]) * np.resize([1, -1, 0.5], n_bins)
    results = fits.fitted(model, moved.tolist())
    best = pyhf.infer.mle.fit(moved, model, par_bounds=fits.bounds(model))
    # In units of uncertainties.
    difference = (results.bestfit - best) / results.uncertainty
    assert np.abs(difference).max() < 0.05
    alone = cabinetry.fit.fit(model, moved.tolist(), par_bounds=fits.bounds(model))
    np.testing.assert_allclose(alone.bestfit, results.bestfit, atol=0.02)


def test_one_bin_has_the_uncertainty_of_its_count():
    """Without nuisance parameters, sqrt(s + b) / s."""
    table = process_samples.templates(*map(np.array, ([20.0], [100.0], [0.0])))
    record = workspaces.workspace(table, process_samples.normalizations(0.1))
    unc = fits.uncertainty_of(record, (), [])
    assert unc == pytest.approx(np.sqrt(120) / 20, rel=1e-3)


def test_one_bin_with_a_normalization_has_both_uncertainties():
    """For a small uncertainty r: sqrt(s + b + (r b)^2) / s."""
    table = process_samples.templates(*map(np.array, ([20.0], [1000.0], [0.0])))
    record = workspaces.workspace(table, process_samples.normalizations(0.02))
    unc = fits.uncertainty_of(record, (workspaces.NORMALIZATION,), [])
    assert unc == pytest.approx(np.sqrt(1020 + 20**2) / 20, rel=1e-2)


def test_the_impact_is_the_shift_of_a_fit_with_the_parameter_fixed():
    model = simple()
    data = cabinetry.model_utils.asimov_data(model)
    results = fits.fitted(model, data)
    groups = {"simulation": ["staterror_score"]}
    groups |= {"normalization": ["background_normalization"]}
    table = fits.parameters(model, results, groups)
    ranking = cabinetry.fit.ranking(
        model, data, fit_results=results, par_bounds=fits.bounds(model)
    )
    refit = (np.array(ranking.postfit_up) - np.array(ranking.postfit_down)) / 2
    expected = dict(zip(ranking.labels, refit, strict=True))
    assert len(table) == len(expected) == 4
    for row in table.iter_rows(named=True):
        size = 0.1 * results.uncertainty[model.config.poi_index]
        assert row["impact"] == pytest.approx(expected[row["parameter"]], abs=size)
    assert table["impact"].abs().is_sorted(descending=True)


def test_pulls_are_in_units_of_the_uncertainty_before_the_fit():
    """An observation of twice its variance pulls a normalization to where it fits."""
    model = simple((workspaces.NORMALIZATION,))
    data = np.array(cabinetry.model_utils.asimov_data(model))
    data[:3] = S + B * (1 + UNC)
    results = fits.fitted(model, data.tolist())
    groups = {"normalization": ["background_normalization"]}
    (row,) = fits.parameters(model, results, groups).to_dicts()
    assert 0.5 < row["pull"] < 1 and row["pull_unc"] < 1
    assert row["pull"] == pytest.approx(row["value"])


def test_mu_may_be_negative_as_long_as_no_bin_is():
    model = simple(())
    low, _ = fits.bounds(model)[model.config.poi_index]
    assert low == pytest.approx(-0.9 * (B / S).min())
    data = np.array(cabinetry.model_utils.asimov_data(model))
    data[:3] = B - 0.2 * S
    results = fits.fitted(model, data.tolist())
    assert fits.strength(model, results)["mu"] == pytest.approx(-0.2, abs=1e-2)


@pytest.mark.slow
def test_predictions_before_the_fit_are_the_templates(asimov, record):
    model, _, (results, _) = asimov
    table = fits.predictions(model, None, fit_stages.PREFIT)
    for channel in record["channels"]:
        for sample in channel["samples"]:
            rows = table.filter(channel=channel["name"], process=sample["name"])
            np.testing.assert_allclose(rows["expected"], sample["data"])
    after = fits.predictions(model, results, fit_stages.POSTFIT)
    total = fit_stages.TOTAL
    before_unc, after_unc = (
        t.filter(process=total)["expected_unc"].to_numpy() for t in (table, after)
    )
    # A fit constrains the sum; before it, mu has no uncertainty.
    assert after_unc.sum() < before_unc.sum()


def test_parameters_of_other_bins_are_as_before_the_fit(asimov):
    _, _, (results, _) = asimov
    other = simple()
    matched = fits.predictions(other, results, fit_stages.POSTFIT)
    plain = fits.predictions(other, None, fit_stages.PREFIT)
    unc, before = (
        t.filter(process=fit_stages.TOTAL)["expected_unc"] for t in (matched, plain)
    )
    # Only mu is known to both.
    assert (unc > before).all()


def test_observed_results_of_expected_data_are_the_expected_ones():
    """Those of limits, with another minimizer."""
    model = simple((workspaces.NORMALIZATION,))
    data = cabinetry.model_utils.asimov_data(model)
    results = fits.observed_results(model, data)
    expected = limits.discovery_significance(model)
    assert results["discovery_significance"] == pytest.approx(expected, rel=1e-3)
    assert 1 < results["upper_limit"] < 2.5
