"""Where the files of a trial are: its run's own folder, `{run_dir}`, on this machine, or why it is not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.commands.logs import step_of
from sweeps.errors import SelectionError
from sweeps.rundir.lease import directory_of_owner, folder_here, owner_of, run_paths

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session

_HANDED_OVER = "what it handed over is among the artifacts of its run in MLflow"


def folder_of(session: Session, name: str) -> Path:
    """The folder of a trial on this machine, as an absolute path: what a program knows as `{run_dir}`, or `run.dir`.

    Raises:
        SelectionError: There is no such trial, it has not started, or its folder is not here.
    """
    _, run = step_of(session, name)
    folder = folder_here(run)
    if folder is None:
        raise SelectionError(f"trial {name}: {missing(run)}")
    return folder


def missing(run: RunRecord) -> str:
    """Why the folder of a run is not here, and where to look."""
    if run.adopted:
        return f"`sweep` did not run it, and has no folder of it; it was adopted from {run.adopted}"
    files, owner = run_paths(run).files, owner_of(run)
    if owner is None:
        return f"there is no {files} on this machine; {_HANDED_OVER}"
    if owner.is_here():
        return f"there is no {files} any more; {_HANDED_OVER}"
    directory = directory_of_owner(run)
    where = f"{directory} on {owner.host}" if directory else owner.host
    return f"there is no {files} on this machine; it was run from {where}, and {_HANDED_OVER}"
