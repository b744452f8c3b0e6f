"""Computes what a picture of frames shows: the truth, and each setting's prediction and error at the same frames.

Shapes: K pictured frames, T frames of the film, H x W pixels, C colours (3); bytes 0 ... 255.
"""
# ruff: noqa: N815  shape suffixes

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.figures.figure_data import OfResults
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting
from analysis.results.pictures.clips import pictured
from analysis.results.results import FRAME_PSNR, PSNR, Result
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from analysis.results.pictures.clips import Clip, Pixels
    from analysis.results.results import SweepResults

ERROR_SHARE = 0.99
"""The darkest colour of an error is that which this share of all pixels stays below: a few would make the others pale."""
ERROR_STEP = 0.05
"""It is a multiple of this share of the range."""


@dataclass(frozen=True, eq=False)
class FrameRow:
    """One setting of a picture.

    Attributes:
        label: What the setting is called.
        score: The mean PSNR of all frames; empty where it is not known.
        clip: What its run predicts.
        error_KHW: Absolute difference from the truth, the mean over colours, as a share of the range: 0 ... 1.
    """

    label: str
    score: str
    clip: Clip
    error_KHW: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FramesFigure(OfResults):
    """One picture of frames and its film; other attributes are those of `FigureData`.

    Attributes:
        truth: The run whose truth is shown: the same for all rows.
        rows: The settings.
        darkest: The error that has the darkest colour.
    """

    path: str
    title: str
    truth: Clip
    rows: tuple[FrameRow, ...]
    darkest: float
    notes: tuple[str, ...]
    keys: tuple[str, ...]
    results: tuple[Result, ...]

    @property
    def film_path(self) -> str:
        """Where the film lies; empty where no run handed one over."""
        return f"{self.path.removesuffix('.png')}.webp" if self.films else ""

    @property
    def films(self) -> tuple[tuple[str, Pixels], ...]:
        """The truth and the predictions of all frames, each under its name: [T, H, W, C]; none where one is missing."""
        shown = [("truth", self.truth.film_truth_THWC)]
        shown += [(f"{row.label}: {row.score}", row.clip.film_predicted_THWC) for row in self.rows]
        return tuple(shown) if len({film.shape for _, film in shown}) == 1 and len(shown[0][1]) else ()

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and pixels; the pixels as their hash."""
        pixels = hashlib.sha256(self.truth.truth_KHWC.tobytes())
        for _, film in self.films:
            pixels.update(film.tobytes())
        for row in self.rows:
            pixels.update(row.clip.predicted_KHWC.tobytes())
        return {
            "title": self.title,
            "frames": self.truth.frames,
            "rows": [(row.label, row.score) for row in self.rows],
            "darkest": self.darkest,
            "pixels": pixels.hexdigest(),
            "notes": self.notes,
            "keys": self.keys,
        }


def frames_figures(sweep: SweepResults, path: str, clips: Mapping[str, Clip]) -> list[FramesFigure]:
    """Return the picture of a sweep's frames; none where no run left any."""
    found = {
        label: (result, clips[result.run.run_id])
        for label, result in pictured(sweep).items()
        if result.run is not None and result.run.run_id in clips
    }
    if not found:
        return []
    (_, truth), *_ = found.values()
    same = {label: one for label, one in found.items() if _is_of(one[1], truth)}
    rows = tuple(
        FrameRow(label, _score(result), clip, _error(clip)) for label, (result, clip) in same.items()
    )
    results = tuple(result for result, _ in same.values())
    return [
        FramesFigure(
            path,
            "Truth, prediction and error at the same frames",
            truth,
            rows,
            _darkest(rows),
            tuple(_notes(sweep, results, [label for label in found if label not in same])),
            (PSNR, FRAME_PSNR),
            results,
        )
    ]


def written_out(data: FramesFigure) -> FramesFigure:
    """Return a picture in whose words is written out what no font draws, and no file takes."""
    rows = tuple(replace(row, label=visible(row.label)) for row in data.rows)
    return replace(data, title=visible(data.title), notes=tuple(map(visible, data.notes)), rows=rows)


def _is_of(clip: Clip, truth: Clip) -> bool:
    return clip.frames == truth.frames and np.array_equal(clip.truth_KHWC, truth.truth_KHWC)


def _score(result: Result) -> str:
    psnr_db = result.last(PSNR)
    return f"{psnr_db:.2f} dB" if psnr_db is not None and math.isfinite(psnr_db) else ""


def _error(clip: Clip) -> NDArray[np.float32]:
    difference = clip.predicted_KHWC.astype(np.float32) - clip.truth_KHWC.astype(np.float32)
    error: NDArray[np.float32] = np.abs(difference).mean(axis=-1) / np.float32(255)
    return error


def _darkest(rows: tuple[FrameRow, ...]) -> float:
    high = max(float(np.quantile(row.error_KHW, ERROR_SHARE)) for row in rows)
    return round(max(1, math.ceil(round(high / ERROR_STEP, 3))) * ERROR_STEP, 2)


def _notes(sweep: SweepResults, results: tuple[Result, ...], of_others: list[str]) -> list[str]:
    seeds = list(
        dict.fromkeys(result.trial.axes[SEED_AXIS] for result in results if SEED_AXIS in result.trial.axes)
    )
    words = [
        "error: the absolute difference from the truth, mean over colours",
        "each frame is predicted from the predicted frame before it; dB: the mean PSNR of all frames",
    ]
    if seeds:
        words.append(f"shown of the repeats: seed {', '.join(map(str, seeds))}")
    if of_others:
        words.append(f"not shown, as they predict another video: {', '.join(of_others)}")
    if missing := len(by_setting(sweep.results)) - len(results) - len(of_others):
        many = "setting" if missing == 1 else "settings"
        words.append(
            f"not shown: {missing} other {many}, unfinished, without pictures, or between best and worst"
        )
    return words
