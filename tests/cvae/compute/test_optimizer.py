import copy

import torch

from cvae.compute.optimizer import load_state, make_optimizer, set_learning_rate, state_of

CPU = torch.device("cpu")


def a_step(optimizer, parameter, gradient):
    parameter.grad = torch.full_like(parameter, gradient)
    optimizer.step()


def made(*, moves, kind="Adam"):
    parameter = torch.nn.Parameter(torch.ones(3))
    optimizer = make_optimizer(kind, [parameter], lr=0.1, device=CPU)
    if moves:  # as on a GPU
        optimizer.param_groups[0]["lr"] = torch.tensor(0.1, dtype=torch.float64)
    return optimizer, parameter


def test_a_learning_rate_in_a_tensor_is_changed_in_place():
    for moves in (False, True):
        optimizer, _ = made(moves=moves)
        before = optimizer.param_groups[0]["lr"]
        set_learning_rate(optimizer, 0.5)
        assert float(optimizer.param_groups[0]["lr"]) == 0.5
        assert (optimizer.param_groups[0]["lr"] is before) == moves


def test_a_checkpoint_is_the_same_whatever_holds_the_learning_rate_and_goes_on_on_either():
    ends = []
    for first in (False, True):
        for second in (False, True):
            optimizer, parameter = made(moves=first)
            a_step(optimizer, parameter, 0.3)
            state = copy.deepcopy(state_of(optimizer))
            assert state["param_groups"][0]["lr"] == 0.1
            assert state["param_groups"][0]["capturable"] is False
            other, same = made(moves=second)
            same.data.copy_(parameter.data)
            held = other.param_groups[0]["lr"]
            load_state(other, state)
            assert (other.param_groups[0]["lr"] is held) or not second
            a_step(other, same, -0.7)
            ends.append(same.detach())
    assert all(torch.equal(end, ends[0]) for end in ends)


def test_the_kind_is_the_one_that_is_asked_for():
    assert isinstance(made(moves=False, kind="AdamW")[0], torch.optim.AdamW)
