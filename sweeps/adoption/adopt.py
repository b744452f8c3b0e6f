"""`sweep adopt`: records runs that were found elsewhere as trials of the file, each wholly or not at all."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.visible import on_one_line
from sweeps.adoption.decisions import Decision, Terms, Verdict, decide
from sweeps.adoption.folder_metrics import FolderMetrics, read_folder
from sweeps.adoption.trial_tags import identity_tags, note, taken_over
from sweeps.commands.sweep_runs import opened_sweeps
from sweeps.record.ledger import Ledger
from sweeps.record.outcome_file import epochs_tag, readings_tag
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.lease import RENEW_S, lease_until
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import RunPaths, StateDir

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.adoption.found_run import FoundRun
    from sweeps.commands.session import Session
    from sweeps.planning.trial import Trial


def preview(session: Session, found: Sequence[FoundRun], terms: Terms) -> list[Decision]:
    """Say what `adopt` would do with each run. Reads only: the record, the experiment, the folders.

    Raises:
        SelectionError: The file has no grid, or a key that is named does not exist.
        AnalysisError: The record cannot be read.
    """
    decisions = []
    for decision in decide(session, found, terms):
        with TemporaryDirectory() as folder:
            decisions.append(_read(session, decision, terms, RunPaths(Path(folder, "run"))))
    return decisions


def adopt(session: Session, found: Sequence[FoundRun], terms: Terms) -> list[Decision]:
    """Record the runs that are trials of the file and not in the record yet.

    A run counts with the last of the calls that record it, so that one that was begun and not brought to its end is
    nobody's trial; the next call deletes it and begins it anew.

    Raises:
        HeldError: A `sweep run` has one of the sweeps.
        RecordError: The record cannot be written.
        SelectionError: As `preview`.
        AnalysisError: As `preview`; or a run that is to be adopted cannot be read.
    """
    with _held(session) as state:
        decisions = decide(session, found, terms)
        wanted = {
            decision.match.trial.sweep
            for decision in decisions
            if decision.verdict is Verdict.ADOPT and decision.match.trial
        }
        if not wanted:
            return decisions
        ledger = Ledger.open(session.record.tracking_uri, session.spec.experiment)
        with opened_sweeps(session, ledger, wanted, state) as parents:
            _delete_halves(session, ledger, wanted)
            recorder = _Recorder(session, ledger, parents)
            for at, decision in enumerate(decisions):
                with TemporaryDirectory() as folder:
                    paths = RunPaths(Path(folder, "run"))
                    decisions[at] = taken = _read(session, decision, terms, paths)
                    if taken.verdict is Verdict.ADOPT and taken.match.trial is not None:
                        recorder.record(taken, taken.match.trial, paths)
        return decisions


def adopted_runs(session: Session) -> list[RunRecord]:
    """The adopted runs of the sweeps and trials that are selected.

    Raises:
        AnalysisError: The record cannot be read.
    """
    names = {sweep.name for sweep in session.sweeps}
    chosen = {
        trial.fingerprint for sweep in session.sweeps for trial in sweep.trials if trial in session.selection
    }
    return [
        run
        for run in session.record.runs
        if run.adopted and run.sweep in names and (session.selection.is_all or run.fingerprint in chosen)
    ]


def undo(session: Session) -> list[RunRecord]:
    """Delete the adopted runs that are selected; returns them. What they were copied from stays.

    Raises:
        HeldError: A `sweep run` has one of the sweeps.
        RecordError: The record cannot be written.
        AnalysisError: It cannot be read.
    """
    with _held(session) as state:
        runs = adopted_runs(session)
        if runs:
            ledger = Ledger.open(session.record.tracking_uri, session.spec.experiment)
            for run in runs:
                ledger.delete(run.run_id)
            session.record.refresh()
            with opened_sweeps(session, ledger, {run.sweep for run in runs}, state):
                pass  # their notes are written anew
        return runs


@contextlib.contextmanager
def _held(session: Session) -> Iterator[StateDir]:
    """Hold the sweeps on this machine, and list the record anew."""
    state = StateDir.here()
    refuse_shared(state)
    with hold(state, session.spec.experiment, [sweep.name for sweep in session.sweeps]):
        session.record.refresh()
        yield state


def _delete_halves(session: Session, ledger: Ledger, sweeps: Collection[str]) -> None:
    """Delete what an earlier call left unfinished."""
    for run in session.record.runs:
        if run.adopted and not run.is_trial and run.sweep in sweeps:
            ledger.delete(run.run_id)


def _read(session: Session, decision: Decision, terms: Terms, paths: RunPaths) -> Decision:
    """Read a folder that is to be adopted into a journal; any other decision stays as it is."""
    trial, folder = decision.match.trial, decision.found.folder
    if decision.verdict is not Verdict.ADOPT or trial is None or folder is None:
        return decision
    metrics = read_folder(folder, trial, session.trainer, terms.log, paths)
    if metrics.problem:
        return decision.left(metrics.problem)
    total = session.trainer.epochs_of(trial.config)
    if total is not None and metrics.epochs is not None and metrics.epochs < total and not terms.partial:
        return decision.left(
            f"shows {metrics.epochs} of {total} {session.spec.trainer.unit}s; --partial takes it as finished"
        )
    told = "; ".join(filter(None, [decision.reason, *metrics.notes]))
    return replace(decision, metrics=metrics, reason=told)


class _Recorder:
    """Writes adopted runs."""

    def __init__(self, session: Session, ledger: Ledger, parents: Mapping[str, str]) -> None:
        self._session = session
        self._ledger = ledger
        self._parents = parents
        self._renewed_s = time.monotonic()

    def record(self, decision: Decision, trial: Trial, paths: RunPaths) -> None:
        """Record one run: its params, points and tags, then that it is finished, and last that it is the trial's."""
        self._renew()
        shared = {
            tags.TRAINER: self._session.spec.trainer.identity,
            tags.PROFILE: self._session.profile or "",
            tags.NOTE: note(decision, trial, on_one_line(self._session.repeat_command(trial))),
        }
        own = identity_tags(decision, trial, self._parents[trial.sweep], shared)
        run = decision.found.run
        began_ms, ended_ms = _times(decision)
        run_id = self._ledger.adopted_run(trial.name, began_ms, own)
        self._ledger.params(run_id, trial.config)
        if run is not None:
            self._copy(decision, run, run_id, trial)
        elif decision.metrics is not None:
            self._ledger.deliver(run_id, paths, tags={**epochs_tag(paths), **readings_tag(paths)})
        self._ledger.adopted(run_id, ended_ms)

    def _copy(self, decision: Decision, run: RunRecord, run_id: str, trial: Trial) -> None:
        """Copy what a run of MLflow has, but for its files."""
        more = {key: text for key, text in decision.found.known.items() if key not in trial.config}
        self._ledger.params(run_id, more)
        assert decision.found.record is not None  # noqa: S101 - runs come with their record
        for points in decision.found.record.points(run_ids=[run.run_id]):
            self._ledger.points(run_id, points)
        self._ledger.tag(run_id, taken_over(run))

    def _renew(self) -> None:
        """Keep the sweeps from other machines for another while."""
        if time.monotonic() - self._renewed_s > RENEW_S:
            self._renewed_s = time.monotonic()
            for parent in self._parents.values():
                self._ledger.tag(parent, {tags.LEASE: lease_until()})


def _times(decision: Decision) -> tuple[int, int]:
    """When a run began and ended, milliseconds since the epoch, as far as its source tells."""
    if decision.found.run is not None:
        run = decision.found.run
        return run.start_ms, run.end_ms or run.start_ms
    assert isinstance(decision.metrics, FolderMetrics)  # noqa: S101 - it was read
    return decision.metrics.began_ms, decision.metrics.ended_ms
