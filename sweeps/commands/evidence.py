"""What a trial's program printed and left, seen from outside, and how it is recorded after the fact: `sweep metrics`."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analysis.read.outcomes import Outcome
from analysis.results.machine import OF_MACHINE
from sweeps.errors import SelectionError, SweepError
from sweeps.program.template import NoFileError, TrialValues
from sweeps.record.ledger import Ledger
from sweeps.record.notes import tail
from sweeps.record.outcome_file import epochs_tag, readings_tag
from sweeps.rundir.lease import run_paths
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir, write_atomically
from sweeps.sources.following.naming import BOTH_AS
from sweeps.sources.following.order import ReadOrder
from sweeps.sources.following.shared_numbers import BOTH_READ
from sweeps.sources.following.streams import GAVE_NONE, LAST_STANDS, MIXED, NO_LINE, NO_STEP, REFUSED
from sweeps.sources.following.watches import UNREAD
from sweeps.sources.formats.number import OPEN
from sweeps.sources.formats.output import OWN, clean_lines
from sweeps.sources.proposals.left_files import left_files
from sweeps.sources.proposals.printed import lines_with_numbers, printed_forms
from sweeps.sources.proposals.suggestion import suggestion
from sweeps.sources.rereading import record_again, reread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step
    from sweeps.rundir.paths import RunPaths
    from sweeps.sources.proposals.left_files import LeftFile
    from sweeps.sources.rereading import Other, Reread
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.spec.trainer.source_model import Sources

_MISREAD = (BOTH_READ, LAST_STANDS, MIXED, GAVE_NONE, NO_STEP, REFUSED, OPEN, BOTH_AS, UNREAD)
"""What remarks have of numbers that are recorded otherwise than one may think."""
_MOST_LINES = 100_000
_MOST_BYTES = 8 << 20
_CLOCKS_S = 60.0
"""So far the clock of a shared directory may be from this machine's."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What hints at the metrics of a trial's last attempt on this machine.

    Attributes:
        numbers: How many lines of its log hold a number with a name.
        example: One of them that a pattern reads; empty where there is none.
        files: The files of metrics that it left.
        suggestion: The lines for `trainer:` that would read them.
        in_vain: Whether it has been read with the metric sources that the file has now.
        stands: Whether the file has all those lines.
        elsewhere: The files outside its own directory, where a later trial may have overwritten them: they are not read.
        is_kept: Whether there is anything else for the lines to read.
        ran_inside: Whether it ran in its own directory, and wrote elsewhere all the same.
    """

    numbers: int
    example: str
    files: Sequence[LeftFile]
    suggestion: Sequence[str]
    in_vain: bool = False
    stands: bool = False
    elsewhere: Sequence[LeftFile] = ()
    is_kept: bool = True
    ran_inside: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """What `sweep metrics --apply` recorded.

    Attributes:
        points: How many points of which metrics, by the label of each trial that got any.
        read: How many trials were read.
        having: How many of all have points in the record now.
        other: The metrics of which other values are read than the record has, by the label of each trial that has any.
        refused: What could not be read, a sentence a trial.
    """

    points: Mapping[str, Mapping[str, int]]
    read: int
    having: int
    other: Mapping[str, Mapping[str, Other]] = field(default_factory=dict)
    refused: Sequence[str] = field(default=())


def evidence_of(session: Session, step: Step, run: RunRecord) -> Evidence:
    """Look at the log of a run's last attempt, at its directory, and at what changed in the working directory meanwhile.

    The trainer that is a function logs by itself, and gets no suggestion.

    Args:
        session: The file.
        step: The trial.
        run: Its run.
    """
    paths = run_paths(run)
    lines = clean_lines("\n".join(_last_lines(run)))
    forms = printed_forms(lines)
    inside = left_files(paths.files)
    end_s = math.inf if run.end_ms is None else run.end_ms / 1000 + _CLOCKS_S
    outside = left_files(Path.cwd(), run.start_ms / 1000, end_s)
    of_command = session.spec.trainer.run is None
    proposed = suggestion(forms, inside, outside, paths.files) if of_command else ()
    before = ReadOrder.read(paths)
    is_kept = bool(inside) or any(form.metrics for form in forms)
    return Evidence(
        lines_with_numbers(lines),
        next((form.example for form in forms if form.metrics), ""),
        (*inside, *outside),
        proposed,
        _was_read(session, step, run, paths),
        stands=_stands(session.spec.trainer, proposed, strictly=is_kept),
        elsewhere=outside,
        is_kept=is_kept,
        ran_inside=before is not None and Path(before.directory).absolute() == paths.files.absolute(),
    )


def _stands(trainer: TrainerSpec, proposed: Sequence[str], *, strictly: bool) -> bool:
    """Whether a file has the lines that are proposed for it: where the program runs, and each source; strictly with its step."""
    if not proposed:
        return False
    import yaml

    lines = yaml.safe_load("\n".join(proposed))
    said = trainer.surroundings.cwd
    has_place = "cwd" not in lines or (said is not None and said.text == lines["cwd"])
    return has_place and all(
        any(
            entry.get(one.kind) == one.text
            and (not strictly or (one.step, one.at) == (entry.get("step", ""), entry.get("at", "")))
            for one in trainer.sources.sources
        )
        for entry in lines["metrics"]
    )


def remarks_of(run: RunRecord) -> Sequence[str]:
    """What is to be known of a run's metrics: what was left out, renamed or never came, once each.

    The log of its last attempt says it, until they are read once more.
    """
    paths = run_paths(run)
    try:
        later = json.loads(paths.source_remarks.read_text(encoding="utf-8"))
        if later["attempt"] == _last_attempt(run):
            return tuple(map(str, later["remarks"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # there is nothing later
    own = (line.removeprefix(OWN) for line in _last_lines(run) if line.startswith(OWN))
    return tuple(dict.fromkeys(own))


def misread(run_id: str, attempt: int, *, is_silent: bool) -> Sequence[str]:
    """What the log of an attempt on this machine says of numbers that are recorded twice, under two names, or not at all, and of sources that gave none.

    Args:
        run_id: The run.
        attempt: The attempt's number.
        is_silent: Whether the trial recorded nothing, which is said elsewhere, with the lines that would read what it printed.
    """
    lines = tail(StateDir.here().run(run_id).log(attempt), _MOST_LINES)
    return _misread((line.removeprefix(OWN) for line in lines if line.startswith(OWN)), is_silent=is_silent)


def misread_of(run: RunRecord, *, is_silent: bool) -> Sequence[str]:
    """What `misread` says of the last attempt of a run, or what was said when it was read once more."""
    return _misread(remarks_of(run), is_silent=is_silent)


def _misread(remarks: Iterable[str], *, is_silent: bool) -> Sequence[str]:
    told = (remark for remark in remarks if any(said in remark for said in _MISREAD))
    return [remark for remark in told if not (is_silent and remark.endswith(NO_LINE))]


def counts_of(session: Session, run_ids: Collection[str]) -> dict[str, Counter[str]]:
    """How many points of each metric runs have in the record, by the runs."""
    counts: dict[str, Counter[str]] = {run_id: Counter() for run_id in run_ids}
    for columns in session.record.points(run_ids=list(counts)) if counts else ():
        for run_id, key in zip(columns.run_ids, columns.keys, strict=True):
            if not key.startswith(OF_MACHINE):
                counts[run_id][key] += 1
    return counts


def record_all_left(session: Session) -> Added:
    """Do as `record_left` for every trial that has a run; what cannot be read is said, and keeps no other one.

    Raises:
        SelectionError: The trainer is a function.
        AnalysisError: The record cannot be read.
    """
    _refuse_function(session)
    found = [(step, step.record) for step in session.selected_plan().steps if step.record is not None]
    before = counts_of(session, [run.run_id for _, run in found])
    refused, other = [], {}
    for step, run in found:
        try:
            other[step.label] = _record(session, step, run)
        except SweepError as error:
            refused.append(str(error))
    after = counts_of(session, before)
    points = {step.label: dict(after[run.run_id] - before[run.run_id]) for step, run in found}
    return Added(
        _without_empty(points), len(other), sum(map(bool, after.values())), _without_empty(other), refused
    )


def record_left(session: Session, step: Step, run: RunRecord) -> Added:
    """Record what the file's metric sources find in the logs and files that a trial left: each point once.

    Raises:
        HeldError: A `sweep run` has the trial.
        SelectionError: Its files are not on this machine, or its trainer is a function.
        RecordError: The record cannot be written.
    """
    _refuse_function(session)
    before = counts_of(session, [run.run_id])
    other = {step.label: _record(session, step, run)}
    after = counts_of(session, before)[run.run_id]
    more = dict(after - before[run.run_id])
    return Added({step.label: more} if more else {}, 1, bool(after), _without_empty(other))


def read_otherwise(session: Session, steps: Iterable[Step]) -> dict[str, Mapping[str, Other]]:
    """The metrics of which the file reads other values in what ended trials left than are recorded, by the trials' labels."""
    found = {}
    for step in steps if session.spec.trainer.run is None else ():
        if step.record is None or step.record.status == "RUNNING":
            continue
        paths = run_paths(step.record)
        with contextlib.suppress(SweepError, NoFileError, KeyError, OSError):  # `--apply` says what is wrong
            read = _read_again(session, step, step.record, paths)
            found[step.label] = {} if read is None else read.other
    return _without_empty(found)


