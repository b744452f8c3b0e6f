"""Writes checkpoints atomically, verifies them when reading, and keeps the previous one.

A file is a `torch.save` archive. That format has a CRC-32 of each record, which `torch.load` ignores and this
module verifies. The checksum is part of the file, so a crash cannot leave one without the other.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cvae.errors import CheckpointError, first_line
from cvae.model import VideoCVAE

LAST, PREVIOUS, DAMAGED, BEST = "last.pt", "last.prev.pt", "last.damaged.pt", "best.pt"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BestEpoch:
    """The epoch with the highest validation PSNR so far, and its weights."""

    epoch: int
    psnr_db: float
    state_dict: dict[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """Everything that a run needs to resume.

    A random draw depends only on the seed and its purpose, so there is no generator state here.

    Attributes:
        epoch: How many epochs are complete, which is also the number of the next one. All schedules follow from
            it.
        identity: Setting -> value, for everything that decides the result; includes the data's content id.
        state_dict: Weights after the last complete epoch.
        optimizer: The optimizer's state.
        history: The logged metrics of each complete epoch.
        best: The best epoch so far.
    """

    epoch: int
    identity: dict[str, Any]
    state_dict: dict[str, Any]
    optimizer: dict[str, Any]
    history: list[dict[str, float]]
    best: BestEpoch

    def refuse_another_run(self, identity: dict[str, Any], directory: Path) -> None:
        """Check that this checkpoint belongs to the run with that identity.

        Raises:
            CheckpointError: It belongs to another run; the text names each setting that differs.
        """
        there, missing = self.identity, "not set"
        other = [
            f"{key} is {there.get(key, missing)!r} there, {identity.get(key, missing)!r} here"
            for key in sorted(there.keys() | identity.keys())
            if there.get(key, missing) != identity.get(key, missing)
        ]
        if other:
            raise CheckpointError(
                f"the checkpoints in {directory} belong to another run: {'; '.join(other)}. "
                "Use another directory, or the settings and data of that run"
            )


def write_archive(path: Path, content: dict[str, Any], *, keep: Path | None = None) -> None:
    """Write a file atomically: after a crash it has either all of `content` or its old content.

    Args:
        path: The file.
        content: What to write.
        keep: Where to move the old file. A crash can then leave the old file there and none at `path`.

    Raises:
        CheckpointError: The file cannot be written: no space, no permission.
    """
    temporary = path.with_name(f".{path.name}.tmp")  # there is one writer: it overwrites what a crash left
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
    """Read a `torch.save` file, verify its checksums, and run none of the code that it may contain.

    Raises:
        CheckpointError: The file is missing or damaged, or contains something else.
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
    except pickle.UnpicklingError as error:  # its text advises to run what the file contains
        raise CheckpointError(
            f"{path} is damaged or not a checkpoint: it contains more than weights, numbers and texts, and none of it was run"
        ) from error
    except Exception as error:  # a damaged archive raises whatever its broken bytes lead to
        raise CheckpointError(f"{path} is damaged or not a checkpoint: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{path} is not a checkpoint: it contains a {type(content).__name__}, not a dictionary"
        )
    return content


def save_checkpoint(directory: Path, checkpoint: Checkpoint) -> None:
    """Write the last checkpoint of a run; what was the last one becomes the previous one."""
    content = vars(checkpoint) | {"best": vars(checkpoint.best)}
    write_archive(directory / LAST, content, keep=directory / PREVIOUS)


def load_checkpoint(directory: Path) -> Checkpoint | None:
    """Read the last checkpoint in a run's directory, or the previous one if the last is damaged.

    Taking the previous one logs a warning and moves the damaged file away, so that the next save does not replace
    the good one with it.

    Returns:
        The checkpoint, or None if there is none.

    Raises:
        CheckpointError: There are checkpoints, but none can be read.
    """
    last, previous = directory / LAST, directory / PREVIOUS
    if last.exists():
        try:
            return _read(last)
        except CheckpointError as error:
            if not previous.exists():
                raise CheckpointError(
                    f"{error}; there is no previous one: remove it to start from the beginning"
                ) from error
            _log.warning("%s; resuming from %s", error, PREVIOUS)
            damage: CheckpointError | None = error
    elif previous.exists():  # the crash came between the two renames of a save
        damage = None
    else:
        return None
    try:
        checkpoint = _read(previous)
    except CheckpointError as error:
        both = f"{damage}; and " if damage else ""
        raise CheckpointError(f"{both}{error}: remove {directory} to start from the beginning") from error
    if damage:
        last.replace(directory / DAMAGED)
    return checkpoint


def _read(path: Path) -> Checkpoint:
    content = read_archive(path)
    try:
        return Checkpoint(**(content | {"best": BestEpoch(**content["best"])}))
    except (KeyError, TypeError):
        raise CheckpointError(f"{path} is not a checkpoint that a run can resume from") from None


def load_lab_checkpoint(path: str | Path) -> VideoCVAE:
    """Load the network of a checkpoint, this trainer's or the course lab's; the weights give its sizes.

    Raises:
        CheckpointError: The file is missing or damaged, or its weights belong to another network.
    """
    content = read_archive(Path(path))
    state = content.get("state_dict")
    if not isinstance(state, dict):
        raise CheckpointError(f"{path} has no state_dict")
    try:
        model = VideoCVAE(
            F_dim=len(state["frame_transformation.6.weight"]),
            L_dim=len(state["label_transformation.4.conv1.weight"]),
            N_dim=len(state["Gaussian_Predictor.4.conv1.weight"]),
            D_out_dim=len(state["Decoder_Fusion.5.weight"]),
        )
        model.load_state_dict(state, strict=True)
    except KeyError as error:
        raise CheckpointError(f"{path} has another network: {error} is missing from its weights") from None
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(f"{path} has another network: {error}") from error
    return model


def frame_size(path: str | Path) -> tuple[int, int] | None:
    """Height and width of the frames that a checkpoint was trained on; None for one of the lab, which does not say."""
    identity = read_archive(Path(path)).get("identity")
    if not isinstance(identity, dict):
        return None
    return identity["frame_H"], identity["frame_W"]


def _verify(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
    if broken is not None:
        raise CheckpointError(f"{path} is damaged: {broken} does not match its checksum")


def _sync_directory(directory: Path) -> None:
    """Make renames in the directory survive a power failure, if the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
