"""Reads what runs predicted, as pixels: the last picture of a validation, and the film of it.

The video's trainer hands over `generated+step+EPOCH.png` (rows from the top: label, truth, prediction; at most 8 frames of
the clip, evenly spread, side by side) and `comparison.gif` (the same three side by side, enlarged by a whole factor).

Shapes: K pictured frames, T predicted frames, H x W pixels, C colours (3); bytes 0 ... 255.
"""
# ruff: noqa: N815  shape suffixes

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.results.artifacts import Artifacts
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting
from analysis.results.results import FRAME_PSNR, PSNR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.read.record import Record
    from analysis.results.results import Result, SweepResults

    Pixels = NDArray[np.uint8]

MOST_PICTURED = 10
"""Settings of one figure; of more, those with the highest and the lowest PSNR are shown."""
PICTURED_FRAMES = 8
"""Frames that a trainer's picture has, at most."""
IMAGES, FILM = "images", "comparison.gif"

_PICTURE = re.compile(r"generated[+%]step[+%](\d+)[+%]timestamp[+%](\d+)[+%][^+%]+\.png")


@dataclass(frozen=True, eq=False)
class Clip:
    """What one run predicted at the end of its training.

    Attributes:
        frames: The number of each pictured frame: [K].
        truth_KHWC: The pictured frames as they are.
        predicted_KHWC: The same frames as the run predicts them.
        film_truth_THWC: The film as it is; empty where no film was handed over.
        film_predicted_THWC: The film as the run predicts it.
    """

    frames: tuple[int, ...]
    truth_KHWC: Pixels
    predicted_KHWC: Pixels
    film_truth_THWC: Pixels
    film_predicted_THWC: Pixels


def read_clips(record: Record, sweeps: Sequence[SweepResults]) -> dict[str, Clip]:
    """Return the clips of the runs that are pictured, by run id; a run that left none has none."""
    files = Artifacts(record)
    wanted = [result for sweep in sweeps if sweep.is_scored_by_psnr for result in pictured(sweep).values()]
    clips = {}
    for result in wanted:
        if result.run is not None and (clip := _clip(files, result.run.run_id, result)) is not None:
            clips[result.run.run_id] = clip
    return clips


def pictured(sweep: SweepResults) -> dict[str, Result]:
    """Return one finished run of each setting by its label: of the seed that most settings have.

    Of more than `MOST_PICTURED` settings, the better and the worse half of them, by the last PSNR.
    """
    groups = {
        label: [result for result in results if result.is_whole and FRAME_PSNR in result.curves]
        for label, results in by_setting(sweep.results).items()
    }
    seeds = [result.trial.axes.get(SEED_AXIS) for results in groups.values() for result in results]
    found = {
        label: max(results, key=lambda result: seeds.count(result.trial.axes.get(SEED_AXIS)))
        for label, results in groups.items()
        if results
    }
    if len(found) > MOST_PICTURED:
        ranked = sorted(found, key=lambda label: -(found[label].last(PSNR) or 0.0))
        kept = {*ranked[: MOST_PICTURED // 2], *ranked[-MOST_PICTURED // 2 :]}
        found = {label: result for label, result in found.items() if label in kept}
    return found


def evenly(count: int, most: int) -> list[int]:
    """Return at most `most` of the numbers 0 ... count-1, evenly spread, with the first and the last."""
    kept = min(count, most)
    return [round(index * (count - 1) / max(1, kept - 1)) for index in range(kept)]


def _clip(files: Artifacts, run_id: str, result: Result) -> Clip | None:
    """A clip, where what lies there is what the trainer of the video hands over; anybody may name files so."""
    steps = result.curves[FRAME_PSNR].steps
    frames = tuple(steps[index] for index in evenly(len(steps), PICTURED_FRAMES))
    shown = len(frames)
    named = [match for name in files.names(run_id, IMAGES) if (match := _PICTURE.fullmatch(name))]
    if not named:
        return None
    last = max(named, key=lambda match: (int(match[1]), int(match[2])))
    picture = _pixels(files.content(run_id, f"{IMAGES}/{last[0]}"))
    if not len(picture) or picture.shape[1] % 3 or picture.shape[2] % shown:
        return None
    H, W = picture.shape[1] // 3, picture.shape[2] // shown  # noqa: N806
    _, truth, predicted = picture[0].reshape(3, H, shown, W, 3).transpose(0, 2, 1, 3, 4)
    film = _pixels(files.content(run_id, FILM))
    scale = film.shape[1] // H
    if not scale or film.shape[1:3] != (scale * H, scale * 3 * W):
        film = np.empty((0, H, 3 * W, 3), np.uint8)
    film = film[:, ::scale, ::scale] if scale else film
    return Clip(frames, truth, predicted, film[:, :, W : 2 * W], film[:, :, 2 * W :])


def _pixels(content: bytes) -> Pixels:
    """The images of a file: [T, H, W, C]; none where it is no image that can be read, or they differ in size."""
    from PIL import Image, ImageSequence

    try:
        with Image.open(io.BytesIO(content)) as image:
            return np.stack([np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)])
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return np.empty((0, 0, 0, 3), np.uint8)
