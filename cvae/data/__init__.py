"""Videos to train on and to validate with: drawn, or read from a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cvae.data.folder import read_folder
from cvae.data.synthetic import draw_dataset
from cvae.data.video import Dataset, Video

if TYPE_CHECKING:
    from cvae.config import TrainConfig

__all__ = ["Dataset", "Video", "load_dataset"]


def load_dataset(config: TrainConfig) -> Dataset:
    """The training and the validation video that `config` asks for, at its frame size.

    Raises:
        DataError: They cannot be had; the text says why.
    """
    data, height, width = config.data, config.frame_H, config.frame_W
    if data.root is not None:
        return read_folder(data.root, height=height, width=width)
    return draw_dataset(
        train_frames=data.train_frames, val_frames=data.val_frames, seed=data.seed, height=height, width=width
    )
