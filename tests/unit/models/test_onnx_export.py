"""Tests of models.onnx_export: onnxruntime reproduces the scores of the models."""

import dataclasses
import logging
import warnings

import numpy as np
import onnx
import pytest
import samples
import torch

from hepfold.data import fold_file
from hepfold.models import networks, onnx_export, zoo

# Exports take seconds.
pytestmark = pytest.mark.slow

PLAIN = onnx_export.InputFormat({})
CATEGORY = onnx_export.InputFormat({"x4": (1.0, 5.0, 7.0)}, (-999.0, -99.0))


def with_gaps(events):
    """Events in which features are missing alone, together or never."""
    inputs = events.inputs.copy()
    inputs[::3, 1] = np.nan
    inputs[1::5, 2:4] = np.nan
    return samples.events_of(inputs, events.label)


def short(events, schema, **changes):
    return samples.train(events, schema_=schema, n_epochs=1, **changes)[0]


@pytest.fixture(scope="module")
def events():
    return with_gaps(samples.with_category(samples.two_gaussians(300)))


@pytest.fixture(scope="module")
def kinds(events):
    """Models of every kind with all options, used as folds."""
    schema = samples.schema(5, n_values=(3,))
    variants = [
        ("swish", {"embedding_size": 2, "batch_norm": True}, "quantile"),
        ("selu", {}, "standard"),
        ("tanh", {"embedding_size": 1}, "min_max"),
        ("relu", {"batch_norm": True}, "standard"),
        ("relu", {}, "plain"),
    ]
    return [
        short(
            events,
            schema,
            kind=kind,
            preparation={"scaling": scaling, "vectors": False, "pairs": False},
            network=samples.NETWORK
            | {"depth": 2, "width": 8, "activation": activation, "dropout": 0.1}
            | changes,
        )
        for kind, (activation, changes, scaling) in zip(
            networks.NETWORKS, variants, strict=True
        )
    ]


@pytest.fixture(scope="module")
def exported(kinds) -> bytes:
    return onnx_export.exported(kinds, CATEGORY, {"dataset": "higgsml"})


def test_every_kind_of_network_and_the_mean_over_folds(kinds, exported, events):
    each = [model.score(events.inputs) for model in kinds]
    assert np.std(each, axis=0).min() > 1e-4
    assert (
        onnx_export.checked_difference(exported, kinds, CATEGORY, events.inputs) < 1e-6
    )


def test_another_score_is_rejected(kinds, exported, events):
    with pytest.raises(RuntimeError, match="differs by up to"):
        onnx_export.checked_difference(exported, kinds[:4], CATEGORY, events.inputs)


def test_missing_values_may_be_the_numbers_of_the_data_set(exported, events):
    physical = CATEGORY.physical(events.inputs)
    assert np.isnan(physical).any()
    score = onnx_export.score(exported, physical)
    for number in CATEGORY.missing:
        filled = np.where(np.isnan(physical), np.float32(number), physical)
        np.testing.assert_array_equal(onnx_export.score(exported, filled), score)


def test_categories_come_in_as_they_are(exported, events):
    physical = CATEGORY.physical(events.inputs)
    assert set(physical[:, 4]) == {1.0, 5.0, 7.0}
    for unknown in (0.0, 2.0, np.nan, -999.0):
        strange = physical.copy()
        strange[3:6, 4] = unknown
        is_nan = np.isnan(onnx_export.score(exported, strange))
        assert is_nan.tolist() == [3 <= i < 6 for i in range(len(physical))]


def test_batches_are_free(exported, events, monkeypatch):
    physical = CATEGORY.physical(events.inputs)
    whole = onnx_export.score(exported, physical)
    monkeypatch.setattr(onnx_export, "BATCH", 1)
    np.testing.assert_allclose(onnx_export.score(exported, physical), whole, rtol=1e-5)
    assert whole.dtype == "f8"


