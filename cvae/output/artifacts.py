"""Writes files that show a rollout: PSNR per frame as CSV, the video as GIF.

Shapes: T frames, C colours (3), H x W pixels; values are clamped to [0, 1].
"""
# ruff: noqa: N803  shape suffixes

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from cvae.evaluate import Reference, Score

FRAMES_PER_S = 20
COMPARISON_HEIGHT = 128
"""`comparison.gif` is enlarged by a whole factor, at most to this height in pixels."""

PICTURED_EPOCHS = 6
"""At most so many epochs of a run have a picture."""
PICTURED_FRAMES = 8
"""At most so many frames of the validation video are in one picture."""


def write_psnr_csv(path: Path, score: Score) -> None:
    """Write the columns frame, psnr, psnr_copy_first (dB): a row for each predicted frame, counted from 1."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["frame", "psnr", "psnr_copy_first"])
        rows = zip(score.psnr_db.tolist(), score.copy_first_db.tolist(), strict=True)
        table.writerows([frame, psnr, copied] for frame, (psnr, copied) in enumerate(rows, start=1))


def write_gif(path: Path, frames_TCHW: Tensor) -> None:
    """Write the frames as a GIF that loops, at their own size and `FRAMES_PER_S`."""
    _write_gif(path, _pixels(frames_TCHW), scale=1)


def write_comparison_gif(path: Path, generated_TCHW: Tensor, reference: Reference) -> None:
    """Write label, truth and prediction side by side as an enlarged GIF, predicted frames only."""
    columns = (reference.labels_TCHW[1:], reference.frames_TCHW[1:], generated_TCHW[1:])
    side_by_side = np.concatenate([_pixels(column) for column in columns], axis=2)
    _write_gif(path, side_by_side, scale=max(1, COMPARISON_HEIGHT // side_by_side.shape[1]))


def is_pictured(epoch: int, num_epoch: int) -> bool:
    """Whether an epoch has a picture: the first, the last, and some evenly between them have."""
    return epoch in _spread(num_epoch, PICTURED_EPOCHS)


def write_picture(path: Path, generated_TCHW: Tensor, reference: Reference) -> None:
    """Write frames from the whole clip side by side as PNG; from the top: label, truth, prediction."""
    clips = (reference.labels_TCHW[1:], reference.frames_TCHW[1:], generated_TCHW[1:])
    shown = _spread(len(generated_TCHW) - 1, PICTURED_FRAMES)
    rows = [np.concatenate(list(_pixels(clip[shown])), axis=1) for clip in clips]
    Image.fromarray(np.concatenate(rows, axis=0)).save(path)


def _spread(count: int, most: int) -> list[int]:
    """At most `most` of the numbers 0 ... count-1, evenly spread, with the first and the last."""
    kept = min(count, most)
    return [round(index * (count - 1) / max(1, kept - 1)) for index in range(kept)]


def _pixels(frames_TCHW: Tensor) -> NDArray[np.uint8]:
    """Bytes [T, H, W, 3]; NaN becomes 0."""
    clamped = frames_TCHW.detach().cpu().nan_to_num(nan=0.0).clamp(0, 1)
    pixels: NDArray[np.uint8] = (clamped * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return pixels


def _write_gif(path: Path, pixels_THWC: NDArray[np.uint8], *, scale: int) -> None:
    images = [Image.fromarray(pixels).quantize(256, dither=Image.Dither.NONE) for pixels in pixels_THWC]
    size = images[0].width * scale, images[0].height * scale
    first, *rest = (image.resize(size, Image.Resampling.NEAREST) for image in images)
    first.save(path, save_all=True, append_images=rest, duration=1000 // FRAMES_PER_S, loop=0)
