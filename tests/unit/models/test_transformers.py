"""Tests of models.transformers: closed forms, symmetries, independence of members."""

import msgspec
import particles
import pytest
import torch

from hepfold.core import parsing, settings_layers, settings_training
from hepfold.models import networks, particle_preparation, transformers

SETTINGS = {"depth": 2, "width": 8, "n_heads": 2, "pair_width": 4, "dropout": 0.0}


def settings(**changes) -> settings_layers.AttentionLayers:
    return parsing.parse(SETTINGS | changes, settings_layers.AttentionLayers)


@pytest.fixture(scope="module")
def preparation():
    kind = particle_preparation.ParticlePreparation
    preparation = kind(particles.schema(), settings_training.ParticlePreparation())
    preparation.fit(particles.inputs(300))
    return preparation


@pytest.fixture(scope="module")
def events(preparation) -> torch.Tensor:
    return preparation(torch.from_numpy(particles.inputs(40, seed=1)))


def network(preparation, n_members: int = 2, **changes) -> transformers.Transformer:
    torch.manual_seed(0)
    columns, n_values = preparation.columns, preparation.schema.n_values
    inputs = networks.Inputs(columns.y.stop, n_values)
    layout = preparation.layout
    return transformers.Transformer(n_members, inputs, settings(**changes), layout)


def logits(model, events) -> torch.Tensor:
    return model.eval()(events.expand(model.n_members, *events.shape)).detach()


def test_logits_have_one_value_per_member_and_event(preparation, events):
    out = logits(network(preparation), events)
    assert out.shape == (2, 40) and out.dtype == torch.float32
    assert not torch.allclose(out[0], out[1])


def test_members_do_not_see_each_other(preparation, events):
    model = network(preparation, dropout=0.2)
    model.train()(events.expand(2, *events.shape))[0].sum().backward()
    for name, weight in model.named_parameters():
        assert weight.grad[0].any(), name
        assert not weight.grad[1].any(), name


def test_members_are_those_of_separate_networks(preparation, events):
    joint = network(preparation, 2)
    single = network(preparation, 1)
    for member in (0, 1):
        single.load_state_dict(networks.selected(joint.state_dict(), [member]))
        expected = logits(joint, events)[member]
        torch.testing.assert_close(logits(single, events)[0], expected)


def test_events_do_not_see_each_other(preparation, events):
    model = network(preparation)
    torch.testing.assert_close(logits(model, events)[:, :5], logits(model, events[:5]))


def test_jets_may_be_exchanged(preparation):
    inputs = particles.inputs(40, seed=2)
    exchanged = inputs.copy()
    exchanged[:, particles.JETS[0]] = inputs[:, particles.JETS[1]]
    exchanged[:, particles.JETS[1]] = inputs[:, particles.JETS[0]]
    model = network(preparation)
    before, after = (
        logits(model, preparation(torch.from_numpy(values)))
        for values in (inputs, exchanged)
    )
    assert not (inputs == exchanged).all()
    torch.testing.assert_close(before, after, atol=1e-4, rtol=1e-4)


def test_bodies_of_different_kinds_may_not(preparation):
    inputs = particles.inputs(40, seed=2)
    exchanged = inputs.copy()
    exchanged[:, :3], exchanged[:, 5:8] = inputs[:, 5:8], inputs[:, :3]
    model = network(preparation)
    before, after = (
        logits(model, preparation(torch.from_numpy(values)))
        for values in (inputs, exchanged)
    )
    assert (before - after).abs().max() > 0.01


def test_a_missing_body_is_not_seen(preparation, events):
    body = preparation.layout.bodies[4]
    is_missing = events[:, body.missing] == 1
    changed = events.clone()
    changed[:, body.columns] += 1.0
    model = network(preparation)
    difference = (logits(model, events) - logits(model, changed)).abs()
    assert 0 < is_missing.sum() < len(events)
    assert (difference[:, is_missing] == 0).all()
    assert (difference[:, ~is_missing] > 0).all()


def test_equal_exponents_average_the_values():
    torch.manual_seed(0)
    block = transformers.Block(1, settings(n_heads=1))
    with torch.no_grad():
        block.attention.weight[:, :, :16] = 0
    x, bias = torch.randn(1, 5, 3, 8), torch.zeros(1, 5, 1, 3, 3)
    values = block.attention(x)[..., 16:]
    expected = values.mean(dim=2, keepdim=True).expand_as(x)
    torch.testing.assert_close(block.attended(x, bias), expected)


def test_the_bias_chooses_the_value():
    torch.manual_seed(0)
    block = transformers.Block(1, settings(n_heads=2))
    x, bias = torch.randn(1, 5, 3, 8), torch.zeros(1, 5, 2, 3, 3)
    bias[:, :, :, :, [0, 2]] = transformers.EXCLUDED
    values = block.attention(x)[..., 16:]
    expected = values[:, :, 1:2].expand_as(x)
    torch.testing.assert_close(block.attended(x, bias), expected)


def test_attention_is_that_of_torch():
    torch.manual_seed(0)
    block = transformers.Block(2, settings(n_heads=2))
    x, bias = torch.randn(2, 5, 3, 8), torch.randn(2, 5, 2, 3, 3)
    heads = block.attention(x).unflatten(-1, (3, 2, 4)).permute(3, 0, 1, 4, 2, 5)
    expected = torch.nn.functional.scaled_dot_product_attention(*heads, bias)
    expected = expected.transpose(2, 3).flatten(3)
    torch.testing.assert_close(block.attended(x, bias), expected)


def test_muon_has_its_matrices(preparation):
    matrices = network(preparation).hidden_matrices()
    assert all(matrix.ndim == 3 for matrix in matrices)
    assert len(matrices) > 10


def test_heads_divide_the_width():
    with pytest.raises((ValueError, msgspec.ValidationError), match="must divide"):
        settings_layers.AttentionLayers(width=10, n_heads=3)


@pytest.mark.slow
def test_it_is_one_graph_for_the_compiler(preparation, events):
    torch.compiler.reset()
    model = network(preparation)
    x = events.expand(2, *events.shape)
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), model(x))


@pytest.mark.slow
def test_half_precision_changes_logits_little_and_not_their_digits(preparation):
    model = network(preparation, width=32)
    events = preparation(torch.from_numpy(particles.inputs(2000, seed=1)))
    exact = logits(model, events)
    with torch.autocast("cpu", torch.bfloat16):
        close = logits(model, events)
    assert close.dtype == torch.float32
    assert (close - exact).square().mean() < 1e-3 * exact.square().mean()
    assert (close != close.bfloat16()).float().mean() > 0.9


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_gpu_gives_the_same_logits(preparation, events):
    model = network(preparation)
    expected = logits(model, events)
    on_gpu = logits(model.cuda(), events.cuda()).cpu()
    torch.testing.assert_close(on_gpu, expected, atol=1e-4, rtol=1e-4)