def _read_again(session: Session, step: Step, run: RunRecord, paths: RunPaths) -> Reread | None:
    before = ReadOrder.read(paths)
    if before is None:
        return None
    order = replace(_order(session, step, run, paths), since_ms=before.since_ms)
    return reread(paths, before, order, finished=run.outcome is Outcome.FINISHED)


_Found = TypeVar("_Found", bound="Mapping[str, object]")


def _without_empty(found: Mapping[str, _Found]) -> dict[str, _Found]:
    return {label: own for label, own in found.items() if own}


def _record(session: Session, step: Step, run: RunRecord) -> Mapping[str, Other]:
    """Record what is read of a trial, and return the metrics of which that is something else than the record has."""
    state = StateDir.here()
    paths = state.run(run.run_id)
    if not paths.root.is_dir():
        raise SelectionError(f"trial {step.label}: {paths.root} is not on this machine")
    with hold(state, session.spec.experiment, [step.trial.sweep]):
        if run.status == "RUNNING":
            raise SelectionError(f"trial {step.label} is still running, or `sweep run` has to end it first")
        before = ReadOrder.read(paths)
        order = _order(session, step, run, paths).write(paths)
        read = record_again(paths, before, order, finished=run.outcome is Outcome.FINISHED)
        kept = (
            remarks_of(run) if before is None else _still_so(remarks_of(run), before.sources, order.sources)
        )
        later = {"attempt": _last_attempt(run), "remarks": list(dict.fromkeys([*kept, *read.notes]))}
        write_atomically(paths.source_remarks, json.dumps(later))
        ledger = Ledger.open(session.record.tracking_uri, session.spec.experiment)
        ledger.deliver(run.run_id, paths, tags={**epochs_tag(paths), **readings_tag(paths)})
    session.record.refresh()
    return read.other


