"""Draws anti-aliased shapes into stacks of images.

Shapes: T images, C colours (3), H x W pixels. Lengths are in pixels; pixel (0, 0) covers 0 ... 1 in x and y.
"""
# ruff: noqa: N803, N806  shape suffixes

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def capsule(
    images_TCHW: NDArray[np.float32],
    begin_T2: NDArray[np.float64],
    end_T2: NDArray[np.float64],
    *,
    radius: float,
    colour: NDArray[np.float64],
    shade: float,
) -> None:
    """Paint a stroke with round ends into each image, from `begin` to `end` (x, y); equal ends make a disc.

    Args:
        images_TCHW: Painted in place.
        begin_T2: One end of the stroke in each image.
        end_T2: The other end.
        radius: Half the width of the stroke.
        colour: Colour of the middle line, values in [0, 1].
        shade: How much darker the edge is, as a share of the colour.
    """
    _, _, H, W = images_TCHW.shape
    x_W, y_H1 = np.arange(W, dtype=np.float32) + 0.5, np.arange(H, dtype=np.float32)[:, None] + 0.5
    from_x, from_y = (begin_T2.T[:, :, None, None]).astype(np.float32)
    along_x, along_y = ((end_T2 - begin_T2).T[:, :, None, None]).astype(np.float32)
    across_x, across_y = x_W - from_x, y_H1 - from_y
    length_squared = np.maximum(along_x**2 + along_y**2, np.float32(1e-6))
    share = np.clip((across_x * along_x + across_y * along_y) / length_squared, 0, 1)
    distance_THW = np.sqrt((across_x - share * along_x) ** 2 + (across_y - share * along_y) ** 2)
    cover_T1HW = np.clip(np.float32(radius + 0.5) - distance_THW, 0, 1)[:, None]
    lit_T1HW = 1 - np.float32(shade) * np.clip(distance_THW / np.float32(radius), 0, 1)[:, None] ** 2
    paint_TCHW = lit_T1HW * colour.astype(np.float32)[:, None, None]
    images_TCHW += cover_T1HW * (paint_TCHW - images_TCHW)


def shaded_stage(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float32]:
    """Draw a light wall above a floor, lit from one side and darker towards the corners: [3, H, W] in [0, 1]."""
    y_H1, x_1W = np.mgrid[0:height, 0:1], np.mgrid[0:1, 0:width]
    down = (y_H1[0] + 0.5) / height
    right = (x_1W[1] + 0.5) / width
    wall, floor = rng.uniform(0.75, 0.95, size=(3, 1, 1)), rng.uniform(0.5, 0.72, size=(3, 1, 1))
    edge = np.clip((down - rng.uniform(0.74, 0.8)) * height + 0.5, 0, 1)
    light = 1 - 0.16 * np.abs(right - rng.uniform(0.2, 0.8)) - 0.25 * ((right - 0.5) ** 2 + (down - 0.5) ** 2)
    stage: NDArray[np.float64] = ((1 - edge) * wall + edge * floor) * light
    return stage.astype(np.float32)
