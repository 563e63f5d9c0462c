"""Tests of models.networks: closed forms, and independence of the members."""

import pytest
import samples
import torch
from torch import nn

from hepfold.models import layers, networks

SETTINGS = {
    "depth": 2,
    "width": 8,
    "activation": "swish",
    "dropout": 0.0,
    "dropout_layers": "all",
    "batch_norm": False,
    "norm_rate": 0.1,
    "norm_epsilon": 1e-5,
    "embedding_size": 3,
    "initial_sd": None,
    "pretrained_epochs": 0,
}
INPUTS = networks.Inputs(5, (4, 2))
INDEPENDENT = ["mlp", "residual", "dense", "wide_deep"]


def network(kind: str, n_members: int = 3, inputs=INPUTS, **settings) -> nn.Module:
    torch.manual_seed(0)
    model = samples.model(kind=kind, network=SETTINGS | settings)
    return networks.build(model, n_members, inputs)


def events(n_members: int = 3, n_events: int = 20, inputs=INPUTS) -> torch.Tensor:
    """Continuous columns of unit variance, then codes."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(n_members, n_events, inputs.n_continuous, generator=generator)
    shape = (n_members, n_events, 1)
    codes = [torch.randint(n, shape, generator=generator) for n in inputs.n_values]
    return torch.cat([x, *codes], dim=2)


def outputs(layer: nn.Module, x: torch.Tensor, member: int) -> torch.Tensor:
    return x @ layer.weight[member] + layer.bias[member]


@pytest.mark.parametrize("kind", networks.NETWORKS)
@pytest.mark.parametrize("n_values", [(), (4, 2)])
def test_logits_have_one_value_per_member_and_event(kind, n_values):
    inputs = networks.Inputs(5, n_values)
    logits = network(kind, inputs=inputs)(events(inputs=inputs))
    assert logits.shape == (3, 20)
    assert logits.dtype == torch.float32


@pytest.mark.parametrize("kind", networks.NETWORKS)
def test_members_start_from_different_weights(kind):
    logits = network(kind)(events(1).expand(3, -1, -1))
    assert not torch.allclose(logits[0], logits[1])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", INDEPENDENT)
def test_weights_and_inputs_of_one_member_affect_no_other(kind, training):
    members = network(kind, batch_norm=True).train(training)
    x = events()
    before = members(x)
    x[1] = x[1].flip(0)
    with torch.no_grad():
        for tensor in members.state_dict().values():
            assert len(tensor) == 3
            tensor[1] += 0.5
    moved = (members(x) != before).any(dim=1)
    assert moved.tolist() == [False, True, False]


@pytest.mark.parametrize("kind", INDEPENDENT)
def test_loss_of_one_member_affects_no_other(kind):
    members = network(kind, batch_norm=True, dropout=0.5)
    members(events())[1].sum().backward()
    for parameter in members.parameters():
        assert not parameter.grad[[0, 2]].any()


@pytest.mark.parametrize("kind", INDEPENDENT)
def test_selected_and_merged_members_keep_their_scores(kind):
    """Merging and selecting snapshots preserves their members."""
    first, second = network(kind, batch_norm=True), network(kind, batch_norm=True)
    nn.init.normal_(second.output.weight)
    x = events()
    first(x), second(x)
    state = networks.merged([first.state_dict(), second.state_dict()])
    both = network(kind, 6, batch_norm=True)
    both.load_state_dict(state)
    expected = torch.cat([first.eval()(x), second.eval()(x)])
    assert torch.equal(both.eval()(x.repeat(2, 1, 1)), expected)
    selected = network(kind, 2, batch_norm=True)
    selected.load_state_dict(networks.selected(state, [4, 0]))
    scores = selected.eval()(x[[1, 0]])
    torch.testing.assert_close(scores, expected[[4, 0]])


def test_normalization_has_the_rate_and_epsilon_of_the_settings():
    """After one batch, the running mean is the rate times that of the batch."""
    members = network("mlp", batch_norm=True, norm_rate=0.25, norm_epsilon=0.5)
    linear, norm, *_ = members.layers[0]
    x = members.seen(events())
    normalized = norm(linear(x))
    mean = linear(x).mean(2, keepdim=True).mT
    torch.testing.assert_close(norm.running_mean, 0.25 * mean)
    variance = linear(x).var(2, correction=0)
    expected = variance / (variance + 0.5)
    torch.testing.assert_close(normalized.var(2, correction=0), expected)


@pytest.mark.parametrize("activation", networks.ACTIVATIONS)
def test_single_member_is_a_sequential_network(activation):
    inputs = networks.Inputs(5, ())
    member = network("mlp", 1, inputs, activation=activation)
    linears = [nn.Linear(5, 8), nn.Linear(8, 8), nn.Linear(8, 1)]
    stacked = [member.layers[0][0], member.layers[1][0], member.output]
    for layer, source in zip(linears, stacked, strict=True):
        layer.weight.data, layer.bias.data = source.weight[0].mT, source.bias[0, 0]
    act = networks.ACTIVATIONS[activation]()
    single = nn.Sequential(linears[0], act, linears[1], act, linears[2])
    x = events(1, inputs=inputs)
    torch.testing.assert_close(member(x)[0], single(x[0])[:, 0])


def test_residual_network_without_branches_is_linear():
    inputs = networks.Inputs(5, ())
    members = network("residual", inputs=inputs, depth=4)
    for weight in members.hidden_matrices():
        nn.init.zeros_(weight)
    x = events(inputs=inputs)
    for i, logits in enumerate(members(x)):
        linear = outputs(members.output, outputs(members.first, x[i], i), i)
        torch.testing.assert_close(logits, linear[:, 0])


def test_dense_network_has_the_size_of_lumin():
    """6 layers of 33 nodes on 30 features and 3 of an embedding of 4 values."""
    members = network("dense", 1, networks.Inputs(30, (4,)), depth=6, width=33)
    n_parameters = sum(p.numel() for p in members.parameters())
    assert n_parameters == 23_113


def test_dense_layers_see_inputs_and_earlier_layers():
    inputs = networks.Inputs(5, ())
    members = network("dense", inputs=inputs, depth=3)
    x = events(inputs=inputs)
    for i, logits in enumerate(members(x)):
        seen = x[i]
        for n in range(3):
            # The weights that lead to layer n, from the inputs on.
            columns = [slice(8 * (n - k), 8 * (n - k + 1)) for k in range(n + 1)]
            pairs = zip(members.spread, columns, strict=False)
            weight = torch.cat([spread.weight[i, :, c] for spread, c in pairs])
            bias = members.spread[0].bias[i, :, columns[0]]
            last = nn.functional.silu(seen @ weight + bias)
            seen = torch.cat([seen, last], 1)
        torch.testing.assert_close(logits, outputs(members.output, last, i)[:, 0])


def test_wide_network_without_deep_output_is_logistic_regression():
    inputs = networks.Inputs(5, ())
    members = network("wide_deep", inputs=inputs)
    nn.init.zeros_(members.output.weight)
    nn.init.normal_(members.wide.bias)
    x = events(inputs=inputs)
    for i, logits in enumerate(members(x)):
        torch.testing.assert_close(logits, outputs(members.wide, x[i], i)[:, 0])


@pytest.mark.parametrize("kind", networks.NETWORKS)
def test_one_hot_is_an_embedding_with_an_identity_table(kind):
    inputs = networks.Inputs(5, (4, 4))
    learned, fixed = (network(kind, inputs=inputs, embedding_size=n) for n in (4, 0))
    learned.load_state_dict(fixed.state_dict(), strict=False)
    for table in learned.categories.parameters():
        table.data[:] = torch.eye(4)
    x = events(inputs=inputs)
    assert torch.equal(learned(x), fixed(x))


def test_embedding_is_the_row_of_the_member():
    members = network("mlp")
    x = events()
    vectors = members.categories(x[..., 5:])
    for i in range(3):
        for n, table in enumerate(members.categories.tables):
            rows = table[i, x[i, :, 5 + n].long()]
            assert torch.equal(vectors[i, :, 3 * n : 3 * n + 3], rows)


@pytest.mark.parametrize("kind", INDEPENDENT)
def test_initial_weights_have_the_spread_of_the_settings(kind):
    sd = {"first": 0.1, "hidden": 0.05, "output": 0.001}
    members = network(kind, 40, width=50, initial_sd=sd)
    seen = set()
    for layer in members.modules():
        if isinstance(layer, layers.StackedLinear):
            seen.add(layer.place)
            weight = layer.weight
            if kind == "dense" and layer.place == "first":
                # Behind them are the weights from the inputs to the hidden layer.
                weight, to_hidden = weight.split(50, dim=2)
                assert to_hidden.std().item() == pytest.approx(sd["hidden"], rel=0.1)
            assert weight.std().item() == pytest.approx(sd[layer.place], rel=0.1)
            assert layer.bias is None or not layer.bias.any()
    assert seen == set(sd)


@pytest.mark.parametrize("activation", networks.ACTIVATIONS)
def test_initial_signal_keeps_its_size(activation):
    """The mean square stays the same from layer to layer."""
    inputs = networks.Inputs(200, ())
    members = network("mlp", 2, inputs, depth=6, width=200, activation=activation)
    x = events(2, 500, inputs).mT
    for layer in members.layers:
        x = layer(x)
    # Tanh and swish only shrink a signal, by less than a factor of two each time.
    limits = (0.5, 2) if activation in ("relu", "selu") else (1 / 64, 1)
    assert limits[0] < x.square().mean() < limits[1]


@pytest.mark.parametrize("kind", INDEPENDENT)
def test_hidden_matrices_are_those_between_hidden_layers(kind):
    matrices = network(kind).hidden_matrices()
    assert len(matrices) == (4 if kind == "residual" else 1)
    assert all(matrix.shape[::2] == (3, 8) for matrix in matrices)


@pytest.mark.parametrize("kind", ["mlp", "residual", "dense", "wide_deep"])
@pytest.mark.parametrize("places", ["all", "top"])
def test_dropout_is_in_all_layers_or_at_the_top(kind, places):
    members = network(kind, depth=3, dropout=0.5, dropout_layers=places)
    drops = [m for m in members.modules() if isinstance(m, layers.Dropout)]
    dropped = [drop.n_dropped > 0 for drop in drops]
    n_top = 2 if kind == "residual" else 1
    assert len(dropped) == 3 * n_top
    assert dropped == [places == "all"] * 2 * n_top + [True] * n_top


def test_selu_goes_with_alpha_dropout():
    kinds = (layers.Dropout, nn.AlphaDropout)
    for activation, kind in zip(("relu", "selu"), kinds, strict=True):
        modules = network("mlp", activation=activation, dropout=0.1).modules()
        (actual,) = {type(m) for m in modules if isinstance(m, kinds)}
        assert actual is kind


def test_tabm_members_share_matrices_and_nothing_else():
    members = network("tabm")
    assert not members.independent
    assert [tuple(m.shape) for m in members.hidden_matrices()] == [(8, 8)]
    members(events())[1].sum().backward()
    for name, parameter in members.named_parameters():
        if not name.endswith("0.weight"):
            assert not parameter.grad[[0, 2]].any(), name


@pytest.mark.parametrize("kind", networks.NETWORKS)
def test_half_precision_changes_logits_little_and_not_their_digits(kind):
    members, x = network(kind), events(n_events=2000)
    exact = members(x)
    with torch.autocast("cpu", torch.bfloat16):
        close = members(x)
    assert close.dtype == torch.float32
    assert not torch.equal(close, exact)
    assert (close - exact).square().mean() < 1e-3 * exact.square().mean()
    assert (close != close.bfloat16()).float().mean() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("kind", networks.NETWORKS)
def test_compiled_network_gives_the_same_logits(kind):
    """As one graph; without Inductor, whose C++ compiler takes half a minute."""
    torch.compiler.reset()
    members = network(kind, batch_norm=kind != "tabm")
    x = events()
    compiled = torch.compile(members, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), members(x))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("kind", networks.NETWORKS)
def test_a_gpu_gives_the_same_logits(kind):
    members, x = network(kind), events()
    expected = members(x)
    torch.testing.assert_close(members.cuda()(x.cuda()).cpu(), expected)
