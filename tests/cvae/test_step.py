"""`train_step` against the report's loop, frame by frame, on the network written out from its table of parts."""
# ruff: noqa: N803  shape suffixes

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from cvae.errors import NonFiniteLossError, ShapeError
from cvae.model import VideoCVAE
from cvae.train import train_step


def plain_weights(model):
    """The network's weights as leaves of their own."""
    return {name: value.detach().clone().requires_grad_() for name, value in model.named_parameters()}


def conv(weights, name, x, **options):
    return functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **options)


def res(weights, name, x):
    inner = functional.leaky_relu(conv(weights, f"{name}.conv1", x, padding=1), 0.01)
    inner = functional.leaky_relu(conv(weights, f"{name}.conv2", inner, padding=1), 0.01)
    return inner + (conv(weights, f"{name}.skip", x) if f"{name}.skip.weight" in weights else x)


def dc(weights, name, x):
    depth, forward = f"{name}.block.0", f"{name}.block.1"
    inner = functional.leaky_relu(conv(weights, f"{depth}.conv1.0", x), 0.01)
    inner = conv(weights, f"{depth}.depth_conv", inner, padding=1, groups=x.shape[1])
    adapted = conv(weights, f"{depth}.adaptor", x) if f"{depth}.adaptor.weight" in weights else x
    x = conv(weights, f"{depth}.conv2", inner) + adapted
    value, gate = conv(weights, f"{forward}.conv", x).chunk(2, dim=1)
    return x + conv(weights, f"{forward}.conv_out", value * functional.leaky_relu(gate, 0.1))


def chain(weights, name, parts, x):
    for number, part in parts.items():
        x = part(weights, f"{name}.{number}", x)
    return x


def encode_frame(weights, frame):
    x = chain(weights, "frame_transformation", {0: res, 1: dc, 2: res, 3: dc, 4: res, 5: dc}, frame)
    return conv(weights, "frame_transformation.6", x, padding=1)


def encode_label(weights, label):
    name = "label_transformation"
    x = conv(weights, f"{name}.1", functional.pad(label, (3, 3, 3, 3), mode="reflect"))
    x = functional.batch_norm(
        x, None, None, weights[f"{name}.2.weight"], weights[f"{name}.2.bias"], training=True
    )
    return res(weights, f"{name}.4", x)


def posterior(weights, frame, label):
    x = torch.cat([frame, label], dim=1)
    x = chain(weights, "Gaussian_Predictor", {0: res, 1: dc, 2: res, 3: dc, 4: res}, x)
    return conv(weights, "Gaussian_Predictor.6", x).chunk(2, dim=1)


def decode(weights, last, label, z):
    x = torch.cat([last, label, z], dim=1)
    x = chain(weights, "Decoder_Fusion", {0: dc, 1: res, 2: dc, 3: res, 4: dc, 5: conv}, x)
    return chain(weights, "Generator", {0: dc, 1: res, 2: dc, 3: res, 4: dc, 5: res, 6: dc, 7: conv}, x)


def report_loop(
    weights, optimizer, frames_BTCHW, labels_BTCHW, noise_BTNHW, *, teacher_forcing, beta, batch_size
):
    totals = torch.zeros(3)
    for frames, labels, noise in zip(frames_BTCHW, labels_BTCHW, noise_BTNHW, strict=True):
        mse, kl = 0.0, 0.0
        last = frames[0][None]
        for t in range(1, len(frames)):
            current, label = frames[t][None], labels[t][None]
            last_features = encode_frame(weights, last)
            current_features = encode_frame(weights, current)
            label_features = encode_label(weights, label)
            mu, logvar = posterior(weights, current_features, label_features)
            z = mu + noise[t - 1][None] * torch.exp(0.5 * logvar)
            generated = decode(weights, last_features, label_features, z)
            mse = mse + functional.mse_loss(generated, current)
            kl = kl + -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / batch_size
            last = current if teacher_forcing else generated
        loss = mse + beta * kl
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights.values(), 1.0)
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


# Adam in fp32 is left out: it divides gradients that are zero but for rounding by themselves.
@pytest.mark.parametrize(
    ("dtype", "kind"),
    [(torch.float32, torch.optim.SGD), (torch.float64, torch.optim.SGD), (torch.float64, torch.optim.Adam)],
)
@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_a_step_equals_the_reports_loop_in_losses_and_weights(teacher_forcing, kind, dtype):
    model = small_model().to(dtype)
    weights = plain_weights(model)
    frames, labels, noise = (tensor.to(dtype) for tensor in batch())
    optimizers = [kind(parameters, lr=1e-2) for parameters in (model.parameters(), weights.values())]
    for beta in (1e-6, 0.3):
        modes = {"teacher_forcing": teacher_forcing, "beta": beta}
        ours = train_step(model, optimizers[0], frames, labels, kl_divisor=2, noise_BTNHW=noise, **modes)
        theirs = report_loop(weights, optimizers[1], frames, labels, noise, batch_size=2, **modes)
        assert [ours.loss, ours.mse, ours.kl] == pytest.approx(theirs, rel=1e-5)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, weights[name], rtol=1e-5, atol=1e-6, msg=name)


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
