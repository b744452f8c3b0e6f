"""Computes the two terms of the loss, each summed over the frames of a video.

Shapes: T frames, C colours, N channels of z, H x W pixels.
"""
# ruff: noqa: N803  shape suffixes

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def reconstruction_loss(generated_TCHW: Tensor, truth_TCHW: Tensor) -> Tensor:
    """Squared error, mean over colours and pixels, summed over frames: a scalar."""
    return (generated_TCHW - truth_TCHW).square().mean(dim=(1, 2, 3)).sum()


def kl_loss(mu_TNHW: Tensor, logvar_TNHW: Tensor, divisor: float) -> Tensor:
    """KL divergence of N(mu, e^logvar) from N(0, 1): a scalar.

    Summed over channels, pixels and frames, then divided by `divisor`.

    Source:
        Kingma and Welling, "Auto-Encoding Variational Bayes" (2013), appendix B.
    """
    return -0.5 * _terms(mu_TNHW, logvar_TNHW).sum() / divisor


def kl_per_channel(mu_TNHW: Tensor, logvar_TNHW: Tensor) -> Tensor:
    """KL divergence of each channel's map in each frame, summed over its pixels, in nats: [T, N]."""
    return -0.5 * _terms(mu_TNHW, logvar_TNHW).sum(dim=(2, 3))


def free_nats_loss(mu_TNHW: Tensor, logvar_TNHW: Tensor, divisor: float, free_nats: float) -> Tensor:
    """Do as `kl_loss`, but a channel's map counts as `free_nats` in each frame in which it has less.

    Below that it has no gradient, so that nothing draws it to N(0, 1).

    Source:
        Kingma et al., "Improving Variational Inference with Inverse Autoregressive Flow" (2016), appendix C.8: free
        bits. There the divergence is averaged over a minibatch before it is compared; here each frame is compared by
        itself, so that the loss is the same however many frames are computed at once.
    """
    return kl_per_channel(mu_TNHW, logvar_TNHW).clamp(min=free_nats).sum() / divisor


def _terms(mu: Tensor, logvar: Tensor) -> Tensor:
    return 1 + logvar - mu.square() - logvar.exp()
