"""Tests of analysis.workspaces: modifiers, observations and groups."""

import json

import fit_samples
import numpy as np
import process_samples
import pyhf
import pytest

from hepfold.analysis import fit_inputs, process_templates, workspaces

# pyhf validates with an interface of jsonschema that is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
SYSTEMATICS = ["jes", "pileup"]


@pytest.fixture(scope="module")
def inputs() -> fit_inputs.Inputs:
    return fit_inputs.of_score(fit_samples.analysis())


@pytest.fixture(scope="module")
def record(inputs) -> dict:
    named = process_templates.normalizations(process_samples.DECLARED, 0.1)
    luminosity = process_templates.luminosity(process_samples.DECLARED, 0.02)
    return workspaces.workspace(
        inputs.templates, named, luminosity, inputs.effects, inputs.observed
    )


def modifiers(record: dict, channel: str, process: str) -> list[dict]:
    (samples,) = (c["samples"] for c in record["channels"] if c["name"] == channel)
    (sample,) = (s for s in samples if s["name"] == process)
    return sample["modifiers"]


@pytest.mark.slow
def test_each_kept_effect_is_a_modifier_and_no_other(inputs, record):
    """`normsys` for the normalization, `histosys` for the shape, with one parameter."""
    n_kept = 0
    keys = ["systematic", "channel", "process"]
    for (name, channel, process), rows in inputs.effects.group_by(keys):
        first = rows.row(0, named=True)
        of_effect = {
            m["type"]: m["data"]
            for m in modifiers(record, channel, process)
            if m["name"] == name
        }
        parts = (("normsys", "normalization"), ("histosys", "shape"))
        assert set(of_effect) == {k for k, part in parts if first[part] == "kept"}
        if "normsys" in of_effect:
            expected = {"hi": first["up"], "lo": first["down"]}
            assert of_effect["normsys"] == expected
        if "histosys" in of_effect:
            sums = [sum(of_effect["histosys"][k]) for k in ("hi_data", "lo_data")]
            np.testing.assert_allclose(sums, rows["nominal"].sum())
        n_kept += len(of_effect)
    assert n_kept > 10


@pytest.mark.slow
def test_a_parameter_at_one_gives_the_varied_templates(inputs, record):
    """Nominal plus the whole effect of the systematic, for one process."""
    model = pyhf.Workspace(record).model()
    parameters = np.array(model.config.suggested_init())
    for name in SYSTEMATICS:
        moved = parameters.copy()
        moved[model.config.par_slice(name)] = 1.0
        made = model.main_model.expected_data(moved, return_by_sample=True)
        i_sample = model.config.samples.index("ttbar_bb")
        of_region = made[i_sample][model.config.channel_slices["SR"]]
        rows = inputs.effects.filter(systematic=name, channel="SR", process="ttbar_bb")
        factor = rows["up"] if rows["normalization"][0] == "kept" else 1.0
        shape = rows["shape_up" if rows["shape"][0] == "kept" else "nominal"]
        np.testing.assert_allclose(of_region, factor * shape, rtol=1e-9)


def test_closed_bins_hold_the_expected_background(inputs, record):
    observed = [o for c in record["observations"] for o in c["data"]]
    assert [c["name"] for c in record["observations"]] == ["SR", "CR"]
    background = inputs.bins["background"].to_list()
    assert any(inputs.closed) and not all(inputs.closed)
    for value, count, expected in zip(
        observed, inputs.observed, background, strict=True
    ):
        assert value == pytest.approx(expected if count is None else count)


def test_the_luminosity_acts_on_all_processes_without_cross_sections(record):
    for process in process_samples.PROCESSES:
        (factors,) = (
            m["data"]
            for m in modifiers(record, "SR", process)
            if m["name"] == process_templates.LUMINOSITY
        )
        assert factors == {"hi": 1.02, "lo": 1 / 1.02}


def test_groups_have_each_parameter_once(record):
    groups = workspaces.groups(record, SYSTEMATICS)
    assert groups[workspaces.SHAPE] == SYSTEMATICS
    assert set(groups[workspaces.SIMULATION]) == {"staterror_SR", "staterror_CR"}
    assert process_templates.LUMINOSITY in groups[workspaces.NORMALIZATION]
    names = [name for names in groups.values() for name in names]
    model = pyhf.Workspace(record).model()
    assert sorted([*names, "mu"]) == model.config.parameters


def test_a_model_has_the_included_groups_alone(record):
    assert workspaces.model(record, (), SYSTEMATICS).config.parameters == ["mu"]
    model = workspaces.model(record, (workspaces.SHAPE,), SYSTEMATICS)
    assert model.config.parameters == ["jes", "mu", "pileup"]


def test_a_workspace_is_json(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record
