"""Predicts videos and scores them: rollout, PSNR, and the score of repeating the first frame.

Shapes: B videos, T frames, C colours, N channels of z, H x W pixels. Pixel values lie in [0, 1]; generated
frames are not clamped. PSNR is in dB at data range 1.
"""
# ruff: noqa: N803, N806, N815  shape suffixes

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch

from cvae.compute.device import autocast
from cvae.compute.memory import keep_freed_memory, sent, time_major
from cvae.errors import ShapeError
from cvae.model import VideoCVAE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from cvae.compute.device import Precision

MSE_LIMITS = (1e-10, 1e10)
"""The squared error of a frame is clamped to this range, so that PSNR is between -100 and 100 dB, never inf or
NaN: a perfect frame has 100 dB, and one that overflowed, as an untrained network's rollout can, has -100 dB."""

FOREGROUND_THRESHOLD = 0.1
"""A pixel counts as moving where a colour differs by more than this from its median over the clip."""

LABELS_AT_ONCE = 32
"""Labels of so many frames are computed together: this limits the memory for a long video."""


class Predict(Protocol):
    """Predicts the frames of one rollout after another."""

    def begin(self) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        """What does as `model.predict` for a rollout that begins now, with the weights of now.

        Each call of it may overwrite the frame of the one before.
        """


def rollout(
    model: VideoCVAE,
    first_frame_BCHW: Tensor,
    labels_BTCHW: Tensor,
    *,
    noise_BTNHW: Tensor | None = None,
    generator: torch.Generator | None = None,
    precision: Precision = "fp32",
    on_frame: Callable[[], None] | None = None,
    predict: Predict | None = None,
) -> Tensor:
    """Predict a video from its first frame and all its labels; each frame from the predicted frame before it.

    Args:
        model: The network.
        first_frame_BCHW: Frame 0.
        labels_BTCHW: Labels of frames 0 ... T-1; that of frame 0 is not used.
        noise_BTNHW: z of the T-1 predicted frames; None: drawn from N(0, 1).
        generator: CPU generator for the draws; None: the global one.
        precision: Precision of convolutions and matrix products.
        on_frame: Called before each predicted frame; may raise to end the rollout.
        predict: Predicts frames, such as by a recording; None: `model.predict` does.

    Returns:
        [B, T, C, H, W] on the device of the labels; frame 0 is the given one.

    Raises:
        ShapeError: The shapes do not match each other.
    """
    B, T, _, H, W = labels_BTCHW.shape
    if first_frame_BCHW.shape != (B, 3, H, W) or (
        noise_BTNHW is not None and noise_BTNHW.shape != (B, T - 1, model.N_dim, H, W)
    ):
        noise = "" if noise_BTNHW is None else f" and noise {list(noise_BTNHW.shape)}"
        raise ShapeError(
            f"labels {list(labels_BTCHW.shape)} do not fit first frame {list(first_frame_BCHW.shape)}{noise}: "
            f"a rollout takes [B, T, 3, H, W], [B, 3, H, W] and [B, T-1, {model.N_dim}, H, W]"
        )
    keep_freed_memory()
    device, dtype = labels_BTCHW.device, labels_BTCHW.dtype
    predict_frame = predict.begin() if predict else model.predict
    frame_BCHW = first_frame_BCHW.contiguous(memory_format=model.layout)
    frames = [frame_BCHW]
    with torch.no_grad(), autocast(device, precision):
        for t, label_BLHW in enumerate(_label_features(model, labels_BTCHW)):
            if on_frame is not None:
                on_frame()
            if noise_BTNHW is None:
                z_BNHW = sent(torch.randn(B, model.N_dim, H, W, generator=generator, dtype=dtype), device)
            else:
                z_BNHW = noise_BTNHW[:, t]
            generated_BCHW = predict_frame(frame_BCHW, label_BLHW, z_BNHW)
            frame_BCHW = generated_BCHW.to(dtype, copy=True)  # a CUDA graph overwrites its last output
            frames.append(frame_BCHW)
    return torch.stack(frames, dim=1)


def _label_features(model: VideoCVAE, labels_BTCHW: Tensor) -> Iterator[Tensor]:
    """Features [B, L, H, W] of the labels of frames 1 ... T-1, a few frames encoded at a time."""
    for chunk_BTCHW in torch.split(labels_BTCHW[:, 1:], LABELS_AT_ONCE, dim=1):
        # the method, not its compiled version, which would be compiled again for these shapes
        features = VideoCVAE.encode_label(model, time_major(chunk_BTCHW, model.layout))
        yield from torch.split(features, len(labels_BTCHW))


