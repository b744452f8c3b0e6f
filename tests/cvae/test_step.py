"""`train_step` against the report's loop, written out frame by frame with plain batch norm in training mode."""
# ruff: noqa: N803  shape suffixes

import copy
import math

import pytest
import torch
from torch import nn

from cvae.errors import NonFiniteLossError, ShapeError
from cvae.model import VideoCVAE
from cvae.train import train_step


def plain_copy(model):
    """The same network and weights with an ordinary batch norm, which normalises a batch of one frame."""
    plain = copy.deepcopy(model).train()
    ours = plain.label_transformation[2]
    norm = nn.BatchNorm2d(ours.num_features).to(ours.weight.dtype)
    norm.load_state_dict(ours.state_dict())
    plain.label_transformation[2] = norm
    return plain


def report_loop(
    model, optimizer, frames_BTCHW, labels_BTCHW, noise_BTNHW, *, teacher_forcing, beta, batch_size
):
    totals = torch.zeros(3)
    for frames, labels, noise in zip(frames_BTCHW, labels_BTCHW, noise_BTNHW, strict=True):
        mse, kl = 0.0, 0.0
        last = frames[0][None]
        for t in range(1, len(frames)):
            current, label = frames[t][None], labels[t][None]
            last_features = model.frame_transformation(last)
            current_features = model.frame_transformation(current)
            label_features = model.label_transformation(label)
            parameters = model.Gaussian_Predictor(torch.cat([current_features, label_features], dim=1))
            mu, logvar = parameters.chunk(2, dim=1)
            z = mu + noise[t - 1][None] * torch.exp(0.5 * logvar)
            output = model.Decoder_Fusion(torch.cat([last_features, label_features, z], dim=1))
            generated = model.Generator(output)
            mse = mse + nn.functional.mse_loss(generated, current)
            kl = kl + -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / batch_size
            last = current if teacher_forcing else generated
        loss = mse + beta * kl
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        totals += torch.stack([loss, mse, kl]).detach()
    return (totals / len(frames_BTCHW)).tolist()


def batch(videos=2):
    """Frames, labels and noise of clips of 5 frames, 6 x 8 pixels."""
    draws = torch.Generator().manual_seed(0)
    frames, labels = (torch.rand(videos, 5, 3, 6, 8, generator=draws) for _ in range(2))
    return frames, labels, torch.randn(videos, 4, 4, 6, 8, generator=draws)


def small_model():
    torch.manual_seed(0)
    return VideoCVAE(16, 6, 4, 16)


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.SGD])
@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_a_step_equals_the_reports_loop_in_losses_and_weights(teacher_forcing, kind):
    model = small_model().double()
    plain = plain_copy(model)
    frames, labels, noise = (tensor.double() for tensor in batch())
    optimizers = [kind(network.parameters(), lr=1e-2) for network in (model, plain)]
    for beta in (1e-6, 0.3):
        ours = train_step(
            model,
            optimizers[0],
            frames,
            labels,
            teacher_forcing=teacher_forcing,
            beta=beta,
            kl_divisor=2,
            noise_BTNHW=noise,
        )
        theirs = report_loop(
            plain,
            optimizers[1],
            frames,
            labels,
            noise,
            teacher_forcing=teacher_forcing,
            beta=beta,
            batch_size=2,
        )
        assert [ours.loss, ours.mse, ours.kl] == pytest.approx(theirs, rel=1e-5)
    for (name, here), there in zip(model.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(here, there, rtol=1e-5, atol=1e-7, msg=name)


@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_a_step_in_fp32_equals_the_reports_loop(teacher_forcing):
    model = small_model()
    plain = plain_copy(model)
    frames, labels, noise = batch()
    optimizers = [torch.optim.SGD(network.parameters(), lr=1e-2) for network in (model, plain)]
    ours = train_step(
        model,
        optimizers[0],
        frames,
        labels,
        teacher_forcing=teacher_forcing,
        beta=0.5,
        kl_divisor=2,
        noise_BTNHW=noise,
    )
    theirs = report_loop(
        plain, optimizers[1], frames, labels, noise, teacher_forcing=teacher_forcing, beta=0.5, batch_size=2
    )
    assert [ours.loss, ours.mse, ours.kl] == pytest.approx(theirs, rel=1e-5)
    for here, there in zip(model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(here, there, rtol=1e-5, atol=1e-6)


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


def test_tensors_that_do_not_fit_are_refused():
    model = small_model()
    optimizer = torch.optim.Adam(model.parameters())
    frames, labels, noise = batch()
    arguments = {"teacher_forcing": True, "beta": 1.0, "kl_divisor": 2}
    with pytest.raises(ShapeError, match="labels"):
        train_step(model, optimizer, frames, labels[:, 1:], **arguments)
    with pytest.raises(ShapeError, match="noise"):
        train_step(model, optimizer, frames, labels, noise_BTNHW=noise[:, 1:], **arguments)
