"""Tests of analysis.process_templates: sums by process and region, and the fit."""

import dataclasses

import numpy as np
import polars as pl
import process_samples
import pyhf
import pytest

from hepfold.analysis import (
    limits,
    process_templates,
    score_bins,
    score_tables,
    workspaces,
)
from hepfold.core import columns, logs, settings

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
INFERENCE = settings.Inference(4, 5.0, 0.5)
DECLARED = process_samples.DECLARED
BACKGROUNDS = [p.name for p in DECLARED if p.label == columns.BACKGROUND]


def made(has_regions: bool = False):
    """Bins, templates and events of the made-up analysis."""
    scores = process_samples.scores(has_regions=has_regions)
    regions = process_samples.REGIONS if has_regions else ()
    bins, name = score_bins.binned_score(
        scores, process_samples.EXPECTED, INFERENCE, regions
    )
    events = score_tables.evaluated_subsets(scores, process_samples.EXPECTED)[name]
    return bins, process_templates.filled(events, bins, DECLARED), events


@pytest.mark.parametrize("has_regions", [False, True])
def test_templates_add_up_to_the_bins(has_regions):
    bins, table, _ = made(has_regions)
    channels = process_samples.REGIONS if has_regions else (score_bins.ALL_EVENTS,)
    assert bins["channel"].unique(maintain_order=True).to_list() == list(channels)
    square = (pl.col("expected_unc") ** 2).sum().sqrt().alias("unc")
    for label, name in columns.CLASS_NAMES.items():
        by_bin = table.filter(label=label).group_by(
            "channel", "low", maintain_order=True
        )
        sums = by_bin.agg(pl.col("expected").sum(), square)
        np.testing.assert_allclose(sums["expected"], bins[name], atol=1e-9)
        if label == columns.BACKGROUND:
            np.testing.assert_allclose(sums["unc"], bins["background_unc"])


def test_each_process_has_its_expected_events():
    _, table, _ = made()
    for name, (_, _, expected, _) in process_samples.PROCESSES.items():
        total = table.filter(process=name)["expected"].sum()
        assert total == pytest.approx(expected)


def test_events_in_no_region_are_left_out():
    _, table, events = made(has_regions=True)
    inside = (events.region != "none").to_numpy()
    assert table["expected"].sum() == pytest.approx(events.weight[inside].sum())
    assert 0 < inside.sum() < len(inside)


def test_a_region_may_be_one_bin_but_not_empty():
    scores = process_samples.scores(has_regions=True)
    least = 0.9 * 37_420 / 3
    one = settings.Inference(4, least, 0.5)
    bins, _ = score_bins.binned_score(
        scores, process_samples.EXPECTED, one, process_samples.REGIONS
    )
    assert len(bins) == len(process_samples.REGIONS)
    too_much = settings.Inference(4, 1e6, 0.5)
    for regions, text in (
        (("SR", "CR"), "test events of region SR fill no bin"),
        (("elsewhere",), "the 0 test events of region elsewhere fill no bin"),
    ):
        with pytest.raises(logs.InputError, match=text):
            score_bins.binned_score(scores, process_samples.EXPECTED, too_much, regions)


def test_negative_contents_become_zero_with_a_warning(caplog):
    table = process_samples.templates(
        np.array([1.0, 2.0]), np.array([-0.25, 3.0]), np.array([0.5, 0.1])
    )
    with caplog.at_level("WARNING"):
        again = process_templates.without_negative(table)
    assert again["expected"].to_list() == [1.0, 2.0, 0.0, 3.0]
    assert again["expected_unc"].to_list() == table["expected_unc"].to_list()
    (message,) = caplog.messages
    assert message == (
        "background, bin 0 to 0.5 of score: -0.25 expected events are negative; the "
        "fit takes 0."
    )


def test_processes_with_an_uncertainty_have_a_parameter_each():
    named = process_templates.normalizations(DECLARED, 0.1)
    declared = {p.name: p.uncertainty for p in DECLARED if p.uncertainty is not None}
    assert {name: size for name, (_, size) in named.items()} == declared
    assert len({parameter for parameter, _ in named.values()}) == len(named)


def test_without_declared_uncertainties_backgrounds_share_one():
    named = process_templates.normalizations(process_samples.CLASSES, 0.1)
    assert named == process_samples.normalizations(0.1)


