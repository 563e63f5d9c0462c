"""Tests of models.zoo: saving and loading preserve a model."""

import msgspec
import numpy as np
import pytest
import samples
from safetensors import safe_open

from hepfold.core import files, settings_averages, settings_models
from hepfold.models import ensembles, networks, trees, zoo

KINDS = {kind: {"kind": kind} for kind in networks.NETWORKS}
KINDS["xgboost"] = {"base": samples.FOREST}


def stored(model, tmp_path, **changes):
    """The model, written to a file and read again."""
    path = str(tmp_path / "model.safetensors")
    zoo.save(path, model, samples.record(**changes))
    return zoo.load(path, "cpu")


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 2], ids=["one_hot", "embedding"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_model_gives_the_same_scores(kind, size, tmp_path):
    events = samples.with_category(samples.two_gaussians(300))
    changes = KINDS[kind] | {"validation_fraction": 0.5}
    if kind in networks.NETWORKS:
        changes |= {
            "n_epochs": 1,
            "network": samples.NETWORK
            | {"embedding_size": size, "batch_norm": kind != "tabm"},
        }
    schema = samples.schema(5, n_values=(3,))
    model, _ = samples.train(events, schema_=schema, **changes)
    again = stored(model, tmp_path, **changes)
    np.testing.assert_array_equal(
        again.score(events.inputs), model.score(events.inputs)
    )
    assert again.preparation.schema == schema


@pytest.mark.parametrize("use", ["augmentation", "orientation"])
def test_a_stored_model_keeps_its_symmetry(use, tmp_path):
    events = samples.two_bodies(200)
    changes = {
        "preparation": samples.VECTORS | {"pairs": True, "scaling": "quantile"},
        "symmetry": {"use": use, "n_views": 4},
        "n_epochs": 1,
    }
    model, _ = samples.train(events, schema_=samples.TWO_BODIES, **changes)
    again = stored(model, tmp_path, **changes)
    np.testing.assert_array_equal(
        again.score(events.inputs), model.score(events.inputs)
    )


@pytest.mark.parametrize("kind", ["mlp", "xgboost"])
def test_a_file_holds_its_origin_and_only_tensors(kind, tmp_path):
    events = samples.two_gaussians(200)
    model, _ = samples.train(events, **KINDS[kind])
    path = str(tmp_path / "model.safetensors")
    made_by = {**samples.record(**KINDS[kind]), "seed": 7, "packages": {"torch": "2"}}
    zoo.save(path, model, made_by)
    with safe_open(path, "numpy") as file:
        names = set(file.keys())
    expected = ensembles.Ensemble if kind == "mlp" else trees.Forest
    assert isinstance(model, expected)
    assert names == set(model.arrays())
    arrays, metadata = files.read_tensors(path)
    assert all(array.dtype != object for array in arrays.values())
    assert metadata["seed"] == 7 and metadata["packages"] == {"torch": "2"}
    assert (
        metadata["model"] == made_by["model"]
        and metadata["training"] == made_by["training"]
    )
    assert metadata["schema"]["features"] == ["x0", "x1", "x2", "x3"]
    assert metadata["n_members"] == model.n_members


@pytest.mark.parametrize(
    ("n_members", "n_groups"),
    [(1, 1), (2, 2), (4, 4), (6, 3), (7, 7), (10, 5), (70, 5)],
)
def test_members_are_in_few_groups_of_equal_size(n_members, n_groups):
    settings = msgspec.structs.replace(settings_models.MLP(), n_members=n_members)
    assert zoo.n_groups(settings, n_members) == n_groups
    assert n_members % n_groups == 0


@pytest.mark.parametrize(("n_left", "n_groups"), [(9, 3), (8, 4), (7, 7), (1, 1)])
def test_groups_without_members_that_diverged_have_equal_sizes(n_left, n_groups):
    settings = msgspec.structs.replace(settings_models.MLP(), n_members=10)
    assert zoo.n_groups(settings, n_left) == n_groups


@pytest.mark.parametrize(
    ("n_snapshots", "n_groups"), [(12, 4), (4, 4), (11, 1), (9, 1)]
)
def test_snapshots_of_one_network_are_in_one_group(n_snapshots, n_groups):
    """Some snapshots of four networks may be missing; then there are no groups."""
    average = settings_averages.Snapshots(n_last=3)
    settings = msgspec.structs.replace(
        settings_models.MLP(), n_members=4, average=average
    )
    assert zoo.n_groups(settings, n_snapshots) == n_groups


def test_members_that_share_weights_are_one_group():
    settings = settings_models.TabM()
    assert zoo.n_groups(settings, settings.n_members) == 1


@pytest.mark.parametrize("kind", ["mlp", "xgboost"])
def test_scores_of_groups_are_means_of_members(kind):
    """Members 0 and 2 are one group, 1 and 3 the other."""
    events = samples.two_gaussians(300)
    model, _ = samples.train(events, n_members=4, **KINDS[kind])
    members = model.member_scores(events.inputs)
    groups = model.group_scores(events.inputs, 2)
    np.testing.assert_allclose(groups, [members[::2].mean(0), members[1::2].mean(0)])
    np.testing.assert_allclose(groups.mean(0), model.score(events.inputs))
    assert np.abs(groups[0] - groups[1]).max() > 0
