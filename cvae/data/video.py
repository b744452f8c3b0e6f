"""Holds a video as bytes and cuts clips of floats from it.

Shapes: T frames, C colours (3), H x W pixels.
"""
# ruff: noqa: N803, N806, N815  shape suffixes

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from cvae.compute.memory import sent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass(frozen=True)
class Video:
    """Frames and labels as bytes; the arrays may be memory maps.

    Attributes:
        frames_TCHW: Pixel values 0 ... 255.
        labels_TCHW: The pose of each frame, drawn as an image.
    """

    frames_TCHW: NDArray[np.uint8]
    labels_TCHW: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.frames_TCHW)

    def clip(self, start: int, length: int) -> tuple[Tensor, Tensor]:
        """Cut out frames and labels `start` ... `start + length - 1`: [T, 3, H, W] each, values in [0, 1]."""
        return floats(self.frames_TCHW[start : start + length]), floats(
            self.labels_TCHW[start : start + length]
        )

    def clip_on(self, device: torch.device, start: int, length: int) -> tuple[Tensor, Tensor]:
        """Do as `clip`, on a device, with the same bits. The copy to a GPU is from pinned memory and asynchronous."""
        if device.type == "cpu":
            return self.clip(start, length)
        stop = start + length
        frames_TCHW, labels_TCHW = (
            floats_of_tensor(sent(torch.tensor(images[start:stop]), device))
            for images in (self.frames_TCHW, self.labels_TCHW)
        )
        return frames_TCHW, labels_TCHW


@dataclass(frozen=True)
class Dataset:
    """The data of a run.

    Attributes:
        train: The video to train on.
        val: The video to validate with.
        content_id: Short hash of all that decides the pixels: equal ids mean equal data.
    """

    train: Video
    val: Video
    content_id: str


def floats(images_TCHW: NDArray[np.uint8]) -> Tensor:
    """Turn bytes 0 ... 255 into fp32 values in [0, 1]."""
    return torch.from_numpy(np.divide(images_TCHW, 255, dtype=np.float32))


def floats_of_tensor(images_TCHW: Tensor) -> Tensor:
    """Do as `floats`, on the tensor's device, with the same bits.

    A GPU divides by a number as it multiplies by the reciprocal, which differs in the last bit. So each byte's value is
    looked up in a table that the CPU has computed.
    """
    return _values_on(images_TCHW.device)[images_TCHW.int()]


@cache
def _values_on(device: torch.device) -> Tensor:
    """The value of each byte: [256]."""
    return floats(np.arange(256, dtype=np.uint8)).to(device)
