"""What can go wrong, as one tree: whoever runs the trainer catches `CvaeError` and prints it."""

from __future__ import annotations


class CvaeError(Exception):
    """Base of every error that this package raises on purpose; its text says what to do."""


class ConfigError(CvaeError):
    """A setting that does not fit: its type, its range, or another setting beside it."""


class DataError(CvaeError):
    """The frames or labels are not there, not readable, or not enough."""


class CacheError(DataError):
    """The decoded frames cannot be written to, or read from, the cache directory."""


class CheckpointError(CvaeError):
    """A checkpoint cannot be written, is damaged, or belongs to another configuration."""


class DeviceError(CvaeError):
    """The device or the precision asked for does not exist on this machine."""


class ShapeError(CvaeError):
    """Tensors that were handed in do not fit each other."""


class NonFiniteLossError(CvaeError):
    """The loss is NaN or infinite.

    Args:
        place: Where it was seen, as in `video 1 of the batch` or `epoch 3, batch 5`.

    Attributes:
        reason: One short line for a record of runs, as in `nan-loss: epoch 3, batch 5`.
    """

    def __init__(self, place: str) -> None:
        super().__init__(place)  # the only argument, so that the error survives pickling
        self.reason = f"nan-loss: {place}"

    def __str__(self) -> str:
        return f"the loss is not finite ({self.reason}); a smaller lr is the usual remedy"
