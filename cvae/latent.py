"""Measures how much z is used: KL divergence and active units of the posterior, and what another z changes in a frame.

Shapes: T frames, C colours, N channels of z, H x W pixels. z is a map, so a *unit* is a channel of it.
"""
# ruff: noqa: N803, N806, N815  shape suffixes

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from cvae.compute.device import autocast
from cvae.losses import kl_loss, kl_per_channel
from cvae.model import VideoCVAE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch import Tensor

    from cvae.compute.device import Precision

ACTIVE_FROM = 0.01
"""A unit is active if the posterior mean's variance over the data is above this (Burda et al.)."""

FRAMES_AT_ONCE = 32
"""Posteriors of so many frames are computed together: this limits the memory for a long video."""

FRAMES_DRAWN = 4
"""Frames of a rollout that are drawn with other z. A map has thousands of pixels, so a few frames are enough."""


@dataclass(frozen=True)
class Posterior:
    """The posterior of z over some frames.

    Attributes:
        kl: KL divergence from N(0, 1), summed over channels and pixels, divided by the divisor; mean over frames.
        kl_N: The same of each channel, not divided: nats a frame.
        variance_N: Variance of the posterior mean over the frames, at each pixel; mean over pixels.
    """

    kl: float
    kl_N: Tensor
    variance_N: Tensor

    @property
    def active_units(self) -> int:
        """How many channels are active.

        Source:
            Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders" (2016), section 5.2, there of single
            latent variables. A channel's map has one at each pixel: their variances are averaged. So a pattern that is
            the same in all frames, which tells nothing of a frame, is not active.
        """
        return int((self.variance_N > ACTIVE_FROM).sum())


def summarize(chunks: Iterable[tuple[Tensor, Tensor]], divisor: float) -> Posterior:
    """Summarize posteriors.

    Args:
        chunks: Mean and log variance of z, [T, N, H, W] each, for some frames at a time; at least one frame in all.
        divisor: Divisor of the KL divergence: the batch size.
    """
    frames, total = 0, 0.0
    sums: list[Tensor] = []
    for mu, logvar in chunks:
        exact = mu.double()
        parts = [
            kl_per_channel(exact, logvar.double()).sum(dim=0),
            exact.sum(dim=0),
            exact.square().sum(dim=0),
        ]
        sums = [before + part for before, part in zip(sums, parts, strict=True)] if sums else parts
        total += float(kl_loss(mu, logvar, divisor).double())
        frames += len(mu)
    kl_N, mean_NHW, square_NHW = (each / frames for each in sums)
    variance_NHW = (square_NHW - mean_NHW.square()).clamp(min=0)
    return Posterior(total / frames, kl_N.cpu(), variance_NHW.mean(dim=(1, 2)).cpu())


def encode(model: VideoCVAE, frames_BCHW: Tensor, labels_BCHW: Tensor) -> tuple[Tensor, Tensor]:
    """Compute mean and log variance of z of some frames with their labels: [B, N, H, W] each."""
    # the methods, not their compiled versions, which would be compiled again for these shapes
    features = VideoCVAE.encode_frame(model, frames_BCHW), VideoCVAE.encode_label(model, labels_BCHW)
    return VideoCVAE.posterior(model, *features)


def posterior_of(
    model: VideoCVAE,
    frames_TCHW: Tensor,
    labels_TCHW: Tensor,
    *,
    divisor: float,
    precision: Precision = "fp32",
    encode_frames: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None = None,
) -> Posterior:
    """Compute the posterior of frames 1 ... T-1 of a clip, and summarize it.

    Args:
        model: The network.
        frames_TCHW: The frames.
        labels_TCHW: Their labels.
        divisor: As in `summarize`.
        precision: Precision of convolutions and matrix products.
        encode_frames: Does as `encode`, such as a recording of it; None: that itself.
    """
    chunks = (torch.split(images[1:], FRAMES_AT_ONCE) for images in (frames_TCHW, labels_TCHW))

    def posteriors() -> Iterator[tuple[Tensor, Tensor]]:
        for frames, labels in zip(*chunks, strict=True):
            with autocast(frames.device, precision):
                mu, logvar = encode_frames(frames, labels) if encode_frames else encode(model, frames, labels)
            yield mu.float(), logvar.float()

    with torch.no_grad():
        return summarize(posteriors(), divisor)


def calls_of_one_shape(frames: int) -> int:
    """How often `posterior_of` a clip of so many frames encodes as many frames at once as it does first."""
    return max(1, (frames - 1) // FRAMES_AT_ONCE)


def draw_spread(
    model: VideoCVAE,
    generated_TCHW: Tensor,
    labels_TCHW: Tensor,
    *,
    generator: torch.Generator,
    precision: Precision = "fp32",
) -> float:
    """Compute how far frames that are drawn with other z lie apart, as a share of the range of values.

    For a few frames of a rollout, evenly spread over it, the model predicts the frame twice from the rollout's frame
    before it, each time with its own z from N(0, 1). The two differ in z alone.

    Returns:
        The difference of the two, clamped to [0, 1], without sign: mean over colours, pixels and frames, 0 to 1.
    """
    frames = _spread_over(len(generated_TCHW))
    total = 0.0
    for t in frames:
        last, label = generated_TCHW[t - 1 : t], labels_TCHW[t : t + 1]
        noise = torch.randn(2, model.N_dim, *label.shape[-2:], generator=generator).to(label)
        with torch.no_grad(), autocast(label.device, precision):
            # the methods, not their compiled versions, which would be compiled again for these shapes
            features = VideoCVAE.encode_label(model, label.contiguous(memory_format=model.layout))
            images = torch.cat([last, last]).contiguous(memory_format=model.layout)
            drawn = VideoCVAE.predict(model, images, torch.cat([features, features]), noise)
            one, other = drawn.float().clamp(0, 1).nan_to_num()
        total += float((one - other).abs().mean())
    return total / len(frames)


def _spread_over(length: int) -> list[int]:
    """Up to `FRAMES_DRAWN` frames, evenly from 1 to the last."""
    return list(dict.fromkeys(1 + round(i * (length - 2) / (FRAMES_DRAWN - 1)) for i in range(FRAMES_DRAWN)))
