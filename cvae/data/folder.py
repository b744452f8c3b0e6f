"""Frames and labels from images on disk, in the lab's layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cvae.errors import DataError

if TYPE_CHECKING:
    from cvae.data.video import Dataset


def read_folder(root: str, *, height: int, width: int) -> Dataset:
    """Read the training and validation videos below `root`."""
    raise DataError(f"{root}: reading {width} x {height} frames from a folder is still to come")
