"""`train_step` against the report's loop, frame by frame."""

import copy
import functools
import gc
import itertools
import math

import pytest
import torch
from baselines.report_loop import plain_weights, report_loop

from cvae.errors import NonFiniteLossError, ShapeError
from cvae.losses import reconstruction_loss
from cvae.model import CHANNELS_LAST_FROM, VideoCVAE, seeded_model
from cvae.step import FRAMES_AT_ONCE, Mode, StepTensors, step_in_place, try_step
from cvae.train import train_step


def batch(videos=2, length=5):
    """Frames, labels and noise of clips of some frames, 6 x 8 pixels."""
    draws = torch.Generator().manual_seed(0)
    frames, labels = (torch.rand(videos, length, 3, 6, 8, generator=draws) for _ in range(2))
    return frames, labels, torch.randn(videos, length - 1, 4, 6, 8, generator=draws)


def small_model(width=16):
    torch.manual_seed(0)
    return VideoCVAE(width, 6, 4, 16)


# Each two of these meet; all three meet in `extra`.
PAIRS = {
    (True, 16, "SGD"),
    (True, CHANNELS_LAST_FROM, "Adam"),
    (False, 16, "Adam"),
    (False, CHANNELS_LAST_FROM, "SGD"),
}
STEPS = [
    pytest.param(*step, marks=() if step in PAIRS else pytest.mark.extra)
    for step in itertools.product((True, False), (16, CHANNELS_LAST_FROM), ("SGD", "Adam"))
]


@pytest.mark.parametrize(("teacher_forcing", "width", "optimizer"), STEPS)
def test_a_step_equals_the_reports_loop_in_losses_and_weights(teacher_forcing, width, optimizer):
    kind = getattr(torch.optim, optimizer)
    # Not Adam in fp32: it divides gradients that are zero but for rounding by themselves.
    dtype = torch.float64 if optimizer == "Adam" else torch.float32
    model = small_model(width).to(dtype)
    weights = plain_weights(model)
    frames, labels, noise = (tensor.to(dtype) for tensor in batch(length=FRAMES_AT_ONCE + 3))
    optimizers = [kind(parameters, lr=1e-2) for parameters in (model.parameters(), weights.values())]
    for beta in (1e-6, 0.3):
        modes = {"teacher_forcing": teacher_forcing, "beta": beta}
        ours = train_step(model, optimizers[0], frames, labels, kl_divisor=2, noise_BTNHW=noise, **modes)
        theirs = report_loop(weights, optimizers[1], frames, labels, noise, batch_size=2, **modes)
        assert [ours.loss, ours.mse, ours.kl] == pytest.approx(theirs, rel=1e-5)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, weights[name], rtol=1e-5, atol=1e-6, msg=name)


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def full_size():
    """The report's network, and a clip of three frames with its noise."""
    draws = torch.Generator().manual_seed(0)
    frames, labels = (torch.rand(1, 3, 3, 32, 64, generator=draws) for _ in range(2))
    noise = torch.randn(1, 2, 12, 32, 64, generator=draws)
    return seeded_model(0, F_dim=128, L_dim=32, N_dim=12, D_out_dim=192), (frames, labels, noise)


@functools.cache
def exact_step(teacher_forcing):
    """Losses and weights after a step of the report's loop in float64.

    In float32 the loop's own rounding reaches 4e-5 on processors that have AVX2 alone.
    """
    model, clip = full_size()
    weights = {name: value.detach().double().requires_grad_() for name, value in plain_weights(model).items()}
    optimizer = torch.optim.SGD(weights.values(), lr=1e-3)
    modes = {"teacher_forcing": teacher_forcing, "beta": 0.1}
    losses = report_loop(weights, optimizer, *(part.double() for part in clip), batch_size=2, **modes)
    return losses, weights


ALSO = pytest.mark.extra  # one of the four takes as long as all other steps here


@pytest.mark.parametrize(
    ("teacher_forcing", "count"),
    [(False, 1), *(pytest.param(*more, marks=ALSO) for more in ((False, 2), (True, 1), (True, 2)))],
)
def test_a_full_size_step_equals_the_reports_loop_with_one_thread_and_with_two(
    teacher_forcing, count, threads
):
    threads(count)
    model, (frames, labels, noise) = full_size()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    modes = {"teacher_forcing": teacher_forcing, "beta": 0.1}
    ours = train_step(model, optimizer, frames, labels, kl_divisor=2, noise_BTNHW=noise, **modes)
    losses, weights = exact_step(teacher_forcing)
    assert [ours.loss, ours.mse, ours.kl] == pytest.approx(losses, rel=1e-5)
    for name, value in model.named_parameters():
        difference = (value - weights[name]).norm() / weights[name].norm()
        assert difference <= 1e-5, name


def test_teacher_forcing_and_free_running_differ():
    frames, labels, noise = batch()
    losses = []
    for teacher_forcing in (True, False):
        model = small_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        losses.append(
            train_step(
                model,
                optimizer,
                frames,
                labels,
                teacher_forcing=teacher_forcing,
                beta=1.0,
                kl_divisor=2,
                noise_BTNHW=noise,
            )
        )
    assert losses[0].kl == losses[1].kl
    assert losses[0].mse != losses[1].mse


