"""A video in memory, and the clips that are cut from it.

Shapes: T frames, C colours (3), H x W pixels.
"""
# ruff: noqa: N803, N806, N815  shape suffixes

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cvae.config import clips_in
from cvae.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from torch import Tensor

    from cvae.config import TrainConfig


@dataclass(frozen=True)
class Video:
    """Frames and labels as bytes; the arrays may be memory maps.

    Attributes:
        frames_TCHW: Pixel values 0 ... 255.
        labels_TCHW: The pose that belongs to each frame, drawn as an image.
    """

    frames_TCHW: NDArray[np.uint8]
    labels_TCHW: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.frames_TCHW)

    def clip(self, start: int, length: int) -> tuple[Tensor, Tensor]:
        """Frames and labels `start` ... `start + length - 1`: [T, 3, H, W] each, values in [0, 1]."""
        return _floats(self.frames_TCHW[start : start + length]), _floats(
            self.labels_TCHW[start : start + length]
        )


@dataclass(frozen=True)
class Dataset:
    """What a run trains on and is validated with.

    Attributes:
        content_id: Short hash of what decides the pixels; equal ids mean equal data.
    """

    train: Video
    val: Video
    content_id: str

    def check(self, config: TrainConfig) -> None:
        """Refuse settings that this data is too short for; nothing is clamped.

        Raises:
            DataError: Too few frames for a batch of clips, or for the validation length.
        """
        for key, share in config.shares().items():
            clips = clips_in(len(self.train), share=share, clip_length=config.train_vi_len)
            if clips < config.batch_size:
                raise DataError(
                    f"{key} {share:g} of {len(self.train)} training frames gives {clips} clips of "
                    f"train_vi_len {config.train_vi_len}: batch_size {config.batch_size} needs at least as many"
                )
        if config.val_vi_len != "all" and config.val_vi_len > len(self.val):
            raise DataError(
                f"val_vi_len is {config.val_vi_len}, but the validation video has {len(self.val)} frames: "
                "set val_vi_len to that or less, or to all"
            )
        if len(self.val) < 2:  # noqa: PLR2004  a first frame and one to predict
            raise DataError(
                "the validation video has 1 frame: at least 2 are needed, the first to predict from"
            )


def describe(dataset: Dataset) -> Mapping[str, object]:
    """Counts and sizes, for a person to read."""
    _, _, H, W = dataset.train.frames_TCHW.shape
    return {"train frames": len(dataset.train), "val frames": len(dataset.val), "size": f"{W} x {H}"}


def _floats(images_TCHW: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images_TCHW.astype(np.float32)) / 255
