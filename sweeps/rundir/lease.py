"""The lease on a sweep: what tells other machines, through the record, that a supervisor is at work.

On one machine a lock and the process table tell. From another one only the record can: the supervisor
renews a time in the tags of the sweep's run, and a lease that has run out holds nobody.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.rundir.process_identity import ProcessIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from analysis.read.store import RunRecord

LEASE_S = 120.0
RENEW_S = 30.0
"""Renewed four times a lease, so that a tracking server may be away for a while, and clocks may differ some."""


def lease_until(now_s: float | None = None) -> str:
    """The value of the tag for a lease that begins now."""
    return str(int(((time.time() if now_s is None else now_s) + LEASE_S) * 1000))


def owner_of(run: RunRecord) -> ProcessIdentity | None:
    """The supervisor that a run names, or None."""
    try:
        return ProcessIdentity.from_json(json.loads(run.tags[tags.OWNER]))
    except (KeyError, ValueError, TypeError):
        return None


def liveness(records: Iterable[RunRecord], now_s: float | None = None) -> Callable[[RunRecord], bool]:
    """Who is at work: a function from a RUNNING run to whether its owner still is.

    An owner on this machine is looked up among the processes; one of another machine is alive while the lease
    on its sweep's run lasts.
    """
    now_ms = (time.time() if now_s is None else now_s) * 1000
    parents = {run.run_id: run for run in records if run.kind == "sweep"}

    def is_alive(run: RunRecord) -> bool:
        owner = owner_of(run)
        if owner is None:
            return False
        if owner.is_here():
            return owner.is_alive()
        parent = run if run.kind == "sweep" else parents.get(run.parent_run_id or "")
        if parent is None or owner_of(parent) != owner:
            return False
        until = parent.tags.get(tags.LEASE, "")
        return until.isdigit() and int(until) > now_ms

    return is_alive
