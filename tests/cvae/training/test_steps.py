"""Steps that stay in place and are recorded, against `train_step`: the recording is of a CPU's operations."""

import copy
import logging
import math

import pytest
import torch

from cvae.compute.optimizer import make_optimizer, set_learning_rate
from cvae.config import parse_config
from cvae.errors import NonFiniteLossError
from cvae.model import CHANNELS_LAST_FROM, VideoCVAE
from cvae.step import Mode
from cvae.training import steps
from cvae.training.epoch_plan import EpochPlan
from cvae.training.steps import QueuedSteps, WaitedSteps, losses_of, steps_in, steps_to_come
from tests.cvae.recorded_ops import Recorder
from tests.cvae.runs import SETTINGS

CPU = torch.device("cpu")


def plan(*, teacher_forcing, beta=0.3, lr=1e-3):
    return EpochPlan(epoch=0, beta=beta, tfr=0.5, teacher_forcing=teacher_forcing, lr=lr, share=1.0)


def clips(count, videos=1, seed=0):
    draws = torch.Generator().manual_seed(seed)
    for _ in range(count):
        frames, labels = (torch.rand(videos, 3, 3, 6, 8, generator=draws) for _ in range(2))
        yield frames, labels, torch.randn(videos, 2, 4, 6, 8, generator=draws)


def network(width=8):
    torch.manual_seed(0)
    return VideoCVAE(width, 6, 4, 16)


def optimizer_of(model, *, moves=False):
    """As on a CPU, or with a learning rate in a tensor, as a recorded step needs it."""
    optimizer = make_optimizer("Adam", model.parameters(), lr=1e-2, device=CPU)
    if moves:
        for group in optimizer.param_groups:
            group["lr"] = torch.tensor(group["lr"], dtype=torch.float64)
    return optimizer


def queued(model, optimizer, mode, recorder, to_come=1000):
    return QueuedSteps(model, optimizer, mode, recorder=recorder, to_come=lambda _: to_come)


def trained(taker, optimizer, epochs, *, count=2, videos=1):
    found = []
    for number, epoch in enumerate(epochs):
        set_learning_rate(optimizer, epoch.lr)
        taker.begin(epoch)
        found += losses_of(taker, clips(count, videos, seed=number), lambda step: f"step {step}")
    return found


EPOCHS = [
    plan(teacher_forcing=True, beta=0.1),
    plan(teacher_forcing=False, beta=0.3),
    plan(teacher_forcing=True, beta=0.7, lr=1e-4),
]


@pytest.mark.parametrize(
    ("precision", "free_nats", "width", "videos"),
    [
        pytest.param("fp32", 0.0, CHANNELS_LAST_FROM, 1, marks=pytest.mark.extra),
        ("fp32", 2.0, 8, 2),
        ("bf16", 0.0, 8, 1),
    ],
)
def test_recorded_steps_give_the_losses_and_weights_of_train_step_bit_for_bit(
    precision, free_nats, width, videos
):
    mode, found = Mode(False, 2, free_nats, precision), []
    recorder = Recorder()
    for recorded in (False, True):
        model = network(width)
        optimizer = optimizer_of(model, moves=recorded)
        taker = queued(model, optimizer, mode, recorder) if recorded else WaitedSteps(model, optimizer, mode)
        found.append(
            (
                trained(taker, optimizer, EPOCHS, videos=videos),
                model.state_dict(),
                optimizer.state_dict()["state"],
            )
        )
    (losses, weights, state), (same_losses, same_weights, same_state) = found
    assert same_losses == losses
    assert all(torch.equal(same_weights[name], value) for name, value in weights.items())
    for number, values in state.items():
        assert all(torch.equal(same_state[number][name], value) for name, value in values.items())
    assert (recorder.recordings, recorder.replays) == (2, 6)


@pytest.mark.parametrize("recorder", [None, Recorder()], ids=["call by call", "recorded"])
def test_a_loss_that_is_not_finite_changes_no_weight_nor_does_any_step_behind_it(recorder):
    model = network()
    optimizer = optimizer_of(model, moves=True)
    taker = queued(model, optimizer, Mode(False, 2, 0.0, "fp32"), recorder)
    taker.begin(plan(teacher_forcing=True))
    given = list(clips(5))
    given[1][0][0, 1, 0, 0, 0] = math.nan
    kept = []

    def watched():
        for clip in given:
            yield clip
            kept.append(copy.deepcopy(model.state_dict()))

    with pytest.raises(NonFiniteLossError, match="step 1"):
        losses_of(taker, watched(), lambda step: f"step {step}")
    assert len(kept) == 3, "it is told of two steps later"
    assert not torch.equal(kept[0]["Generator.7.bias"], network().state_dict()["Generator.7.bias"])
    for name, value in kept[0].items():
        assert torch.equal(model.state_dict()[name], value), name
    assert {int(values["step"]) for values in optimizer.state.values()} == {1}


def test_losses_arrive_in_order_and_no_more_than_two_steps_late():
    model = network()
    optimizer = optimizer_of(model, moves=True)
    taker = queued(model, optimizer, Mode(False, 2, 0.0, "fp32"), None)
    taker.begin(plan(teacher_forcing=True))
    assert [len(taker.take(*clip)) for clip in clips(4)] == [0, 0, 1, 1]
    assert len(taker.rest()) == steps.AHEAD
    assert taker.described() == "eager"