def _still_so(remarks: Sequence[str], before: Sources, now: Sources) -> Iterator[str]:
    """Of what was to be known of sources, what is so of those that the file has now, by what it calls them now."""
    labels = {source.identity: source.label for source in now.sources}
    gone = [source.label for source in before.sources if source.identity not in labels]
    for remark in remarks:
        is_of_gone = any(label in remark for label in gone)
        is_answered = remark.startswith("progress: ") and (now.progress != before.progress or gone)
        if is_of_gone or is_answered:
            continue
        for source in before.sources:
            remark = remark.replace(source.label, labels.get(source.identity, source.label))  # noqa: PLW2901
        yield remark


def _was_read(session: Session, step: Step, run: RunRecord, paths: RunPaths) -> bool:
    if not session.spec.trainer.sources.sources or (before := ReadOrder.read(paths)) is None:
        return False
    return before.sources == _order(session, step, run, paths).sources


def _order(session: Session, step: Step, run: RunRecord, paths: RunPaths) -> ReadOrder:
    """Where the file says that the metrics of a run are."""
    before = ReadOrder.read(paths)
    config = step.trial.config
    return session.trainer.read_order(
        TrialValues.of(config, run_dir=paths.files, trial=step.trial.name, run_id=run.run_id),
        before.directory if before is not None else str(Path.cwd()),
        session.trainer.epochs_of(config),
        run.start_ms,
    )


def _refuse_function(session: Session) -> None:
    if session.spec.trainer.run is not None:
        raise SelectionError("a function records its metrics with run.log; there is nothing to read")


def _last_lines(run: RunRecord) -> Sequence[str]:
    log = run_paths(run).log(_last_attempt(run))
    return tail(log, _MOST_LINES, most_bytes=_MOST_BYTES)


def _last_attempt(run: RunRecord) -> int:
    return max(run.attempt, run_paths(run).last_attempt())
