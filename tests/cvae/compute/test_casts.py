"""Weights that are cast once, against those that autocast casts."""

import copy
import functools

import pytest
import torch

from cvae.model import CHANNELS_LAST_FROM, VideoCVAE
from cvae.step import Mode, StepTensors, try_step
from cvae.training.steps import WaitedSteps
from tests.cvae.training.test_steps import clips, optimizer_of, plan, trained


def network(width):
    torch.manual_seed(0)
    return VideoCVAE(width, 6, 4, 16)


@pytest.mark.parametrize("width", [8, CHANNELS_LAST_FROM])
@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_a_step_whose_weights_are_cast_once_is_that_of_autocast_bit_for_bit(teacher_forcing, width):
    found = []
    for is_once in (False, True):
        model = network(width)
        model.casts_once = is_once
        own = dict(model.named_parameters())
        optimizer = optimizer_of(model)
        taker = WaitedSteps(model, optimizer, Mode(False, 2, 0.0, "bf16"))
        losses = trained(taker, optimizer, [plan(teacher_forcing=teacher_forcing)])
        assert all(weight is own[name] for name, weight in model.named_parameters())
        found.append((losses, model.state_dict()))
    (losses, weights), (same, others) = found
    assert same == losses
    assert all(torch.equal(others[name], value) for name, value in weights.items())


def test_weights_are_their_own_again_after_an_error():
    model = network(8)
    model.casts_once = True
    own = dict(model.named_parameters())
    images, labels, noise = next(clips(1))
    with pytest.raises(RuntimeError):
        try_step(model, StepTensors.like(images, labels[..., :4], noise), Mode(False, 2, 0.0, "bf16"))
    assert all(weight is own[name] for name, weight in model.named_parameters())


@pytest.mark.extra
def test_compiled_parts_of_a_recorded_step_cast_no_weight_and_are_compiled_once(monkeypatch):
    from functorch.compile import make_boxed_func
    from torch._dynamo.backends.common import aot_autograd

    casts = []

    def noted(graph, _):
        nodes = [
            node
            for node in graph.graph.nodes
            if node.op == "call_function" and "_to_copy" in str(node.target)
        ]
        casts.append(sum(node.args[0].op == "placeholder" for node in nodes))
        return make_boxed_func(graph.forward)

    monkeypatch.setattr(
        torch, "compile", functools.partial(torch.compile, backend=aot_autograd(fw_compiler=noted))
    )
    counts = {}
    for recorded in (True, False):
        casts.clear()
        torch.compiler.reset()
        model = copy.deepcopy(network(8))
        model.compile_parts(recorded=recorded)
        tensors = StepTensors.like(*next(clips(1)))
        for _ in range(3):
            try_step(model, tensors, Mode(False, 2, 0.0, "bf16"))
            counts.setdefault(recorded, []).append((len(casts), sum(casts)))
    weights, graphs = len(model.layers_cast()), {recorded: each[0][0] for recorded, each in counts.items()}
    assert graphs[True] == graphs[False] + 2, "forward and back, of a first frame without a gradient"
    assert counts[True][0][1] > 2 * weights, "and biases"
    assert counts[False][0][1] < 0.6 * counts[True][0][1], "of biases, and of images"
    for each in counts.values():
        assert each[1:] == each[:-1], "nothing is compiled anew"
