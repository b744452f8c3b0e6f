"""Takes one training step: predicts the frames of a clip, sums their losses, updates the weights.

Shapes: B videos of a batch, T frames of a clip, C colours (3), N channels of z, H x W pixels; values
in [0, 1].
"""
# ruff: noqa: N803, N806, N815  shape suffixes

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from cvae.compute.casts import cast_once
from cvae.compute.device import autocast
from cvae.compute.memory import keep_freed_memory, time_major
from cvae.errors import NonFiniteLossError, ShapeError
from cvae.losses import free_nats_loss, kl_loss, reconstruction_loss

if TYPE_CHECKING:
    from cvae.compute.device import Precision
    from cvae.model import VideoCVAE

GRADIENT_NORM_LIMIT = 1.0

FRAMES_AT_ONCE = 8
"""With teacher forcing on a CPU, so many frames go forward and backward together: this limits the memory."""

Update = Literal["per_video", "per_batch"]


@dataclass(frozen=True)
class StepLosses:
    """Losses of a video, summed over its predicted frames, or the mean of these sums over several videos.

    `loss` is mse + beta * kl, also where free nats take the gradient of a part of kl away.
    """

    loss: float
    mse: float
    kl: float

    @classmethod
    def mean(cls, losses: list[StepLosses]) -> StepLosses:
        """Average over videos."""
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
    free_nats: float = 0.0,
    noise_BTNHW: Tensor | None = None,
    generator: torch.Generator | None = None,
    precision: Precision = "fp32",
    update: Update = "per_video",
) -> StepLosses:
    """Train on a batch: for each video in turn, sum the losses of frames 1 ... T-1 and take a step.

    Args:
        model: The network.
        optimizer: The optimizer of its parameters.
        frames_BTCHW: The true frames.
        labels_BTCHW: Their labels, of which that of frame 0 is not used.
        teacher_forcing: Predict from the true last frame, else from the generated one, with its gradient.
        beta: Weight of the KL divergence.
        kl_divisor: Divisor of the KL divergence, which is summed over channels and pixels: the batch size.
        free_nats: KL divergence that a channel's map may have in each frame without a gradient; see `free_nats_loss`.
        noise_BTNHW: N(0, 1) draws for the posterior of the T-1 predicted frames; None: drawn here.
        generator: CPU generator for the draws; None: the global one.
        precision: Precision of convolutions and matrix products; all else is fp32.
        update: per_video: a step for each video; per_batch: one step with the mean gradient of the videos.

    Returns:
        The losses, mean over the videos, each computed before the step of its video (per_batch: the batch).

    Raises:
        ShapeError: The shapes do not match each other.
        NonFiniteLossError: A loss is NaN or infinite; no step was taken with it.

    Source:
        The report's `training_one_step`; what does not depend on generated frames is moved out of the loop.
    """
    B, T, _, H, W = frames_BTCHW.shape
    shape = (B, T - 1, model.N_dim, H, W)
    _check_shapes(frames_BTCHW, labels_BTCHW, noise_BTNHW, shape)
    keep_freed_memory()
    if noise_BTNHW is None:
        noise_BTNHW = _draw_noise(shape, generator).to(frames_BTCHW.device)
    mode = Mode(teacher_forcing, kl_divisor, free_nats, precision)
    losses, size = [], B if update == "per_batch" else 1
    for start in range(0, B, size):
        videos = slice(start, start + size)
        tensors = (frames_BTCHW[videos], labels_BTCHW[videos], noise_BTNHW[videos])
        losses.append(
            _update(
                model, optimizer, tensors, beta, mode, "batch" if size > 1 else f"video {start} of the batch"
            )
        )
    return StepLosses.mean(losses)


def _update(
    model: VideoCVAE,
    optimizer: torch.optim.Optimizer,
    tensors: tuple[Tensor, Tensor, Tensor],
    beta: float,
    mode: Mode,
    name: str,
) -> StepLosses:
    optimizer.zero_grad()
    values = StepLosses(*_accumulate_gradients(model, *tensors, beta, mode).tolist())
    if not math.isfinite(values.loss):
        raise NonFiniteLossError(name)
    nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_LIMIT)
    optimizer.step()
    return values


@dataclass(frozen=True)
class StepTensors:
    """What `step_in_place` reads and writes, in tensors that stay where they are from step to step.

    Attributes:
        frames_BTCHW: The true frames of the videos that share the step.
        labels_BTCHW: Their labels.
        noise_BTNHW: N(0, 1) draws for the T-1 predicted frames.
        beta: Weight of the KL divergence: [].
        losses: Written by a step: loss, mse and kl, mean over the videos: [3].
        is_broken: 1 from the first step on whose loss was not finite; no step changes anything from then on: [].
    """

    frames_BTCHW: Tensor
    labels_BTCHW: Tensor
    noise_BTNHW: Tensor
    beta: Tensor
    losses: Tensor
    is_broken: Tensor

    @classmethod
    def like(cls, frames_BTCHW: Tensor, labels_BTCHW: Tensor, noise_BTNHW: Tensor) -> StepTensors:
        """Make tensors for clips of these shapes, on their device; the clips themselves are not taken over."""

        def made(*shape: int) -> Tensor:
            return torch.zeros(shape, device=frames_BTCHW.device)

        frames, labels, noise = (torch.empty_like(part) for part in (frames_BTCHW, labels_BTCHW, noise_BTNHW))
        return cls(frames, labels, noise, beta=made(), losses=made(3), is_broken=made())

    @property
    def clips(self) -> tuple[Tensor, Tensor, Tensor]:
        """Frames, labels and noise."""
        return self.frames_BTCHW, self.labels_BTCHW, self.noise_BTNHW

    def take(self, *clips: Tensor) -> None:
        """Copy the next frames, labels and noise in."""
        for mine, given in zip(self.clips, clips, strict=True):
            mine.copy_(given, non_blocking=True)


