"""Reads frames and labels from images on disk, in the lab's layout.

    ROOT/train/train_img/N.png   ROOT/train/train_label/N.png      the same below val
    ROOT/test/test_img/K/N.png   ROOT/test/test_label/K/N.png

N is the number in the file name, optionally after `frame`. Frames are sorted by it; it may start anywhere. Images may
have any size, but all images of a split have the same; they are resized to the size asked for (bilinear).

Shapes: T frames, C colours (3), H x W pixels.
"""
# ruff: noqa: N803, N806  shape suffixes

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cvae.data.cache import cached, image_errors
from cvae.data.video import Dataset, Video
from cvae.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
SPLITS = ("train", "val")

_NAME = re.compile(r"(?:frame)?[ _-]?(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class FrameFiles:
    """The image files of one video, in order; each frame has a label."""

    frames: tuple[Path, ...]
    labels: tuple[Path, ...]


def read_folder(root: str | Path, *, height: int, width: int) -> Dataset:
    """Read the training and the validation video below `root`; they are decoded once and then cached.

    Raises:
        DataError: A file is missing or unreadable, or does not match the others; the text names it.
    """
    base = Path(root).expanduser()
    if not base.is_dir():
        raise DataError(f"data.root: there is no directory {base}")
    files = {split: find_frames(base, split) for split in SPLITS}
    groups = {
        f"{split}-{kind}": paths
        for split, found in files.items()
        for kind, paths in (("frames", found.frames), ("labels", found.labels))
    }

    def decode(name: str, out_TCHW: NDArray[np.uint8]) -> None:
        size = _size_of(files[name.split("-", maxsplit=1)[0]].frames[0])
        for path, out_CHW in zip(groups[name], out_TCHW, strict=True):
            out_CHW[...] = read_image(path, height=height, width=width, expected=size)

    arrays, content_id = cached(groups, decode, height=height, width=width)
    train, val = (Video(arrays[f"{split}-frames"], arrays[f"{split}-labels"]) for split in SPLITS)
    return Dataset(train=train, val=val, content_id=content_id)


def find_frames(base: Path, split: str) -> FrameFiles:
    """Find the frames of a split and the label of each.

    Raises:
        DataError: A directory, a frame or a label is missing, or a number is missing or stands twice.
    """
    frames = numbered_images(base / split / f"{split}_img")
    labels = numbered_images(base / split / f"{split}_label")
    _refuse_gaps(frames, base / split / f"{split}_img")
    if missing := sorted(frames.keys() - labels.keys()):
        raise DataError(
            f"label missing for frame {missing[0]} ({len(missing)} in all): {base / split}/{split}_label"
        )
    if missing := sorted(labels.keys() - frames.keys()):
        raise DataError(
            f"frame missing for label {missing[0]} ({len(missing)} in all): {base / split}/{split}_img"
        )
    order = sorted(frames)
    return FrameFiles(tuple(frames[n] for n in order), tuple(labels[n] for n in order))


def numbered_images(directory: Path) -> dict[int, Path]:
    """Find the images of a directory by the number in their names; other files are ignored.

    Raises:
        DataError: The directory is missing or has no images; or a name has no number, or the number of another.
    """
    if not directory.is_dir():
        raise DataError(f"there is no directory {directory}")
    images: dict[int, Path] = {}
    for path in sorted(directory.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        match = _NAME.fullmatch(path.stem)
        if match is None:
            raise DataError(f"{path}: no frame number in the name; names are like 12.png or frame12.png")
        number = int(match.group(1))
        if number in images:
            raise DataError(f"{path} and {images[number].name} are both frame {number}")
        images[number] = path
    if not images:
        raise DataError(f"there are no images ({', '.join(SUFFIXES)}) in {directory}")
    return images


def _refuse_gaps(images: dict[int, Path], directory: Path) -> None:
    """Refuse missing numbers, at which the video would jump unnoticed."""
    first, last = min(images), max(images)
    if last - first + 1 != len(images):
        gap = next(number for number in range(first, last) if number not in images)
        raise DataError(f"frame {gap} is missing between frames {first} and {last} in {directory}")


def read_image(
    path: Path, *, height: int, width: int, expected: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """Read one image, which has to be `expected` wide and high if that is given, as RGB bytes [C, H, W], resized if it has another size.

    Raises:
        DataError: The file cannot be read or has another size than `expected`.
    """
    with image_errors(path), Image.open(path) as image:
        if expected is not None and image.size != expected:
            raise DataError(
                f"sizes differ: {path} is {image.width} x {image.height}, the first frame of its split "
                f"{expected[0]} x {expected[1]}"
            )
        colours = image.convert("RGB")
    if colours.size != (width, height):
        colours = colours.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(colours, dtype=np.uint8).transpose(2, 0, 1)


def _size_of(path: Path) -> tuple[int, int]:
    with image_errors(path), Image.open(path) as image:
        return image.size


@dataclass(frozen=True)
class UnseenVideo:
    """A sequence to predict: its first frame [C, H, W] and all its labels [T, C, H, W], as bytes."""

    number: int
    first_frame: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def read_test_videos(root: str | Path, *, height: int, width: int) -> Sequence[UnseenVideo]:
    """Read all sequences below ROOT/test, in the order of their numbers.

    Raises:
        DataError: A directory or an image is missing or unreadable, or an image has another size.
    """
    base = Path(root).expanduser() / "test"
    images = base / "test_img"
    if not images.is_dir():
        raise DataError(f"there is no directory {images}")
    numbers = sorted(int(path.name) for path in images.iterdir() if path.is_dir() and path.name.isdecimal())
    if not numbers:
        raise DataError(f"there are no sequences (directories 0, 1, ...) in {images}")
    sequences = []
    for number in numbers:
        frames = numbered_images(images / str(number))
        labels = numbered_images(base / "test_label" / str(number))
        _refuse_gaps(labels, base / "test_label" / str(number))
        first = frames[min(frames)]
        size = _size_of(first)
        decoded = [read_image(labels[n], height=height, width=width, expected=size) for n in sorted(labels)]
        first_frame = read_image(first, height=height, width=width)
        sequences.append(UnseenVideo(number, first_frame, np.stack(decoded)))
    return sequences
