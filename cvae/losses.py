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
    terms = 1 + logvar_TNHW - mu_TNHW.square() - logvar_TNHW.exp()
    return -0.5 * terms.sum() / divisor
