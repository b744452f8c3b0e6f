"""Draws the default data set: one dancer on one stage, two choreographies, stick figures as labels.

Lengths are fractions of the dancer's height, and y points down. Angles are in radians; 0 points straight down.
Shapes: T frames, C colours (3), H x W pixels, J joints with their x and y.
"""
# ruff: noqa: N803, N806  shape suffixes

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cvae.data.drawing import capsule, shaded_stage
from cvae.data.video import Dataset, Video

if TYPE_CHECKING:
    from numpy.typing import NDArray

GENERATOR_VERSION = 1
"""Part of the content id. Increase it with every change that changes a pixel."""

FRAMES_AT_ONCE = 64
_STAGE, _TRAIN, _VAL = range(3)
_THIGH, _SHIN, _SPINE, _UPPER_ARM, _FOREARM, _NECK = 0.25, 0.24, 0.29, 0.17, 0.16, 0.13
_HIP_ABOVE_CENTRE, _SHOULDER_WIDTH, _HIP_WIDTH = -0.02, 0.19, 0.11


@dataclass(frozen=True)
class _Part:
    """A stroke between two joints: its radius, its cloth, and its colour in the label."""

    begin: str
    end: str
    radius: float
    cloth: str
    label: tuple[float, float, float]


# In painting order: parts nearer to the viewer come later.
_PARTS = (
    _Part("shoulder_l", "elbow_l", 0.045, "shirt", (1.0, 0.6, 0.0)),
    _Part("elbow_l", "hand_l", 0.038, "skin", (1.0, 1.0, 0.0)),
    _Part("hip_l", "knee_l", 0.060, "trousers", (0.0, 0.4, 1.0)),
    _Part("knee_l", "foot_l", 0.048, "trousers", (0.2, 0.8, 1.0)),
    _Part("hip_r", "knee_r", 0.060, "trousers", (0.5, 0.0, 1.0)),
    _Part("knee_r", "foot_r", 0.048, "trousers", (1.0, 0.3, 1.0)),
    _Part("pelvis", "neck", 0.095, "shirt", (1.0, 1.0, 1.0)),
    _Part("neck", "head", 0.035, "skin", (1.0, 1.0, 1.0)),
    _Part("head", "head", 0.080, "hair", (1.0, 0.0, 0.0)),
    _Part("shoulder_r", "elbow_r", 0.045, "shirt", (0.0, 1.0, 0.0)),
    _Part("elbow_r", "hand_r", 0.038, "skin", (0.6, 1.0, 0.4)),
)


def draw_dataset(*, train_frames: int, val_frames: int, seed: int, height: int, width: int) -> Dataset:
    """Draw both videos: one dancer, one stage, two choreographies. Equal arguments give equal pixels."""
    parameters = {
        "generator": GENERATOR_VERSION,
        "train_frames": train_frames,
        "val_frames": val_frames,
        "seed": seed,
        "size": [height, width],
    }
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    return Dataset(
        train=_draw_video(train_frames, seed, _TRAIN, height, width),
        val=_draw_video(val_frames, seed, _VAL, height, width),
        content_id=f"synthetic-{digest[:12]}",
    )


def _draw_video(num_frames: int, seed: int, choreography: int, height: int, width: int) -> Video:
    stage_CHW, cloths = _stage(np.random.default_rng([seed, _STAGE]), height, width)
    joints = _choreography(np.random.default_rng([seed, choreography]), num_frames, height, width)
    scale = _dancer_height(height, width)
    frames = np.empty((num_frames, 3, height, width), dtype=np.uint8)
    labels = np.empty_like(frames)
    for start in range(0, num_frames, FRAMES_AT_ONCE):
        now = slice(start, start + FRAMES_AT_ONCE)
        count = len(frames[now])
        frame_TCHW = np.repeat(stage_CHW[None], count, axis=0)
        label_TCHW = np.zeros_like(frame_TCHW)
        for part in _PARTS:
            ends = joints[part.begin][now] * scale, joints[part.end][now] * scale
            capsule(frame_TCHW, *ends, radius=part.radius * scale, colour=cloths[part.cloth], shade=0.3)
            thin = max(0.6, (0.7 if part.begin == part.end else 0.3) * part.radius * scale)
            capsule(label_TCHW, *ends, radius=thin, colour=np.array(part.label), shade=0.0)
        frames[now], labels[now] = _bytes(frame_TCHW), _bytes(label_TCHW)
    return Video(frames, labels)