def psnr_per_frame(generated_TCHW: Tensor, truth_TCHW: Tensor) -> Tensor:
    """Compute the PSNR of each frame in dB, between -100 and 100 (see `MSE_LIMITS`): [..., C, H, W] -> [...].

    Source:
        10 log10(1 / MSE), the mean taken over colours and pixels.
    """
    return _psnr_db((generated_TCHW - truth_TCHW).square().mean(dim=(-3, -2, -1)))


def copy_first_baseline(truth_TCHW: Tensor) -> Tensor:
    """Compute the PSNR in dB of repeating frame 0 as frames 1 ... T-1: [T-1]."""
    return psnr_per_frame(truth_TCHW[:1], truth_TCHW[1:])


def foreground_mask(truth_TCHW: Tensor) -> Tensor:
    """Find the pixels that show something moving, in each frame: [T, H, W], boolean.

    A pixel of a frame is foreground if one of its colours differs by more than `FOREGROUND_THRESHOLD` from the
    median of that pixel over all T frames of the clip. (Of an even number of values, the median is the lower middle
    one.)
    """
    median_1CHW = truth_TCHW.median(dim=0, keepdim=True).values
    return (truth_TCHW - median_1CHW).abs().amax(dim=1) > FOREGROUND_THRESHOLD


def foreground_psnr(generated_TCHW: Tensor, truth_TCHW: Tensor, mask_THW: Tensor) -> float:
    """Compute the PSNR in dB on the foreground, the error of a frame being the mean over its foreground pixels.

    The result is the mean over the frames with foreground pixels. If no frame has any, all pixels count, so that a clip
    without motion has a score.
    """
    if not mask_THW.any():
        return float(psnr_per_frame(generated_TCHW, truth_TCHW).mean())
    error_THW = (generated_TCHW - truth_TCHW).square().mean(dim=1)
    seen = mask_THW.any(dim=(1, 2))
    pixels_T = mask_THW.sum(dim=(1, 2))[seen]
    return float(_psnr_db((torch.where(mask_THW, error_THW, 0.0).sum(dim=(1, 2))[seen]) / pixels_T).mean())


def _psnr_db(mse: Tensor) -> Tensor:
    return -10 * _within_limits(mse).log10()


def _within_limits(mse: Tensor) -> Tensor:
    low, high = MSE_LIMITS
    return mse.nan_to_num(nan=high, posinf=high).clamp(low, high)


@dataclass(frozen=True)
class Reference:
    """The validation clip, with everything that is the same in all epochs.

    Attributes:
        frames_TCHW: The true frames.
        labels_TCHW: Their labels.
        foreground_THW: Foreground of frames 1 ... T-1, with the median over all T.
        copy_first_db: PSNR of repeating frame 0 as frames 1 ... T-1.
    """

    frames_TCHW: Tensor
    labels_TCHW: Tensor
    foreground_THW: Tensor
    copy_first_db: Tensor

    @classmethod
    def of(cls, frames_TCHW: Tensor, labels_TCHW: Tensor) -> Reference:
        """Make the reference of a clip."""
        mask_THW = foreground_mask(frames_TCHW)[1:]
        return cls(frames_TCHW, labels_TCHW, mask_THW, copy_first_baseline(frames_TCHW))

    def on(self, device: torch.device) -> Reference:
        """The same on a device. It is made on the CPU, so that no device's arithmetic decides what counts as moving."""
        frames_TCHW, labels_TCHW = self.frames_TCHW.to(device), self.labels_TCHW.to(device)
        return Reference(
            frames_TCHW, labels_TCHW, self.foreground_THW.to(device), self.copy_first_db.to(device)
        )


@dataclass(frozen=True)
class Score:
    """A rollout compared with the truth, frames 1 ... T-1.

    Attributes:
        mse: Squared error, mean over frames (each clamped to `MSE_LIMITS`).
        psnr_db: PSNR of each frame: [T-1].
        psnr_foreground: `foreground_psnr`, in dB.
        copy_first_db: PSNR of repeating frame 0: [T-1].
    """

    mse: float
    psnr_db: Tensor
    psnr_foreground: float
    copy_first_db: Tensor

    @classmethod
    def of(cls, generated_TCHW: Tensor, reference: Reference) -> Score:
        """Score a rollout; it includes frame 0."""
        generated, truth = generated_TCHW[1:], reference.frames_TCHW[1:]
        mse_T = _within_limits((generated - truth).square().mean(dim=(1, 2, 3)))
        return cls(
            mse=float(mse_T.double().mean()),
            psnr_db=psnr_per_frame(generated, truth),
            psnr_foreground=foreground_psnr(generated, truth, reference.foreground_THW),
            copy_first_db=reference.copy_first_db,
        )

    @property
    def psnr(self) -> float:
        """Mean PSNR over the predicted frames, in dB: the score of the report."""
        return float(self.psnr_db.mean())

    @property
    def psnr_copy_first(self) -> float:
        """Mean PSNR of repeating frame 0, in dB."""
        return float(self.copy_first_db.mean())
