"""Checkpoints: written whole or not at all, checked when read, the one before kept.

A file is a `torch.save` archive. That format holds a CRC-32 of each record, which `torch.load` does not look
at; we do. So the checksum is part of the file: a crash cannot leave one without the other.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cvae.errors import CheckpointError
from cvae.model import VideoCVAE

LAST, PREVIOUS, DAMAGED, BEST = "last.pt", "last.prev.pt", "last.damaged.pt", "best.pt"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Best:
    """The epoch with the highest validation PSNR so far, and its weights."""

    epoch: int
    psnr_db: float
    state_dict: dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """All that a run needs to go on.

    Random draws depend on the seed and on what they are for, so there is no generator state in it.

    Attributes:
        epoch: Epochs that are complete, and so the number of the next one; every schedule's position follows
            from it.
        identity: Setting -> value, of all that decides the result, the data's content id included.
        state_dict: Weights after the last complete epoch.
        optimizer: The optimizer's state.
        history: One row of metrics for each complete epoch, as logged.
        best: The best epoch so far.
    """

    epoch: int
    identity: dict[str, Any]
    state_dict: dict[str, Any]
    optimizer: dict[str, Any]
    history: list[dict[str, float]]
    best: Best

    def refuse_another_run(self, identity: dict[str, Any], directory: Path) -> None:
        """Raise `CheckpointError` unless this progress is of a run with that identity."""
        there, missing = self.identity, "not set"
        other = [
            f"{key} is {there.get(key, missing)!r} there, {identity.get(key, missing)!r} here"
            for key in sorted(there.keys() | identity.keys())
            if there.get(key, missing) != identity.get(key, missing)
        ]
        if other:
            raise CheckpointError(
                f"the checkpoints in {directory} are of another run: {'; '.join(other)}. "
                "Use another directory, or the settings and data that they were made with"
            )


def write_archive(path: Path, content: dict[str, Any], *, keep: Path | None = None) -> None:
    """Write a file that holds either all of `content` or, after a crash, what it held before.

    Args:
        path: The file.
        content: What to put into it.
        keep: Where the file that it replaces goes. A crash can then leave that one there and none at `path`.

    Raises:
        CheckpointError: It cannot be written: no space, no permission.
    """
    temporary = path.with_name(f".{path.name}.tmp")  # one writer: a scrap is overwritten
    try:
        with temporary.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        if keep is not None and path.exists():
            path.replace(keep)
        temporary.replace(path)
        _sync_directory(path.parent)
    except (OSError, RuntimeError) as error:  # torch's writer turns a full disk into a RuntimeError
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CheckpointError(f"{path} cannot be written: {error}") from error


def read_archive(path: Path) -> dict[str, Any]:
    """Read a file of `torch.save`, its checksums verified, without running code that it may hold.

    Raises:
        CheckpointError: There is no such file, it is damaged, or it holds something else.
    """
    try:
        if zipfile.is_zipfile(path):  # torch before 1.6 wrote no zip archive, and no checksums
            _verify(path)
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint {path}") from None
    except CheckpointError:
        raise
    except Exception as error:  # a damaged archive raises whatever its broken bytes lead to
        raise CheckpointError(f"{path} is damaged or no checkpoint: {_first_line(error)}") from error
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{path} is no checkpoint: it holds a {type(content).__name__}, not a dictionary"
        )
    return content


def save_progress(directory: Path, progress: Progress) -> None:
    """Make `progress` the last checkpoint, and what was the last one the previous one."""
    content = vars(progress) | {"best": vars(progress.best)}
    write_archive(directory / LAST, content, keep=directory / PREVIOUS)


def load_progress(directory: Path) -> Progress | None:
    """The last checkpoint in a run's directory, or the previous one if that is damaged; None without either.

    A warning goes with the previous one. The damaged file is set aside, so that it does not take the place of the previous one at the next save.

    Raises:
        CheckpointError: There are checkpoints, but none that can be read.
    """
    last, previous = directory / LAST, directory / PREVIOUS
    if last.exists():
        try:
            return _progress(last)
        except CheckpointError as error:
            if not previous.exists():
                raise CheckpointError(
                    f"{error}; there is no previous one: remove it to start anew"
                ) from error
            _log.warning("%s; going on from %s", error, PREVIOUS)
            damage: CheckpointError | None = error
    elif previous.exists():  # the crash came between the two renames of a save
        damage = None
    else:
        return None
    try:
        progress = _progress(previous)
    except CheckpointError as error:
        both = f"{damage}; and " if damage else ""
        raise CheckpointError(f"{both}{error}: remove {directory} to start anew") from error
    if damage:
        last.replace(directory / DAMAGED)
    return progress


def _progress(path: Path) -> Progress:
    content = read_archive(path)
    try:
        return Progress(**(content | {"best": Best(**content["best"])}))
    except (KeyError, TypeError):
        raise CheckpointError(f"{path} is no checkpoint of a run that can go on") from None


def load_lab_checkpoint(path: str | Path) -> VideoCVAE:
    """The network of a checkpoint, the course lab's or this trainer's, its sizes read off the weights.

    Raises:
        CheckpointError: The file is missing or damaged, or its weights are not those of this network.
    """
    content = read_archive(Path(path))
    state = content.get("state_dict")
    if not isinstance(state, dict):
        raise CheckpointError(f"{path} holds no state_dict")
    try:
        model = VideoCVAE(
            F_dim=len(state["frame_transformation.6.weight"]),
            L_dim=len(state["label_transformation.4.conv1.weight"]),
            N_dim=len(state["Gaussian_Predictor.4.conv1.weight"]),
            D_out_dim=len(state["Decoder_Fusion.5.weight"]),
        )
        model.load_state_dict(state, strict=True)
    except KeyError as error:
        raise CheckpointError(
            f"{path} does not hold this network: {error} is missing from its weights"
        ) from None
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(f"{path} does not hold this network: {error}") from error
    return model


def frame_size(path: str | Path) -> tuple[int, int] | None:
    """Height and width of the frames behind a checkpoint of this trainer; the lab's do not say."""
    identity = read_archive(Path(path)).get("identity")
    if not isinstance(identity, dict):
        return None
    return identity["frame_H"], identity["frame_W"]


def _verify(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
    if broken is not None:
        raise CheckpointError(f"{path} is damaged: {broken} does not match its checksum")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _sync_directory(directory: Path) -> None:
    """Make renames in it survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