@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_one_step_a_batch_follows_the_mean_of_the_videos_gradients(teacher_forcing, monkeypatch):
    monkeypatch.setattr("cvae.step.GRADIENT_NORM_LIMIT", math.inf)
    modes = {"teacher_forcing": teacher_forcing, "beta": 0.3, "kl_divisor": 2}
    tensors = [tensor.double() for tensor in batch(length=FRAMES_AT_ONCE + 3)]
    gradients, losses = [], []
    for videos, update in (([0], "per_video"), ([1], "per_video"), ([0, 1], "per_batch")):
        model = small_model().double()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        frames, labels, noise = (tensor[videos] for tensor in tensors)
        step = train_step(model, optimizer, frames, labels, noise_BTNHW=noise, update=update, **modes)
        losses.append(step.loss)
        gradients.append([parameter.grad for parameter in model.parameters()])
    for first, second, both in zip(*gradients, strict=True):
        torch.testing.assert_close((first + second) / 2, both)
    assert losses[2] == pytest.approx((losses[0] + losses[1]) / 2)


def test_noise_that_is_not_given_is_drawn_from_the_generator():
    frames, labels, _ = batch(videos=1)
    noise = torch.randn(4, 4, 6, 8, generator=torch.Generator().manual_seed(7))[None]
    losses = []
    for source in ({"noise_BTNHW": noise}, {"generator": torch.Generator().manual_seed(7)}):
        model = small_model()
        optimizer = torch.optim.Adam(model.parameters())
        losses.append(
            train_step(
                model, optimizer, frames, labels, teacher_forcing=False, beta=1.0, kl_divisor=1, **source
            )
        )
    assert losses[0] == losses[1]


def test_under_autocast_what_the_losses_are_taken_of_is_computed_in_fp32():
    frames, labels, noise = batch()
    model = small_model()
    with torch.autocast("cpu", torch.bfloat16):
        features, pose = model.encode_frame(frames[0]), model.encode_label(labels[0])
        assert features.dtype == pose.dtype == torch.bfloat16
        outputs = (*model.posterior(features, pose), model.generate(features[:-1], pose[1:], noise[0]))
    assert {output.dtype for output in outputs} == {torch.float32}


def test_bf16_stays_near_fp32_and_weights_stay_fp32():
    frames, labels, noise = batch()
    losses = []
    for precision in ("fp32", "bf16"):
        model = small_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
        losses.append(
            train_step(
                model,
                optimizer,
                frames,
                labels,
                teacher_forcing=False,
                beta=1e-6,
                kl_divisor=2,
                noise_BTNHW=noise,
                precision=precision,
            )
        )
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert losses[1].loss == pytest.approx(losses[0].loss, rel=2e-2)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_step_and_leaves_the_weights(value):
    model = small_model()
    optimizer = torch.optim.Adam(model.parameters())
    before = copy.deepcopy(model.state_dict())
    frames, labels, noise = batch(videos=1)
    frames[0, 2, 0, 0, 0] = value
    with pytest.raises(NonFiniteLossError, match="nan-loss: video 0 of the batch"):
        train_step(
            model,
            optimizer,
            frames,
            labels,
            teacher_forcing=True,
            beta=1.0,
            kl_divisor=1,
            noise_BTNHW=noise,
        )
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_no_part_of_autograd_outlives_a_step(teacher_forcing, monkeypatch):
    """A gradient's last node keeps the stream that it was made on: left over from a step on the default stream, it breaks a recording."""
    model = small_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    frames, labels, noise = batch(videos=1)
    tensors = StepTensors.like(frames, labels, noise)
    tensors.take(frames, labels, noise)

    def marks():
        return [weight.view_as(weight).grad_fn.next_functions[0][0].metadata for weight in model.parameters()]

    def watched(*given):
        for each in marks():
            each["of the step"] = True
        return reconstruction_loss(*given)

    monkeypatch.setattr("cvae.step.reconstruction_loss", watched)
    mode = Mode(teacher_forcing, 2, 0.0, "bf16")
    gc.disable()
    try:
        for model.casts_once in (False, True):
            try_step(model, tensors, mode)
            assert not any(marks())
            step_in_place(model, optimizer, tensors, mode)
            assert not any(marks())
    finally:
        gc.enable()


def test_tensors_that_do_not_fit_are_refused():
    model = small_model()
    optimizer = torch.optim.Adam(model.parameters())
    frames, labels, noise = batch()
    arguments = {"teacher_forcing": True, "beta": 1.0, "kl_divisor": 2}
    with pytest.raises(ShapeError, match="labels"):
        train_step(model, optimizer, frames, labels[:, 1:], **arguments)
    with pytest.raises(ShapeError, match="noise"):
        train_step(model, optimizer, frames, labels, noise_BTNHW=noise[:, 1:], **arguments)
