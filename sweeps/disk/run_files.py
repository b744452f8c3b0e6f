"""The checkpoints of a run on disk: which there are, and removing those beyond what its sweep keeps."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.disk.checkpoints import find_checkpoints, sort_out
from sweeps.disk.tree import files_below
from sweeps.rundir.trainer_manifest import declared_model
from sweeps.spec.resources import Keep

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sweeps.disk.checkpoints import Checkpoint
    from sweeps.disk.removal import Trash
    from sweeps.disk.tree import File
    from sweeps.rundir.paths import RunPaths

_TRAINER_STATE = "trainer_state.json"
"""Transformers' account of its training, in each of its checkpoints."""


def checkpoints_of(paths: RunPaths, files: Sequence[File]) -> tuple[Checkpoint, ...]:
    """The checkpoints in a run's own directory, given the files below `paths.files`."""
    declared = declared_model(paths)
    best = {_below(paths.files, declared.file)} if declared is not None else set()
    for file in files:
        if file.path.name == _TRAINER_STATE:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                named = json.loads(file.path.read_text(encoding="utf-8")).get("best_model_checkpoint")
                best |= {str(named).rstrip("/").rpartition("/")[2]} if named else set()
    roots = {paths.files, paths.files.absolute(), paths.files.resolve()}
    return find_checkpoints(paths.files, files, best, roots)


def _below(root: Path, declared: str) -> str:
    """A declared path as it is below a run's files; one that leads elsewhere as it is given."""
    if not Path(declared).is_absolute():
        return os.path.normpath(declared)
    for folder, path in (
        (root.absolute(), Path(os.path.normpath(declared))),
        (root.resolve(), Path(declared).resolve()),
    ):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return declared


def trim(paths: RunPaths, keeps: Collection[Keep], trash: Trash) -> None:
    """Remove the checkpoints of a run that is done, but for those that are kept.

    Best effort: what cannot be removed stays, and `sweep gc` lists it. Where the store refused something of the run all stay:
    they may be what it refused.
    """
    if Keep.ALL in keeps or paths.refused.exists():
        return
    with contextlib.suppress(OSError, ValueError):
        for checkpoint in sort_out(keeps, checkpoints_of(paths, files_below(paths.files))).beyond:
            with contextlib.suppress(OSError):
                for path, _ in checkpoint.parts(paths.files):
                    trash.remove(path)
