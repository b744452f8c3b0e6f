"""Makes the rows of `sweep status`: one for each trial with its state and its latest metrics."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import NOT_STARTED, Outcome
from analysis.results.criterion import LAST, each_metric_once
from analysis.results.document import told_apart
from analysis.results.machine import OF_MACHINE, Load
from analysis.results.metric_names import NO_SCORES, is_score
from analysis.results.results import seconds_of_work
from sweeps.planning.plan import Action
from sweeps.record.best_trial import scores_of
from sweeps.rows.so_far import SoFar, so_far
from sweeps.rundir.journal import NO_EPOCHS
from sweeps.rundir.lease import run_paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from analysis.results.criterion import Criterion
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan, Step
    from sweeps.planning.sweep import Sweep
    from sweeps.rows import Row

NOTHING = "nothing recorded"
"""Said of a trial that finished without a metric."""
STATUS_METRICS = ("train/loss", "val/psnr", "val/skill")
"""The metrics of the video's trainer that a status shows."""
MOST_METRICS = 6
"""Of other trainers a status shows at most so many metrics, sorted by name."""
SECONDS = "seconds"
"""The column that says how long a trial's attempts ran."""
LOAD = ("cores", "memory_gb", "gpu_percent", "gpu_memory_gb")
"""The columns that say what a trial takes of the machine."""
OWN = frozenset(
    {*LOAD, "sweep", "trial", "state", "reason", "attempt", "epoch", SECONDS, "run_id", "fingerprint"}
)
"""The columns that are no metrics; a metric that is called as one of them, or as a setting, is `epoch (metric)`."""


def status_metrics(session: Session, recorded: Iterable[str]) -> tuple[str, ...]:
    """Choose the metrics: those of `results_among`, and the objectives of searches."""
    searches = [sweep.search.spec for sweep in session.sweeps if sweep.search is not None]
    sought = [objective.key for search in searches for objective in search.objectives]
    judging = [criterion.metric for criterion in criteria_of(session)]
    return tuple(dict.fromkeys([*results_among(recorded, judging), *sought]))


def results_among(recorded: Iterable[str], judging: Sequence[str]) -> tuple[str, ...]:
    """Choose results: the file's measures; `STATUS_METRICS`, others where a trainer records no `val/psnr`, speeds last."""
    named = (key for key in recorded if not key.startswith(NO_SCORES))
    recorded = sorted(named, key=lambda key: (not is_score(key), key))
    is_other = recorded and "val/psnr" not in recorded
    others = [key for key in recorded if key not in judging][: max(0, MOST_METRICS - len(judging))]
    return (*judging, *(others if judging or is_other else STATUS_METRICS))


def searched_keys(session: Session) -> dict[str, set[str]]:
    """The keys that searches draw, each with the sweeps whose trials have it drawn; a column for each: names do not say them."""
    found: dict[str, set[str]] = {}
    for sweep in session.sweeps:
        for dimension in sweep.search.spec.dimensions if sweep.search is not None else ():
            if dimension.key not in OWN:
                found.setdefault(dimension.key, set()).add(sweep.name)
    return found


def criteria_of(session: Session) -> tuple[Criterion, ...]:
    """By what the sweeps of a session are judged, each once."""
    return session.spec.measures_among(sweep.name for sweep in session.sweeps)


@dataclass(frozen=True, slots=True)
class Status:
    """How trials stand.

    Attributes:
        rows: A row for each: its state, attempt, reason and latest metrics; of a measure what it is judged by.
        left_out: The metrics of these trials that no column has, without times, speeds and the like.
        counts: Of columns that have another value than the last what counts: `best`, `tail` or `mean`.
    """

    rows: list[Row]
    left_out: tuple[str, ...]
    counts: Mapping[str, str]


def status_of(session: Session, plan: Plan) -> Status:
    """Make a row for each trial, and say which metrics these have not."""
    wanted = {step.record.run_id for step in plan.steps if step.record is not None}
    last: dict[str, dict[str, float]] = {}
    machine: dict[str, dict[str, float]] = {}
    steps: dict[tuple[str, str], int] = {}
    epochs: dict[str, int] = {}
    recorded: set[str] = set()
    if wanted:
        for point in session.record.finals():
            if point.key.startswith(OF_MACHINE):
                machine.setdefault(point.run_id, {})[point.key] = point.value
                continue
            recorded.add(point.run_id)
            if point.run_id in wanted and not point.key.startswith(NO_EPOCHS):
                last.setdefault(point.key, {})[point.run_id] = point.value
                steps[point.run_id, point.key] = point.step
                epochs[point.run_id] = max(point.step, epochs.get(point.run_id, -1))
    journals = _journals(plan)
    for run_id, key, (at, value) in _unsent(journals, steps):
        recorded.add(run_id)
        last.setdefault(key, {})[run_id] = value
        epochs[run_id] = max(at, epochs.get(run_id, -1))
    judged = _judged(session, plan)
    found = status_metrics(session, last)
    left_out = sorted(key for key in last.keys() - set(found) if not key.startswith(NO_SCORES))
    drawn = searched_keys(session)
    own = OWN.union(*(step.trial.config for step in plan.steps))
    shown = {key: told_apart(key, own, "metric") for key in found}
    rows: list[Row] = []
    for step in plan.steps:
        record, state = step.record, _state(step)
        run_id = record.run_id if record else ""
        is_silent = is_finished(step) and run_id not in recorded
        rows.append(
            {
                "sweep": step.trial.sweep,
                "trial": step.trial.name,
                "state": state,
                "reason": NOTHING if is_silent else step.reason if record is not None else "",
                "attempt": record.attempt if record else 0,
                "epoch": _epochs(session, step, epochs.get(run_id), journals.get(run_id, SoFar())),
                **_drawn(step, drawn),
                **{
                    name: judged.get((step.trial.sweep, key), last.get(key, {})).get(run_id)
                    for key, name in shown.items()
                },
                SECONDS: None if record is None or state == "running" else _seconds(record),
                **_load(Load.at(machine.get(run_id, {}))),
                "run_id": run_id or None,
                "fingerprint": step.trial.fingerprint,
            }
        )
    return Status(rows, tuple(left_out), _counts(session, shown))