def _dancer_height(height: int, width: int) -> float:
    """The dancer's height in pixels, so that spread arms fit the frame."""
    return min(0.9 * height, 1.1 * width)


def _stage(
    rng: np.random.Generator, height: int, width: int
) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float64]]]:
    """A light stage, and clothes that contrast with it and with each other."""
    stage_CHW = shaded_stage(rng, height, width)
    bright = rng.permutation([rng.uniform(0.75, 0.95), rng.uniform(0.0, 0.15), rng.uniform(0.0, 0.25)])
    dark = rng.uniform(0.02, 0.22, size=3)
    skin = np.array([0.72, 0.50, 0.36]) * rng.uniform(0.5, 1.15)
    return stage_CHW, {
        "shirt": bright,
        "trousers": dark,
        "skin": skin,
        "hair": rng.uniform(0.02, 0.2, size=3),
    }


def _swing(
    rng: np.random.Generator, num_frames: int, *, mean: float, reach: float, period: float
) -> NDArray[np.float64]:
    """A movement that never quite repeats: two sines, one of about `period` frames, up to `reach` around `mean`."""
    t: NDArray[np.float64] = np.arange(num_frames, dtype=np.float64)
    slow, fast = period * rng.uniform(0.85, 1.15), period * rng.uniform(0.45, 0.6)
    phases = rng.uniform(0, 2 * np.pi, size=2)
    wave: NDArray[np.float64] = 0.7 * np.sin(2 * np.pi * t / slow + phases[0]) + 0.3 * np.sin(
        2 * np.pi * t / fast + phases[1]
    )
    return mean + reach * wave


def _choreography(
    rng: np.random.Generator, num_frames: int, height: int, width: int
) -> dict[str, NDArray[np.float64]]:
    """Positions of each joint: [T, 2], x then y from the top left corner, in dancer's heights."""

    def swing(mean: float, reach: float, period: float) -> NDArray[np.float64]:
        return _swing(rng, num_frames, mean=mean, reach=reach, period=period)

    stage_width, stage_height = (size / _dancer_height(height, width) for size in (width, height))
    wander = max(0.08, (stage_width - 0.7) / 2)
    pelvis = np.stack(
        [swing(stage_width / 2, wander, 40), swing(stage_height / 2 + _HIP_ABOVE_CENTRE, 0.05, 14)], axis=1
    )
    lean = swing(np.pi, 0.35, 26)
    neck = _hang(pelvis, lean, _SPINE)
    joints = {"pelvis": pelvis, "neck": neck, "head": _hang(neck, lean + swing(0, 0.3, 15), _NECK)}
    across = np.stack([-np.cos(lean), np.sin(lean)], axis=1)
    for side, sign in (("l", -1.0), ("r", 1.0)):
        shoulder = neck + sign * _SHOULDER_WIDTH / 2 * across
        arm = sign * swing(1.5, 1.2, 18)
        elbow = _hang(shoulder, arm, _UPPER_ARM)
        hip = pelvis + sign * _HIP_WIDTH / 2 * across
        leg = sign * swing(0.3, 0.45, 20)
        knee = _hang(hip, leg, _THIGH)
        joints |= {
            f"shoulder_{side}": shoulder,
            f"elbow_{side}": elbow,
            f"hand_{side}": _hang(elbow, arm + sign * swing(0.5, 0.9, 13), _FOREARM),
            f"hip_{side}": hip,
            f"knee_{side}": knee,
            f"foot_{side}": _hang(knee, leg - sign * swing(0.25, 0.4, 16), _SHIN),
        }
    return joints


def _hang(joint_T2: NDArray[np.float64], angle_T: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """The other end of a limb that starts at a joint; positive angles point to the right."""
    end_T2: NDArray[np.float64] = joint_T2 + length * np.stack([np.sin(angle_T), np.cos(angle_T)], axis=1)
    return end_T2


def _bytes(images_TCHW: NDArray[np.float32]) -> NDArray[np.uint8]:
    values: NDArray[np.uint8] = np.rint(255 * images_TCHW.clip(0, 1)).astype(np.uint8)
    return values