def test_the_metadata_describe_the_input(exported):
    model = onnx.load_from_string(exported)
    onnx.checker.check_model(model)
    metadata = {item.key: item.value for item in model.metadata_props}
    assert metadata["features"] == '["x0", "x1", "x2", "x3", "x4"]'
    assert metadata["categories"] == '{"x4": [1.0, 5.0, 7.0]}'
    assert metadata["missing"] == "NaN or -999 or -99"
    assert metadata["units"].startswith('{"x0": 1.0, ')
    assert metadata["dataset"] == "higgsml"
    (events,), (score,) = model.graph.input, model.graph.output
    assert (events.name, score.name) == ("features", "score")
    shapes = [value.type.tensor_type.shape.dim for value in (events, score)]
    assert [[d.dim_param or d.dim_value for d in shape] for shape in shapes] == [
        ["n_events", 5],
        ["n_events"],
    ]
    assert b"/" + b"scripts" not in exported and b"torch/" not in exported


@pytest.mark.analyses
def test_symmetries_pairs_and_units_of_the_file():
    """Columns in arbitrary units, as in HIGGS."""
    events = samples.two_bodies(300)
    units = np.array([50, 1.8, 1.7, 40, 1.9, 1.75])
    inputs = events.inputs / units
    inputs[::4, 4] = np.nan
    events = samples.events_of(inputs, events.label)
    models = [
        short(
            events,
            dataclasses.replace(samples.TWO_BODIES, units=tuple(units)),
            preparation={"scaling": "standard", "vectors": True, "pairs": True},
            symmetry=symmetry,
        )
        for symmetry in (
            {"use": "augmentation", "n_views": 2},
            {"use": "orientation", "n_views": 1},
        )
    ]
    exported = onnx_export.exported(models, PLAIN, {})
    assert onnx_export.checked_difference(exported, models, PLAIN, events.inputs) < 1e-6


@pytest.mark.analyses
def test_the_same_models_give_the_same_bytes_without_a_word(caplog, capfd, recwarn):
    model = short(samples.two_gaussians(300), samples.schema(4))
    caplog.set_level(logging.INFO)
    first, again = (onnx_export.exported([model], PLAIN, {}) for _ in range(2))
    assert first == again
    assert caplog.messages == [] and len(recwarn) == 0
    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.analyses
def test_boosted_trees_at_the_values_they_were_trained_on():
    """At the cuts of trees, where a rounding error would change the branch."""
    events = samples.two_bodies(1000)
    forests = [
        samples.train(
            events,
            seed,
            samples.TWO_BODIES,
            base=samples.FOREST,
            preparation={"scaling": "standard", "vectors": True, "pairs": True},
            symmetry={"use": "orientation"},
        )[0]
        for seed in (1, 2)
    ]
    exported = onnx_export.exported(forests, PLAIN, {})
    assert (
        onnx_export.checked_difference(exported, forests, PLAIN, events.inputs) < 1e-6
    )


@pytest.mark.analyses
def test_systems_and_decays_with_missing_momentum():
    """Two bodies, one of them missing in part, and missing momentum."""
    decays = {
        "bodies": ["lepton", "jet", "met"],
        "neutrinos": {"neutrino": {"met": "met", "lepton": "lepton", "mass": 80.4}},
        "candidates": {
            "any": {"any_of": ["lepton", "jet", "neutrino"], "n": 2, "mass": 80},
            "top": {"bodies": ["lepton", "jet", "neutrino"], "mass": 170},
        },
    }
    for candidate in decays["candidates"].values():
        candidate["width"] = 10
    pairs = samples.two_bodies(1000)
    missing = samples.two_bodies(1000, seed=1).inputs[:, [0, 2]]
    inputs = np.concatenate([pairs.inputs, missing], axis=1)
    inputs[::5, 3:6] = np.nan
    events = samples.events_of(inputs, pairs.label)
    preparation = samples.VECTORS | {"systems": 3, "decays": True}
    forest, _ = samples.train(
        events,
        schema_=dataclasses.replace(
            samples.schema(8, bodies=((0, 1, 2), (3, 4, 5), (6, None, 7))),
            decays=decays,
        ),
        base=samples.FOREST,
        preparation=preparation,
        symmetry={"use": "orientation"},
    )
    # The momentum of the jet, the neutrino and two candidates, and a system.
    n_scalars = forest.preparation.scalars(torch.from_numpy(inputs).double()).shape[1]
    assert n_scalars == 3 + 1 + 3 * 2 + 2
    exported = onnx_export.exported([forest], PLAIN, {})
    difference = onnx_export.checked_difference(
        exported, [forest], PLAIN, events.inputs
    )
    assert difference < 1e-6


