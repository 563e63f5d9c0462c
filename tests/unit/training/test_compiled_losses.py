"""Tests of training.loop for compilers and GPUs: one graph, and draws on the device."""

import pytest
import samples
import torch
from training_runs import finished, new_run

from hepfold.models import devices


@pytest.mark.slow
def test_compiled_losses_are_the_same():
    from torch._inductor import cpp_builder

    try:
        cpp_builder.get_cpp_compiler()
    except Exception:
        pytest.skip("there is no C++ compiler")
    events = samples.two_gaussians(256)
    plain, compiled = (
        finished(new_run(events, compile=c, n_epochs=2)).history for c in (False, True)
    )
    for one, other in zip(plain, compiled, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-4)


@pytest.mark.slow
def test_losses_are_one_graph_for_the_compiler():
    """In half precision; without dropout, whose draws end a graph, and Inductor."""
    torch.compiler.reset()
    run = new_run(samples.two_gaussians(64))
    run.is_bfloat16 = True
    batch = run.train_data.batch(run.event_order())
    inputs = batch.x, batch.label, batch.weight, None
    compiled = torch.compile(run.member_losses, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(*inputs), run.member_losses(*inputs))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_gpu_draws_the_order_and_goes_on_with_its_random_numbers():
    device = torch.device("cuda")
    state = devices.random_state(device)
    run = new_run(samples.two_gaussians(50))
    run.device = device
    order = run.event_order()
    assert order.is_cuda and order.dtype == torch.int32
    assert (order.sort().values == torch.arange(50, device=device)).all()
    devices.set_random_state(device, state)
    assert torch.equal(run.event_order(), order)