def step_in_place(
    model: VideoCVAE, optimizer: torch.optim.Optimizer, tensors: StepTensors, mode: Mode
) -> None:
    """Take a step of a fused optimizer whose inputs and outputs are all tensors that stay in place, and wait for none of them.

    Gives the losses and weights of `train_step`, bit for bit. What differs is how a loss that is not finite shows: the
    optimizer, which is a fused one, is told so by `is_broken` and leaves weights and state alone.
    """
    optimizer.zero_grad()
    total = _accumulate_gradients(model, *tensors.clips, tensors.beta, mode)
    tensors.losses.copy_(total)
    tensors.is_broken.copy_(torch.maximum(tensors.is_broken, 1 - torch.isfinite(total[0]).float()))
    nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_LIMIT)
    optimizer.found_inf = tensors.is_broken  # type: ignore[attr-defined]  # how torch's GradScaler tells it
    optimizer.step()


def try_step(model: VideoCVAE, tensors: StepTensors, mode: Mode) -> None:
    """Go forward and backward as a step does, and change nothing: parts that are compiled when they are called are then."""
    _accumulate_gradients(model, *tensors.clips, tensors.beta, mode)
    model.zero_grad()


@dataclass(frozen=True)
class Mode:
    """How `train_step` computes its loss; see there. A step that is recorded keeps its mode."""

    teacher_forcing: bool
    kl_divisor: float
    free_nats: float
    precision: Precision


def _check_shapes(
    frames_BTCHW: Tensor, labels_BTCHW: Tensor, noise_BTNHW: Tensor | None, noise_shape: tuple[int, ...]
) -> None:
    if labels_BTCHW.shape == frames_BTCHW.shape and (noise_BTNHW is None or noise_BTNHW.shape == noise_shape):
        return
    noise = "" if noise_BTNHW is None else f" or noise {list(noise_BTNHW.shape)} not {list(noise_shape)}"
    message = f"labels {list(labels_BTCHW.shape)} are not of the frames' {list(frames_BTCHW.shape)}{noise}"
    raise ShapeError(message)


def _draw_noise(shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    """N(0, 1) draws, one video after another, so that the first ones do not depend on how many there are."""
    return torch.stack([torch.randn(shape[1:], generator=generator) for _ in range(shape[0])])


def _accumulate_gradients(
    model: VideoCVAE,
    frames_BTCHW: Tensor,
    labels_BTCHW: Tensor,
    noise_BTNHW: Tensor,
    beta: float | Tensor,
    mode: Mode,
) -> Tensor:
    """Add the gradients of the videos' mean loss to those of the parameters, and return loss, mse and kl: [3].

    With teacher forcing no frame depends on another. So a few frames at a time go forward and backward, and the
    activations of a whole clip are never in memory at once. The sum of the gradients is that of the clip.
    """
    B, T = frames_BTCHW.shape[:2]
    parts = (frames_BTCHW, labels_BTCHW[:, 1:], noise_BTNHW)
    frames, labels, noise = (time_major(part, model.layout) for part in parts)
    at_once = max(1, FRAMES_AT_ONCE // B) if mode.teacher_forcing and frames.device.type == "cpu" else T - 1
    total = torch.zeros(3, device=frames.device)
    for start in range(0, T - 1, at_once):
        stop = min(start + at_once, T - 1)
        predicted = slice(start * B, stop * B)
        frames_span = frames[start * B : (stop + 1) * B]
        is_bf16 = mode.precision == "bf16"
        with (
            autocast(frames.device, mode.precision),
            cast_once(model.layers_cast() if is_bf16 and model.casts_once else [], torch.bfloat16),
        ):
            generated, mu, logvar = predict_clip(
                model,
                frames_span,
                labels[predicted],
                noise[predicted],
                videos=B,
                teacher_forcing=mode.teacher_forcing,
            )
        mse = reconstruction_loss(generated, frames_span[B:]) / B
        kl = kl_loss(mu, logvar, mode.kl_divisor) / B
        loss = mse + beta * kl
        if mode.free_nats > 0:
            held = free_nats_loss(mu, logvar, mode.kl_divisor, mode.free_nats) / B
            torch.autograd.backward(mse + beta * held)
        else:
            torch.autograd.backward(loss)
        total += torch.stack([loss, mse, kl]).detach()
    return total


def predict_clip(
    model: VideoCVAE,
    frames: Tensor,
    labels: Tensor,
    noise: Tensor,
    *,
    videos: int,
    teacher_forcing: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Generate all frames but the first; also return mean and log variance of their z. All are time-major."""
    label_features = model.encode_label(labels)
    frame_features = model.encode_frame(frames if teacher_forcing else frames[videos:])
    mu, logvar = model.posterior(
        frame_features[videos:] if teacher_forcing else frame_features, label_features
    )
    dtype = frames.dtype  # autocast gives bf16, losses are in the frames' precision
    mu, logvar = mu.to(dtype), logvar.to(dtype)
    z = mu + (0.5 * logvar).exp() * noise
    if teacher_forcing:
        return model.generate(frame_features[:-videos], label_features, z).to(dtype), mu, logvar
    last = frames[:videos]
    if model.casts_once and torch.is_grad_enabled():
        # Compiled: with a gradient for the first frame, too, the prediction is compiled once for all frames.
        last = last.detach().requires_grad_()
    generated = []
    for label_t, z_t in zip(torch.split(label_features, videos), torch.split(z, videos), strict=True):
        last = model.predict(last, label_t, z_t).to(dtype)
        generated.append(last)
    return torch.cat(generated), mu, logvar