def test_normalizations_add_in_quadrature_or_linearly():
    bins, table, _ = made()
    single = process_templates.normalizations(DECLARED, 0.1)
    apart = process_templates.with_normalization_unc(bins, table, single)
    first = bins["low"][0]
    of_bin = {
        row["process"]: row["expected"]
        for row in table.filter(low=first).iter_rows(named=True)
    }
    parts = [single[name][1] * of_bin[name] for name in BACKGROUNDS if name in single]
    expected = np.sqrt(np.square(parts).sum())
    assert apart["normalization_unc"][0] == pytest.approx(expected)
    shared = dict.fromkeys(BACKGROUNDS, (process_templates.BACKGROUND, 0.2))
    common = process_templates.with_normalization_unc(bins, table, shared)
    np.testing.assert_allclose(common["normalization_unc"], 0.2 * bins["background"])


def test_the_workspace_has_a_sample_per_process_and_a_channel_per_region():
    _, table, _ = made(has_regions=True)
    table = process_templates.without_negative(table)
    named = process_templates.normalizations(DECLARED, 0.1)
    record = workspaces.workspace(table, named)
    whole = pyhf.Workspace(record)
    assert whole.channels == sorted(process_samples.REGIONS)
    assert whole.samples == sorted(process_samples.PROCESSES)
    for channel in record["channels"]:
        for sample in channel["samples"]:
            kinds = {m["type"]: m for m in sample["modifiers"]}
            process = next(p for p in DECLARED if p.name == sample["name"])
            assert ("normfactor" in kinds) == (process.label == columns.SIGNAL)
            assert ("staterror" in kinds) == (process.label == columns.BACKGROUND)
            assert ("normsys" in kinds) == (process.uncertainty is not None)
            if process.uncertainty is not None:
                factors = kinds["normsys"]["data"]
                assert factors["hi"] == pytest.approx(1 + process.uncertainty)
                assert factors["lo"] > 0


def test_parts_of_a_background_with_a_common_uncertainty_are_the_background():
    """The fit of a background in two parts is that of the whole."""
    s, b, unc = (np.array(x) for x in ([4.0, 9.0], [200.0, 90.0], [6.0, 5.0]))
    whole = process_samples.templates(s, b, unc)
    part = process_samples.templates(s, 0.3 * b, 0.6 * unc)
    rest = process_samples.templates(s, 0.7 * b, 0.8 * unc)
    is_background = pl.col("label") == columns.BACKGROUND
    parts = [
        table.filter(is_background).with_columns(process=pl.lit(name))
        for name, table in (("part", part), ("rest", rest))
    ]
    divided = pl.concat([whole.filter(~is_background), *parts])
    common = process_samples.normalizations(0.1)["background"]
    both = [
        workspaces.workspace(whole, {"background": common}),
        workspaces.workspace(divided, dict.fromkeys(("part", "rest"), common)),
    ]
    one, other = (
        limits.discovery_significance(pyhf.Workspace(record).model()) for record in both
    )
    assert other == pytest.approx(one, rel=1e-4)
    assert both[0]["observations"][0]["data"] == pytest.approx(
        both[1]["observations"][0]["data"]
    )


def test_the_luminosity_acts_on_processes_with_a_cross_section_or_on_all():
    assert process_templates.luminosity(DECLARED, None) == {}
    every = process_templates.luminosity(DECLARED, 0.02)
    assert list(every) == [process.name for process in DECLARED]
    chosen = [dataclasses.replace(DECLARED[3], has_xsec=True), *DECLARED[4:]]
    named = process_templates.luminosity(tuple(chosen), 0.02)
    assert named == {DECLARED[3].name: (process_templates.LUMINOSITY, 0.02)}


def test_luminosity_and_normalization_of_a_process_add_in_quadrature():
    bins, table, _ = made()
    one = {"ttW": ("ttW_normalization", 0.15)}
    other = {"ttW": (process_templates.LUMINOSITY, 0.2)}
    joined = process_templates.with_normalization_unc(bins, table, one, other)
    expected = 0.25 * table.filter(process="ttW")["expected"].abs()
    np.testing.assert_allclose(joined["normalization_unc"], expected)
