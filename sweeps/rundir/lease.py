"""The lease on a sweep: shows others, through the record, that a supervisor is at work.

A lease is a time in the tags of the sweep's run, which its supervisor renews; once it has passed, the sweep is free.
On its own machine a supervisor is found by its lock (`sweeps.rundir.lock`) and in the process table instead.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read import tags
from sweeps.rundir.paths import STATE_FOLDER, StateDir
from sweeps.rundir.process_identity import ProcessIdentity, booted_s, this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from analysis.read.store import RunRecord
    from sweeps.rundir.paths import RunPaths

LEASE_S = 120.0
RENEW_S = 30.0
"""Four renewals in the time of a lease: a tracking server may be away for a while, and clocks may differ a little."""


def lease_until(now_s: float | None = None) -> str:
    """The value of the tag for a lease that begins now."""
    return str(int(((time.time() if now_s is None else now_s) + LEASE_S) * 1000))


def owner_tag() -> str:
    """The value of the tag that names this process as the supervisor, and where it was started."""
    here = Path.cwd()
    state = StateDir.here().root
    elsewhere = {} if state == (here / STATE_FOLDER).resolve() else {"state": str(state)}
    return json.dumps({**this_process().to_json(), "directory": str(here), **elsewhere})


def _said_of_owner(run: RunRecord) -> Mapping[str, Any]:
    """What a run says of its last supervisor; empty where it says nothing that can be read."""
    try:
        said = json.loads(run.tags.get(tags.OWNER, ""))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def owner_of(run: RunRecord) -> ProcessIdentity | None:
    """The supervisor that a run names, or None."""
    try:
        return ProcessIdentity.from_json(_said_of_owner(run))
    except (KeyError, ValueError, TypeError):
        return None


def directory_of_owner(run: RunRecord) -> str:
    """Where the supervisor that a run names was started; empty where the run does not say."""
    return str(_said_of_owner(run).get("directory") or "")


def words_of_owner(run: RunRecord) -> str:
    """`pid 7 on host in /directory since 2026-01-31 12:00`, of the supervisor that a run names."""
    owner, directory = owner_of(run), directory_of_owner(run)
    if owner is None:
        return "another process"
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(owner.start_s))
    return f"pid {owner.pid} on {owner.host}{f' in {directory}' if directory else ''} since {since}"


def run_paths(run: RunRecord) -> RunPaths:
    """The files of a run: in the state directory here, or where its last supervisor kept them, if this machine has them there."""
    here = StateDir.here().run(run.run_id)
    if here.root.is_dir():
        return here
    said = _said_of_owner(run)
    with contextlib.suppress(KeyError, TypeError, OSError):
        kept = StateDir(Path(said.get("state") or Path(said["directory"], STATE_FOLDER))).run(run.run_id)
        return kept if kept.root.is_dir() else here
    return here


def folder_here(run: RunRecord) -> Path | None:
    """The folder of a run where this machine has it; of an adopted run the folder that it was found in."""
    files = run_paths(run).files
    if files.is_dir():
        return files
    found = Path(run.adopted.removeprefix(tags.OF_FOLDER))
    return found if run.adopted.startswith(tags.OF_FOLDER) and found.is_dir() else None


def is_at_work(owner: ProcessIdentity, until_ms: int, now_s: float | None = None) -> bool:
    """Whether a process is alive: as the process table says, or where that is another machine's, while its lease lasts.

    One of another boot under this machine's name is of another machine of the same name, unless it renewed its lease
    last before this machine started: then it was this machine's.

    Args:
        owner: The process.
        until_ms: When its lease ends, milliseconds since the epoch.
        now_s: The time, seconds since the epoch; None: now.
    """
    if owner.is_listed:
        return owner.is_alive()
    is_current = until_ms > (time.time() if now_s is None else now_s) * 1000
    is_older_boot = owner.is_here() and until_ms / 1000 - LEASE_S < booted_s()
    return is_current and not is_older_boot


def liveness(records: Iterable[RunRecord], now_s: float | None = None) -> Callable[[RunRecord], bool]:
    """Make a function from a RUNNING run to whether its supervisor is still at work.

    An owner on this machine is looked up among the processes; one of another machine is alive while the lease
    on its sweep's run lasts.
    """
    parents = {run.run_id: run for run in records if run.kind == "sweep"}

    def is_alive(run: RunRecord) -> bool:
        owner = owner_of(run)
        if owner is None:
            return False
        if owner.is_listed:
            return owner.is_alive()
        parent = run if run.kind == "sweep" else parents.get(run.parent_run_id or "")
        if parent is None or owner_of(parent) != owner:
            return False
        until = parent.tags.get(tags.LEASE, "")
        return until.isdecimal() and is_at_work(owner, int(until), now_s)

    return is_alive
