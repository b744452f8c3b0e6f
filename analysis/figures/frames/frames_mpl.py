"""Draws a picture of frames with matplotlib: all frames in one image, so that pixels stay pixels.

Shapes: K frames side by side, H x W pixels, C colours (3).
"""
# ruff: noqa: N803, N806  shape suffixes

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from analysis.figures.frames.frames_data import written_out
from analysis.figures.mpl import framed, fresh_style, saved
from analysis.figures.words.wrapping import SMALLEST_PT, WIDTH_IN
from analysis.results.pictures.clips import evenly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure
    from matplotlib.figure import SubFigure
    from numpy.typing import NDArray

    from analysis.figures.frames.frames_data import FramesFigure

ERROR_COLORS = "magma_r"
"""From light (none) to dark in even steps of lightness, for colour-blind readers and in grey alike."""
GAP_SHARE = 0.04
"""What stays white between frames, as a share of their height."""
LABEL_COLUMNS, LABEL_IN, FOOT_IN = 14, 0.75, 0.5
MOST_STACKED, FRAMES_BESIDE = 4, 4
"""Of more settings than this errors stand beside predictions, of so many frames: else the figure is taller than a page."""


def frames_images(data: FramesFigure, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same figure gives the same bytes."""
    return saved(lambda: draw_frames(written_out(data)), pdf=pdf)


def draw_frames(data: FramesFigure) -> MplFigure:
    """Draw the truth at the top, and below it the prediction and the error of each setting: below it, or beside it."""
    with mpl.rc_context(fresh_style()):
        beside = len(data.rows) > MOST_STACKED
        count = len(data.truth.frames)
        shown = evenly(count, FRAMES_BESIDE if beside else count)
        names, strips = _rows(data, shown, beside=beside)
        image = np.concatenate(strips)
        height, width, _ = image.shape
        figure, above = framed(data.title, data.notes, (WIDTH_IN - LABEL_IN) * height / width + FOOT_IN)
        ax = above.subplots()
        ax.imshow(image, interpolation="nearest", aspect="equal")
        each_height, each_width = height / len(strips), width / (len(shown) * (1 + beside))
        ax.set_yticks([(row + 0.5) * each_height for row in range(len(names))], names, fontsize=SMALLEST_PT)
        numbers = [str(data.truth.frames[index]) for index in shown] * (1 + beside)
        ax.set_xticks([(column + 0.5) * each_width for column in range(len(numbers))], numbers)
        ax.xaxis.tick_top()
        ax.set_xlabel("frame: prediction on the left, error on the right" if beside else "frame")
        ax.xaxis.set_label_position("top")
        ax.tick_params(length=0, pad=1)
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        _error_bar(data, above, ax)
        return figure


def _rows(data: FramesFigure, shown: list[int], *, beside: bool) -> tuple[list[str], list[NDArray[np.uint8]]]:
    """The name and the image of each row, from the top."""
    colors = mpl.colormaps[ERROR_COLORS]
    truth = _strip(data.truth.truth_KHWC[shown])
    strips = [np.pad(truth, ((0, 0), (0, truth.shape[1]), (0, 0)), constant_values=255) if beside else truth]
    names = ["truth"]
    for row in data.rows:
        error_KHWC = colors(np.clip(row.error_KHW[shown] / data.darkest, 0, 1))[..., :3]
        predicted = _strip(row.clip.predicted_KHWC[shown])
        error = _strip((error_KHWC * 255).round().astype(np.uint8))
        strips += [np.concatenate((predicted, error), axis=1)] if beside else [predicted, error]
        parts = [line for part in row.label.split(", ") for line in textwrap.wrap(f"{part},", LABEL_COLUMNS)]
        names += ["\n".join((*parts, row.score)).rstrip(",\n"), *([] if beside else ["error"])]
    return names, strips


def _error_bar(data: FramesFigure, figure: SubFigure, ax: Axes) -> None:
    """What the colours of errors mean."""
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, data.darkest), mpl.colormaps[ERROR_COLORS]),
        ax=ax,
        orientation="horizontal",
        fraction=0.02,
        pad=0.02,
        aspect=40,
        extend="max",
    )
    bar.ax.xaxis.set_major_locator(MaxNLocator(4))
    bar.set_label("error (share of the pixel range)")
    bar.outline.set_visible(False)


def _strip(frames_KHWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frames side by side with white around each: [H, K W, C]."""
    gap = max(1, round(GAP_SHARE * frames_KHWC.shape[1]))
    framed_KHWC: Sequence[NDArray[np.uint8]] = list(
        np.pad(frames_KHWC, ((0, 0), (0, gap), (0, gap), (0, 0)), constant_values=255)
    )
    return np.concatenate(framed_KHWC, axis=1)
