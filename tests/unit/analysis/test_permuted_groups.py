"""Tests of analysis.feature_importance: which features are permuted together."""

import known_models
import numpy as np
import polars as pl
import public_sets
import samples
import torch

from hepfold.analysis import feature_importance
from hepfold.models import feature_schema

DEFINITION = public_sets.DATASETS["higgsml"]


def importances(models, parts, n_repeats=2, seed=1, definition=DEFINITION):
    return feature_importance.importance_table(
        models, parts, definition, n_repeats, seed
    )


def test_bodies_and_sets_are_permuted_as_one():
    names = DEFINITION.features
    schema = feature_schema.Schema.of(DEFINITION, names, [4], {})
    groups = feature_importance.permuted_together(schema, DEFINITION)
    by_kind = {kind: [] for kind, _, _ in groups}
    for kind, title, positions in groups:
        by_kind[kind].append((title, [names[i] for i in positions]))
    momenta = {name for body in DEFINITION.bodies for name in body.names}
    alone = [name for name in names if name not in momenta]
    assert by_kind["feature"] == [(name, [name]) for name in alone]
    assert [title for title, _ in by_kind["body"]] == [
        "PRI_tau_{pt, eta, phi}",
        "PRI_lep_{pt, eta, phi}",
        "PRI_{met, met_phi}",
        "PRI_jet_leading_{pt, eta, phi}",
        "PRI_jet_subleading_{pt, eta, phi}",
    ]
    assert by_kind["body"][2][1] == ["PRI_met", "PRI_met_phi"]
    sets = {title: sorted(members) for title, members in by_kind["set"]}
    assert sets == {
        "low_level": sorted(DEFINITION.feature_sets["low_level"]),
        "high_level": sorted(DEFINITION.feature_sets["high_level"]),
    }


def test_features_that_the_model_lacks_form_no_group():
    names = DEFINITION.feature_sets["high_level"]
    schema = feature_schema.Schema.of(DEFINITION, names, [], {})
    kinds = {
        kind for kind, _, _ in feature_importance.permuted_together(schema, DEFINITION)
    }
    assert kinds == {"feature"}


def test_a_part_of_a_momentum_is_permuted_alone():
    """Without its azimuth, the momentum of the tau is no body of the model."""
    names = ("PRI_tau_pt", "PRI_lep_pt", "PRI_lep_eta", "PRI_lep_phi")
    schema = feature_schema.Schema.of(DEFINITION, names, [], {})
    groups = feature_importance.permuted_together(schema, DEFINITION)
    assert groups == [
        ("feature", "PRI_tau_pt", [0]),
        ("body", "PRI_lep_{pt, eta, phi}", [1, 2, 3]),
    ]


def test_the_table_lists_what_is_permuted_together():
    names = ("PRI_lep_pt", "PRI_lep_eta", "PRI_lep_phi", "DER_mass_MMC")
    schema = feature_schema.Schema.of(DEFINITION, names, [], {})
    table = importances(
        [known_models.KnownModel(schema, known_models.Known())],
        [samples.two_gaussians(200)],
    )
    assert dict(table.select("feature", "permuted").iter_rows()) == {
        "DER_mass_MMC": "DER_mass_MMC",
        "PRI_lep_{pt, eta, phi}": "PRI_lep_pt, PRI_lep_eta, PRI_lep_phi",
    }


def test_an_angle_between_two_bodies_is_important_for_both():
    """A score of the angle between two bodies is as important as their momenta."""

    class Angle(torch.nn.Module):
        def forward(self, x):
            return 4 * torch.cos(x[..., 2] - x[..., 5])

    rng = np.random.default_rng(1)
    n = 20_000
    label = rng.integers(0, 2, n)
    phi = rng.uniform(-np.pi, np.pi, n)
    away = np.where(label, 0, np.pi) + rng.normal(size=n)
    other = rng.normal(size=(n, 4))
    inputs = np.column_stack([other[:, :2], phi, other[:, 2:], phi + away])
    names = [f"PRI_{b}_{part}" for b in ("lep", "tau") for part in ("pt", "eta", "phi")]
    schema = feature_schema.Schema.of(DEFINITION, tuple(names), [], {})
    model = known_models.KnownModel(schema, Angle(), n_members=1)
    table = importances([model], [samples.events_of(inputs, label)])
    of_ensemble = table.filter(pl.col("member").is_null())
    assert of_ensemble["kind"].to_list() == ["body", "body"]
    # Without one of the two bodies, nothing is left of the angle: AUC 1/2.
    expected = of_ensemble["auc"] - 0.5
    np.testing.assert_allclose(of_ensemble["importance"], expected, atol=0.015)


def test_names_without_a_common_beginning_are_listed():
    assert feature_importance.braced(("f0", "f1", "f2")) == "f0, f1, f2"
    assert feature_importance.braced(("a_b_c", "a_b_d")) == "a_b_{c, d}"


def test_a_group_keeps_the_joint_information_of_its_features():
    """Equal features, compared by the model: alone each matters, together neither."""

    class Difference(torch.nn.Module):
        def forward(self, x):
            return x[..., 0] + 10 * (x[..., 1] - x[..., 2]).abs()

    events = samples.two_gaussians(2000)
    inputs = events.inputs.copy()
    inputs[:, 2] = inputs[:, 1]
    events = samples.events_of(inputs, events.label)
    model = known_models.KnownModel(samples.schema(4), Difference(), n_members=1)
    order = [np.random.default_rng(0).permutation(2000)]
    whole = feature_importance.aucs(model, events, events.inputs)
    alone = feature_importance.permuted_aucs(model, events, [1], order)
    together = feature_importance.permuted_aucs(model, events, [1, 2], order)
    assert (alone < whole - 0.1).all()
    np.testing.assert_array_equal(together, whole)
