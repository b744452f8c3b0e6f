"""Loads the videos to train on and to validate with: drawn, or read from a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cvae.data.folder import read_folder
from cvae.data.synthetic import draw_dataset
from cvae.data.video import Dataset, Video
from cvae.errors import DataError

if TYPE_CHECKING:
    from cvae.config import DataConfig, TrainConfig

__all__ = ["Dataset", "Video", "load_dataset", "load_videos"]


def load_dataset(config: TrainConfig) -> Dataset:
    """Load the training and the validation video that `config` describes, at its frame size.

    Raises:
        DataError: They cannot be read, or are too short for `config`; the text says why.
    """
    dataset = load_videos(config.data, height=config.frame_H, width=config.frame_W)
    problem = config.length_problem(train_frames=len(dataset.train), val_frames=len(dataset.val))
    if problem is not None:
        raise DataError(problem)
    return dataset


def load_videos(data: DataConfig, *, height: int, width: int) -> Dataset:
    """Load both videos, whatever their length.

    Raises:
        DataError: They cannot be read; the text says why.
    """
    if data.root is not None:
        return read_folder(data.root, height=height, width=width)
    return draw_dataset(
        train_frames=data.train_frames, val_frames=data.val_frames, seed=data.seed, height=height, width=width
    )
