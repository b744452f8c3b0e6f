"""Defines the errors of this package: a caller catches `CvaeError` and prints it."""

from __future__ import annotations


class CvaeError(Exception):
    """Base of all errors that this package raises on purpose; the text says what to do."""


class ConfigError(CvaeError):
    """A setting has the wrong type or range, or contradicts another setting."""


class DataError(CvaeError):
    """Frames or labels are missing, unreadable or too few."""


class CacheError(DataError):
    """Decoded frames cannot be written to or read from the cache directory."""


class CheckpointError(CvaeError):
    """A checkpoint cannot be written, is damaged, or belongs to another run."""


class DeviceError(CvaeError):
    """This machine does not have the device that was asked for."""


class ShapeError(CvaeError):
    """The shapes of tensors do not match each other."""


class NonFiniteLossError(CvaeError):
    """The loss is NaN or infinite.

    Args:
        place: Where it happened, such as `video 1 of the batch` or `epoch 3, batch 5`.

    Attributes:
        reason: One short line for the record, such as `nan-loss: epoch 3, batch 5`.
    """

    def __init__(self, place: str) -> None:
        super().__init__(place)  # the only argument, so that the error survives pickling
        self.reason = f"nan-loss: {place}"

    def __str__(self) -> str:
        return f"the loss is not finite ({self.reason}); a smaller lr is the usual remedy"


def first_line(error: BaseException) -> str:
    """The first line of an error's text; of one without a text its type."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
