"""Recovers runs that a dead supervisor left RUNNING: kills what is left of them, and records what they logged and how they ended."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil

from analysis.read import tags
from analysis.read.outcomes import Outcome
from sweeps.record.notes import with_remarks
from sweeps.record.outcome_file import KeptOutcome, epochs_tag, readings_tag
from sweeps.rundir.journal import End, read_entries
from sweeps.rundir.lease import owner_of
from sweeps.rundir.process_identity import ATTEMPT_MARK, SUPERVISOR_MARK, ProcessIdentity
from sweeps.rundir.process_tree import end_marked, end_tree
from sweeps.rundir.trainer_manifest import declared_data
from sweeps.runner.time_spent import Begun
from sweeps.sources.following.follower import catch_up

if TYPE_CHECKING:
    from analysis.read.store import RunRecord
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import RunPaths, StateDir
    from sweeps.spec.yaml_reader import Value

_KILL_WAIT_S = 5.0


def mend(ledger: Ledger, record: RunRecord, state: StateDir) -> str:
    """End a run whose supervisor is gone, and return the outcome that it got.

    What is left of its process is killed first. An outcome that the supervisor came to and could not send is
    sent now. A trial that had written its own end before the supervisor died keeps that one; any other is
    orphaned, and resumes with the next attempt.

    Raises:
        RecordError: The record cannot be written.
    """
    if record.is_sweep:
        ledger.end(record.run_id, Outcome.INTERRUPTED, "its supervisor is gone")
        return Outcome.INTERRUPTED
    paths = state.run(record.run_id)
    begun = Begun.read(paths)
    # Asked before anything is added to the journal.
    spent_s = begun.spent_s(paths) if begun is not None and begun.is_of(record.attempt) else None
    if kill_left_over(paths, owner_of(record)):
        catch_up(paths)
    ledger.agree(record.run_id, paths, takes_over=False)
    ended = _kept(paths, record.attempt) or _written_end(paths, record.attempt, spent_s)
    if data := declared_data(paths):
        ledger.dataset(record.run_id, data)
    ended.record(ledger, record.run_id, record.name, _config(paths), paths)
    return ended.outcome


def ended_unrecorded(record: RunRecord, paths: RunPaths) -> bool:
    """Whether a later attempt than the record knows of has ended here: the store was put back to an older state."""
    if not record.is_trial or record.has_result:
        return False
    kept = KeptOutcome.last(paths)
    return kept is not None and kept.attempt > record.attempt


def kill_left_over(paths: RunPaths, supervisor: ProcessIdentity | None = None) -> bool:
    """Kill what is left of an attempt and of all that it started, and wait until it is gone.

    Where the attempt's process is dead, what it started is known by its group, or by the mark in its environment.

    Args:
        paths: The run's files.
        supervisor: The attempt's supervisor, where that is gone: nothing of it goes on.

    Returns:
        Whether all is certainly gone; False where its process was on another machine.
    """
    try:
        leader = ProcessIdentity.from_json(json.loads(paths.process.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return True
    if not leader.is_here():
        paths.process.unlink(missing_ok=True)
        return False
    members = group_members(leader)
    for member in members:
        end_tree(member)
    psutil.wait_procs(members, timeout=_KILL_WAIT_S)
    marks = {(ATTEMPT_MARK, leader.mark)}
    if supervisor is not None and not supervisor.is_alive():
        marks.add((SUPERVISOR_MARK, supervisor.mark))
    end_marked(marks)
    paths.process.unlink(missing_ok=True)
    return True


def group_members(leader: ProcessIdentity) -> list[psutil.Process]:
    """The living processes of the group that a process led, itself included, on this machine since its boot."""
    if not leader.is_listed:
        return []
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            mine = os.getpgid(process.pid) == leader.pid
            if mine and leader.is_no_younger_than(process) and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def _kept(paths: RunPaths, attempt: int) -> KeptOutcome | None:
    """The outcome that was kept of the attempt, or of a later one, which an older state of the store does not know."""
    kept = KeptOutcome.last(paths)
    if kept is None or kept.attempt < attempt:
        return None
    note = {tags.NOTE: with_remarks(kept.tags[tags.NOTE], paths.remarks)} if tags.NOTE in kept.tags else {}
    return replace(kept, tags={**kept.tags, **note, tags.ATTEMPT: str(kept.attempt)})


def _written_end(paths: RunPaths, attempt: int, spent_s: float | None) -> KeptOutcome:
    """How an attempt ended by its journal; orphaned where that says nothing."""
    more = {**epochs_tag(paths), **readings_tag(paths), **tags.seconds_tag(spent_s)}
    for entry in reversed(read_entries(paths.journal, 0)[0]):
        if isinstance(entry, End) and entry.attempt == attempt:
            return KeptOutcome(
                attempt, Outcome.read(entry.outcome) or Outcome.ORPHANED, entry.reason, more, entry.time_ms
            )
    return KeptOutcome(attempt, Outcome.ORPHANED, "its supervisor is gone", more)


def _config(paths: RunPaths) -> dict[str, Value]:
    """The config that the run's last attempt was given; empty where it came to none."""
    try:
        return dict(json.loads(paths.config.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
