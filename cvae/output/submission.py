"""Predicts the test sequences: writes the lab's CSV and one GIF for each sequence.

Shapes: T frames, C colours (3), H x W pixels.
"""
# ruff: noqa: N803, N806  shape suffixes

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from cvae.compute.randomness import generator
from cvae.data.video import floats
from cvae.errors import CvaeError
from cvae.evaluate import rollout
from cvae.output.artifacts import write_gif

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from cvae.data.folder import UnseenVideo
    from cvae.model import VideoCVAE


def write_submission(model: VideoCVAE, videos: Sequence[UnseenVideo], out: Path, *, seed: int) -> Path:
    """Predict each sequence from its first frame and its labels.

    `out/submission.csv` has the columns id, 0 ... 3HW-1 and a row for each frame, one sequence after another.
    Ids count from 0 over all sequences; frame 0 of a sequence is the given frame. A value is rint(255 * x) of the
    [C, H, W] tensor. Values are not clamped and can lie slightly outside 0 ... 255, as in the lab's files.
    `out/sequence_K.gif` shows sequence K.

    Args:
        model: The network, on the device to compute on.
        videos: The sequences; all frames have the same size.
        out: Directory to write to; created if it is missing.
        seed: Seed of the draws of z; each sequence has its own draws.

    Returns:
        The path of the CSV.

    Raises:
        CvaeError: A prediction is NaN or infinite.
    """
    device = next(model.parameters()).device
    out.mkdir(parents=True, exist_ok=True)
    path = out / "submission.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", *range(videos[0].first_frame.size)])
        row = 0
        for video in videos:
            generated_TCHW = rollout(
                model,
                floats(video.first_frame[None]).to(device),
                floats(video.labels[None]).to(device),
                generator=generator(seed, "test", video.number),
            )[0].cpu()
            if not generated_TCHW.isfinite().all():
                raise CvaeError(f"test sequence {video.number}: the prediction is not finite")
            for values in _rows(generated_TCHW):
                table.writerow([row, *values])
                row += 1
            write_gif(out / f"sequence_{video.number}.gif", generated_TCHW)
    return path


def _rows(frames_TCHW: Tensor) -> Iterator[list[int]]:
    for frame_CHW in frames_TCHW:
        yield (255 * frame_CHW).round().long().flatten().tolist()