class OfSecondGpu:
    """Stands for the losses of a step on a GPU that is not the current one."""

    device, shape = torch.device("cuda:1"), torch.Size([3])


def test_losses_are_waited_for_where_they_are_computed_without_taking_a_core_meanwhile(monkeypatch):
    happened = []

    class Here(list):
        def copy_(self, losses, *, non_blocking):
            happened.append((f"copied from {losses.device}", non_blocking))
            self.extend([3.0, 2.0, 1.0])

        tolist = list.copy

    class Event:
        def __init__(self, *, blocking):
            happened.append(("event", blocking))

        def record(self, stream):
            happened.append(("recorded", stream))

        def synchronize(self):
            happened.append("waited")

    monkeypatch.setattr(torch, "empty", lambda _, *, pin_memory: Here() if pin_memory else None)
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device=None: f"stream of {device}")
    arriving = steps._Arriving.of(OfSecondGpu())
    assert happened == [("copied from cuda:1", True), ("event", True), ("recorded", "stream of cuda:1")]
    assert arriving.wait().loss == 3.0
    assert happened[-1] == "waited"


def refuse(work):
    work()
    raise RuntimeError("CUDA error: operation not permitted when stream is capturing\nmore")


def test_what_cannot_be_recorded_is_taken_call_by_call_and_said_once(caplog):
    caplog.set_level(logging.INFO, "cvae")
    found = []
    for recorder in (None, refuse):
        model = network()
        optimizer = optimizer_of(model, moves=True)
        taker = queued(model, optimizer, Mode(False, 2, 0.0, "fp32"), recorder)
        found.append(trained(taker, optimizer, EPOCHS[:2], count=1))
        assert taker.described() == "eager"
    assert found[0] == found[1]
    assert caplog.messages == [
        "steps are taken call by call: they cannot be recorded: CUDA error: operation not permitted when stream is capturing"
    ]


def test_a_step_that_waits_for_a_value_cannot_be_recorded():
    tensor = torch.zeros(1)
    with pytest.raises(RuntimeError, match="not permitted"):
        Recorder()(lambda: float(tensor))


def test_few_steps_are_not_worth_a_recording(caplog):
    caplog.set_level(logging.INFO, "cvae")
    model, recorder = network(), Recorder()
    optimizer = optimizer_of(model, moves=True)
    counts = iter(range(99, 0, -1))
    mode = Mode(False, 2, 0.0, "fp32")
    taker = QueuedSteps(model, optimizer, mode, recorder=recorder, to_come=lambda _: next(counts))
    trained(taker, optimizer, EPOCHS, count=1)
    assert next(counts) == 97, "asked once for each kind"
    assert recorder.recordings == 0
    assert caplog.messages == [
        "teacher-forced steps are taken call by call: 99 are too few to record",
        "free-running steps are taken call by call: 98 are too few to record",
    ]


def test_the_steps_to_come_are_those_of_the_epochs_of_the_same_kind():
    config = parse_config({**SETTINGS, "fast_train": True, "fast_train_epoch": 1, "fast_partial": 0.5})
    plans = [EpochPlan.of(config, epoch) for epoch in range(4)]
    counts = [steps_in(config, each, 12) for each in plans]
    assert counts == [2, 4, 4, 4]
    for each in plans:
        expected = sum(
            count
            for count, later in zip(counts, plans, strict=True)
            if later.epoch >= each.epoch and later.teacher_forcing == each.teacher_forcing
        )
        assert steps_to_come(config, each, 12) == expected
    assert steps_in(config.model_copy(update={"update": "per_batch"}), plans[1], 12) == 2


@pytest.mark.extra
def test_a_whole_run_whose_steps_are_recorded_has_the_curves_of_one_that_waits(
    tmp_path, finished, monkeypatch
):
    from cvae.train import train
    from cvae.training import attempt
    from tests.cvae.runs import RecordingRun

    recorder = Recorder()
    monkeypatch.setattr(steps, "WORTH_STEPS", 1)
    monkeypatch.setattr(
        attempt,
        "steps_on",
        lambda _device, model, optimizer, config, *, precision, frames, **_: QueuedSteps(
            model,
            optimizer,
            Mode(False, config.batch_size, config.kl_free_nats, precision),
            recorder=recorder,
            to_come=lambda each: steps_to_come(config, each, frames),
        ),
    )
    real = make_optimizer

    def moving(kind, parameters, *, lr, device):
        optimizer = real(kind, parameters, lr=lr, device=device)
        for group in optimizer.param_groups:
            group["lr"] = torch.tensor(lr, dtype=torch.float64)
        return optimizer

    monkeypatch.setattr(attempt, "make_optimizer", moving)
    record = {}
    train(SETTINGS, RecordingRun(tmp_path, stop_at=16, record=record))  # in the second epoch
    run = RecordingRun(tmp_path, record=record)
    train(SETTINGS, run)
    assert run.curves() == finished.curves()
    assert recorder.recordings >= 2
