"""One training step: predict the frames of a clip, sum their losses, move the weights once.

Shapes: B videos of a batch, T frames of a clip, C colours (3), N channels of z, H x W pixels; values
in [0, 1].
"""
# ruff: noqa: N803, N806  shape suffixes

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from cvae.errors import NonFiniteLossError, ShapeError
from cvae.losses import kl_loss, reconstruction_loss

if TYPE_CHECKING:
    from cvae.device import Precision
    from cvae.model import VideoCVAE

GRADIENT_NORM_LIMIT = 1.0


@dataclass(frozen=True)
class StepLosses:
    """Losses of a video, summed over its predicted frames; of several videos, the mean over them."""

    loss: float
    mse: float
    kl: float

    @classmethod
    def mean(cls, losses: list[StepLosses]) -> StepLosses:
        """Mean over videos."""
        count = len(losses)
        return cls(
            loss=sum(item.loss for item in losses) / count,
            mse=sum(item.mse for item in losses) / count,
            kl=sum(item.kl for item in losses) / count,
        )


def train_step(  # noqa: PLR0913  what a step depends on
    model: VideoCVAE,
    optimizer: torch.optim.Optimizer,
    frames_BTCHW: Tensor,
    labels_BTCHW: Tensor,
    *,
    teacher_forcing: bool,
    beta: float,
    kl_divisor: float,
    noise_BTNHW: Tensor | None = None,
    generator: torch.Generator | None = None,
    precision: Precision = "fp32",
) -> StepLosses:
    """Train on a batch: for each video in turn, sum the losses of frames 1 ... T-1 and take a step.

    Args:
        model: The network.
        optimizer: Of its parameters.
        frames_BTCHW: The true frames.
        labels_BTCHW: Their labels; those of frame 0 are not looked at.
        teacher_forcing: Predict from the true last frame; else from the generated one, with its gradient.
        beta: Weight of the KL divergence.
        kl_divisor: What the KL divergence, summed over channels and pixels, is divided by: the batch size.
        noise_BTNHW: N(0, 1) draws of the posterior, for the T-1 predicted frames; drawn here where not given.
        generator: CPU generator to draw them from; the global one otherwise.
        precision: Of convolutions and matrix products; weights, losses and the optimizer are fp32.

    Returns:
        The losses before each video's own step, mean over the videos.

    Raises:
        ShapeError: The tensors do not fit each other.
        NonFiniteLossError: A loss is NaN or infinite; the weights are then those of the step before.

    Source:
        The report's `training_one_step`, with what does not depend on the generated frames taken out of its
        loop.
    """
    B, T, _, H, W = frames_BTCHW.shape
    noise_shape = (B, T - 1, model.N_dim, H, W)
    if labels_BTCHW.shape != frames_BTCHW.shape or (
        noise_BTNHW is not None and noise_BTNHW.shape != noise_shape
    ):
        noise = "" if noise_BTNHW is None else f" or noise {list(noise_BTNHW.shape)} not {list(noise_shape)}"
        raise ShapeError(
            f"labels {list(labels_BTCHW.shape)} are not of the frames' {list(frames_BTCHW.shape)}{noise}"
        )
    device = frames_BTCHW.device
    losses = []
    for video in range(B):
        if noise_BTNHW is None:
            noise_TNHW = torch.randn(noise_shape[1:], generator=generator).to(device)
        else:
            noise_TNHW = noise_BTNHW[video]
        frames_TCHW = frames_BTCHW[video]
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            generated_TCHW, mu_TNHW, logvar_TNHW = _predict(
                model, frames_TCHW, labels_BTCHW[video], noise_TNHW, teacher_forcing=teacher_forcing
            )
        mse = reconstruction_loss(generated_TCHW, frames_TCHW[1:])
        kl = kl_loss(mu_TNHW, logvar_TNHW, kl_divisor)
        loss = mse + beta * kl
        values = StepLosses(*torch.stack([loss, mse, kl]).tolist())
        if not math.isfinite(values.loss):
            raise NonFiniteLossError(f"video {video} of the batch")
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_LIMIT)
        optimizer.step()
        losses.append(values)
    return StepLosses.mean(losses)


def _predict(
    model: VideoCVAE, frames_TCHW: Tensor, labels_TCHW: Tensor, noise_TNHW: Tensor, *, teacher_forcing: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Frames 1 ... T-1 as generated, and mean and log variance of their z: T-1 of each."""
    label_TLHW = model.encode_label(labels_TCHW[1:])
    frame_TFHW = model.encode_frame(frames_TCHW if teacher_forcing else frames_TCHW[1:])
    mu_TNHW, logvar_TNHW = model.posterior(frame_TFHW[1:] if teacher_forcing else frame_TFHW, label_TLHW)
    dtype = frames_TCHW.dtype  # autocast gives bf16, losses are in the frames' precision
    mu_TNHW, logvar_TNHW = mu_TNHW.to(dtype), logvar_TNHW.to(dtype)
    z_TNHW = mu_TNHW + (0.5 * logvar_TNHW).exp() * noise_TNHW
    if teacher_forcing:
        return model.generate(frame_TFHW[:-1], label_TLHW, z_TNHW).to(dtype), mu_TNHW, logvar_TNHW
    last_1CHW = frames_TCHW[:1]
    generated = []
    for label_1LHW, z_1NHW in zip(torch.split(label_TLHW, 1), torch.split(z_TNHW, 1), strict=True):
        last_1CHW = model.generate(model.encode_frame(last_1CHW), label_1LHW, z_1NHW).to(dtype)
        generated.append(last_1CHW)
    return torch.cat(generated), mu_TNHW, logvar_TNHW
