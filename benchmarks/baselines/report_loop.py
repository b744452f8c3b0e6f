"""The network and the loops of the report, written plainly: what the trainer is compared with.

The network is written out from its table of parts, on a dictionary of weights; nothing here is shared with `cvae`.
Shapes: B videos, T frames, C colours, N channels of z, H x W pixels.
"""
# ruff: noqa: N803  shape suffixes

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Weights = dict[str, Tensor]


def plain_weights(model: nn.Module) -> Weights:
    """The network's weights as leaves of their own, in the layout that a plain network has them in."""
    return {
        name: value.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
        for name, value in model.named_parameters()
    }


def _conv(weights: Weights, name: str, x: Tensor, **options: int) -> Tensor:
    return functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **options)


def _res(weights: Weights, name: str, x: Tensor) -> Tensor:
    inner = functional.leaky_relu(_conv(weights, f"{name}.conv1", x, padding=1), 0.01)
    inner = functional.leaky_relu(_conv(weights, f"{name}.conv2", inner, padding=1), 0.01)
    return inner + (_conv(weights, f"{name}.skip", x) if f"{name}.skip.weight" in weights else x)


def _dc(weights: Weights, name: str, x: Tensor) -> Tensor:
    depth, forward = f"{name}.block.0", f"{name}.block.1"
    inner = functional.leaky_relu(_conv(weights, f"{depth}.conv1.0", x), 0.01)
    inner = _conv(weights, f"{depth}.depth_conv", inner, padding=1, groups=x.shape[1])
    adapted = _conv(weights, f"{depth}.adaptor", x) if f"{depth}.adaptor.weight" in weights else x
    x = _conv(weights, f"{depth}.conv2", inner) + adapted
    value, gate = _conv(weights, f"{forward}.conv", x).chunk(2, dim=1)
    return x + _conv(weights, f"{forward}.conv_out", value * functional.leaky_relu(gate, 0.1))


def _chain(weights: Weights, name: str, parts: Mapping[int, Callable[..., Tensor]], x: Tensor) -> Tensor:
    for number, part in parts.items():
        x = part(weights, f"{name}.{number}", x)
    return x


def _encode_frame(weights: Weights, frame: Tensor) -> Tensor:
    x = _chain(weights, "frame_transformation", {0: _res, 1: _dc, 2: _res, 3: _dc, 4: _res, 5: _dc}, frame)
    return _conv(weights, "frame_transformation.6", x, padding=1)


def _encode_label(weights: Weights, label: Tensor) -> Tensor:
    name = "label_transformation"
    x = _conv(weights, f"{name}.1", functional.pad(label, (3, 3, 3, 3), mode="reflect"))
    x = functional.batch_norm(
        x, None, None, weights[f"{name}.2.weight"], weights[f"{name}.2.bias"], training=True
    )
    return _res(weights, f"{name}.4", x)


def _posterior(weights: Weights, frame: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
    x = torch.cat([frame, label], dim=1)
    x = _chain(weights, "Gaussian_Predictor", {0: _res, 1: _dc, 2: _res, 3: _dc, 4: _res}, x)
    mu, logvar = _conv(weights, "Gaussian_Predictor.6", x).chunk(2, dim=1)
    return mu, logvar


def _decode(weights: Weights, last: Tensor, label: Tensor, z: Tensor) -> Tensor:
    x = torch.cat([last, label, z], dim=1)
    x = _chain(weights, "Decoder_Fusion", {0: _dc, 1: _res, 2: _dc, 3: _res, 4: _dc, 5: _conv}, x)
    return _chain(
        weights, "Generator", {0: _dc, 1: _res, 2: _dc, 3: _res, 4: _dc, 5: _res, 6: _dc, 7: _conv}, x
    )


def report_loop(
    weights: Weights,
    optimizer: torch.optim.Optimizer,
    frames_BTCHW: Tensor,
    labels_BTCHW: Tensor,
    noise_BTNHW: Tensor,
    *,
    teacher_forcing: bool,
    beta: float,
    batch_size: int,
) -> list[float]:
    """One training step as the report lists it; loss, MSE and KL, mean over the videos."""
    totals = torch.zeros(3)
    for frames, labels, noise in zip(frames_BTCHW, labels_BTCHW, noise_BTNHW, strict=True):
        mse, kl = torch.zeros(()), torch.zeros(())
        last = frames[0][None]
        for t in range(1, len(frames)):
            current, label = frames[t][None], labels[t][None]
            last_features = _encode_frame(weights, last)
            current_features = _encode_frame(weights, current)
            label_features = _encode_label(weights, label)
            mu, logvar = _posterior(weights, current_features, label_features)
            z = mu + noise[t - 1][None] * torch.exp(0.5 * logvar)
            generated = _decode(weights, last_features, label_features, z)
            mse = mse + functional.mse_loss(generated, current)
            kl = kl + -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / batch_size
            last = current if teacher_forcing else generated
        loss = mse + beta * kl
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(weights.values(), 1.0)
        optimizer.step()
        totals += torch.stack([loss, mse, kl]).detach()
    losses: list[float] = (totals / len(frames_BTCHW)).tolist()
    return losses


@torch.no_grad()
def report_rollout(weights: Weights, first_BCHW: Tensor, labels_BTCHW: Tensor, noise_BTNHW: Tensor) -> Tensor:
    """Validation as the report lists it: [B, T, C, H, W], frame 0 being the given one."""
    frames = [first_BCHW]
    for t in range(1, labels_BTCHW.shape[1]):
        features, label = _encode_frame(weights, frames[-1]), _encode_label(weights, labels_BTCHW[:, t])
        frames.append(_decode(weights, features, label, noise_BTNHW[:, t - 1]))
    return torch.stack(frames, dim=1)