def _state(step: Step) -> str:
    if step.record is None:
        return NOT_STARTED
    return step.action.value if step.action is Action.RUNNING else step.record.outcome or Outcome.ORPHANED


def _drawn(step: Step, keys: Mapping[str, Collection[str]]) -> Row:
    """What a search drew for a trial, by the keys that searches draw and their sweeps; None where it draws no such key."""
    settings = step.trial.settings
    return {
        key: settings[key].value if step.trial.sweep in sweeps and key in settings else None
        for key, sweeps in keys.items()
    }


def _judging(session: Session, sweep: Sweep) -> list[Criterion]:
    """By what the trials of a sweep are judged: what its search seeks, and its measures."""
    sought = sweep.search.spec.measures if sweep.search is not None else ()
    return each_metric_once([*sought, *session.spec.measures_of(sweep.name)])


def _judged(session: Session, plan: Plan) -> dict[tuple[str, str], Mapping[str, float]]:
    """By which values other than the last ones trials are judged: (sweep, metric) -> run id -> value."""
    alike: defaultdict[tuple[Criterion, ...], list[str]] = defaultdict(list)
    for sweep in session.sweeps:
        alike[tuple(one for one in _judging(session, sweep) if not one.is_last)].append(sweep.name)
    found: dict[tuple[str, str], Mapping[str, float]] = {}
    for criteria, names in alike.items():
        runs = {step.record.run_id for step in plan.steps if step.record and step.trial.sweep in names}
        for key, own in scores_of(session.record, criteria, runs).items():
            found |= {(name, key): own for name in names}
    return found


def _counts(session: Session, shown: Mapping[str, str]) -> dict[str, str]:
    """What counts of the metrics that are shown, where that is another value than the last, and the same in every sweep."""
    found = {}
    for key, name in shown.items():
        which = {
            next((one.of_curve for one in _judging(session, sweep) if one.metric == key), LAST)
            for sweep in session.sweeps
        }
        if len(which) == 1 and which != {LAST}:
            found[name] = which.pop()
    return found


def _journals(plan: Plan) -> dict[str, SoFar]:
    """What the journals on this machine show of the runs whose end nobody has recorded: more than the record, if their supervisor died."""
    runs = {step.record.run_id: step.record for step in plan.steps if step.record is not None}
    return {run_id: so_far(run_paths(run)) for run_id, run in runs.items() if run.outcome is None}


def _unsent(
    journals: Mapping[str, SoFar], steps: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, tuple[int, float]]]:
    """Yield the values that are not older than those of the record: run, metric, step and value."""
    for run_id, journal in journals.items():
        for key, found in journal.metrics.items():
            if not key.startswith(NO_EPOCHS) and found[0] >= steps.get((run_id, key), found[0]):
                yield run_id, key, found


def _seconds(record: RunRecord) -> float | None:
    """How long a trial's attempts ran; where that is not recorded, only of one in which no pause can lie."""
    is_one = record.attempt == 1 or record.adopted
    return seconds_of_work(record, None) if is_one or record.seconds is not None else None


def _load(load: Load) -> Row:
    """What a trial took of the machine when it was sampled last."""
    memory, gpu_memory = (
        None if size is None else size / 1e9 for size in (load.memory_bytes, load.gpu_memory_bytes)
    )
    return dict(zip(LOAD, (load.cores, memory, load.gpu_percent, gpu_memory), strict=True))


def is_finished(step: Step) -> bool:
    """Whether a trial stands finished in the record."""
    is_running = step.action is Action.RUNNING
    return step.record is not None and step.record.outcome is Outcome.FINISHED and not is_running


def _epochs(session: Session, step: Step, last: int | None, journal: SoFar) -> int | None:
    """How many epochs of a trial are over: as its supervisor noted when it ended, while it runs as its journal shows.

    Where neither tells, as of adopted runs and elsewhere than where it runs, a function's last step does. So does that of a
    program that has ended, if it asks for as many; otherwise a program's steps may be batches.
    """
    record, is_program = step.record, session.spec.trainer.command is not None
    if record is None or last is None:
        return None
    if record.outcome is None:
        return journal.epochs if is_program else max(last + 1, journal.epochs or 0)
    noted = record.tags.get(tags.EPOCHS)
    if noted is not None:  # a program's "0" beside metrics: older records' word for unknown
        return None if noted == tags.UNKNOWN_EPOCHS or (noted == "0" and is_program) else record.epochs
    asked = session.trainer.epochs_of(step.trial.config)
    if not is_program:
        return last + 1
    return min(last + 1, asked) if asked is not None and last <= asked else None