def test_exported_scores_are_float32_for_any_training_precision(tmp_path):
    model = short(
        samples.two_gaussians(300),
        samples.schema(4),
        training=samples.training(precision="bfloat16"),
    )
    path = str(tmp_path / "model.safetensors")
    record = samples.record(training=samples.training(precision="bfloat16"))
    zoo.save(path, model, record)
    fine = zoo.load(path, "cpu", "float32")
    inputs = samples.two_gaussians(100).inputs
    assert (fine.score(inputs) != model.score(inputs)).any()
    assert model.precision == "bfloat16"


def test_the_input_format_is_of_the_features_that_a_model_sees():
    categories = {"n": (0.0, 1.0), "region": (3.0,)}
    layout = fold_file.Layout(("a",), categories, others=("n",))
    both = onnx_export.InputFormat.of(layout, (-99.0,), ("n", "a"))
    assert both == onnx_export.InputFormat({"n": (0.0, 1.0)}, (-99.0,), ("n",))
    one = onnx_export.InputFormat.of(layout, (), ("region",))
    assert one == onnx_export.InputFormat({"region": (3.0,)})
    assert onnx_export.InputFormat.of(layout, (), ("a",)) == PLAIN


def test_ranges_are_those_of_the_values_that_are_present():
    nan = np.nan
    physical = np.array([[1, nan, 3], [nan, nan, -2], [0.5, nan, 7]], "f4")
    limits = onnx_export.ranges(("a", "b", "c"), physical)
    assert limits == {"a": [0.5, 1.0], "c": [-2.0, 7.0]}


def test_other_values_of_a_category_are_one_more(events):
    """Also where they are missing; the models have an embedding for them."""
    with_others = events.inputs.copy()
    with_others[::7, 4] = 3
    model = short(samples.events_of(with_others, events.label), samples.schema(5, (4,)))
    form = onnx_export.InputFormat({"x4": (1.0, 5.0, 7.0)}, (-99.0,), ("x4",))
    exported = onnx_export.exported([model], form, {})
    onnx_export.checked_difference(exported, [model], form, with_others)
    physical = form.physical(with_others)
    score = onnx_export.score(exported, physical)
    for other in (-99.0, np.nan, 0.0, 100.0):
        changed = physical.copy()
        changed[::7, 4] = other
        np.testing.assert_array_equal(onnx_export.score(exported, changed), score)


def test_the_exporter_is_silenced(caplog, recwarn):
    caplog.set_level(logging.INFO)
    with onnx_export.quiet():
        logging.getLogger("onnx_ir").warning("noise")
        warnings.warn("noise", stacklevel=1)
        logging.error("not noise")
    logging.getLogger("onnx_ir").info("later")
    assert caplog.messages == ["not noise", "later"]
    assert len(recwarn) == 0


def test_large_logits_may_be_rounded_more():
    logit = np.array([-28.0, 0.0, 5.0])
    for scale, factor in ((1.0, 2.8), (0.3, 1.0)):
        scores = 1 / (1 + np.exp(-scale * logit))
        assert onnx_export.allowed(scores) == pytest.approx(
            factor * onnx_export.TOLERANCE
        )
