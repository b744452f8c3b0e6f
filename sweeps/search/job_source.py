"""Gives the supervisor the jobs of a search: asks the sampler when a slot is free, reports epochs and ends to the study."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.results.metric_names import EPOCH, STEP
from analysis.results.results import counts_epochs
from sweeps.planning.plan import Action, Step
from sweeps.planning.search_history import numbered_name, scores, tag_text
from sweeps.record.claims import Settled
from sweeps.search.objectives import TrialObjectives, compared
from sweeps.search.reconcile import RecordedTrial, State, reconcile
from sweeps.search.search_record import STATES
from sweeps.search.study import links

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.planning.search_trials import Params, SearchTrials
    from sweeps.planning.trial import Trial
    from sweeps.rundir.journal import Metrics
    from sweeps.scheduler.job import Job
    from sweeps.search.search_record import SearchRecord
    from sweeps.search.study import Study
    from sweeps.spec.model import SweepSpec
    from sweeps.spec.resources import Resources

REPEATS = 30
"""After so many suggestions in a row that have a result already, the space is taken to be exhausted."""


class SearchSource:
    """Gives the supervisor one search's jobs: the steps to take up `again`, by fingerprint, then new ones if it `asks` for any."""

    def __init__(
        self,
        *,
        sweep: SweepSpec,
        search: SearchTrials,
        study: Study,
        record: SearchRecord,
        again: Mapping[str, Step],
        make_job: Callable[[Step], Job],
        parent: str,
        asks: bool,
        notice: Callable[[str], None],
    ) -> None:
        self.jobs: list[Job] = []
        self.resources: Resources = sweep.resources
        self.parent = parent
        self._search = search
        self._study = study
        self._record = record
        self._make_job = make_job
        self._notice = notice
        self._asks = asks
        self._next_name = record.next_number()
        self._known = {trial.fingerprint: trial for trial in record.trials()}
        self._logged: dict[str, TrialObjectives] = {}
        self._again = deque(again.values())
        self._repeats = 0
        self._waits = self._is_in_trouble = False
        self._running: set[str] = set()
        self._began_s = time.monotonic()
        # What is taken up again is open to the study, also where it had failed.
        expected = [
            replace(trial, state=State.OPEN, values=None) if identity in again else trial
            for identity, trial in self._known.items()
        ]
        self._open_numbers, self._unstarted = self._agree(expected)
        tried = {*self._known, *self._open_numbers}
        points = ((params, search.trial(params, "")) for params in search.points)
        self._points = deque(
            params for params, trial in points if trial is None or trial.fingerprint not in tried
        )
        self._member = set(self._known)

    @property
    def is_open(self) -> bool:
        """Whether it may yet give a job."""
        return bool(self._again) or self._may_ask()

    @property
    def to_come(self) -> int:
        """How many trials it has yet to suggest or to take up."""
        wanted = max(0, self._search.spec.total - len(self._member)) if self._may_ask() else 0
        return wanted + len(self._again)

    def next(self) -> Job | None:
        """The next job: what was interrupted first, then starting points, then what the sampler suggests."""
        job = self._next()
        self._study.give_way(yes=job is not None)
        return job

    def _next(self) -> Job | None:
        if self._again:
            step = self._again.popleft()
            return self._begin(step, self._known[step.trial.fingerprint].params)
        while self._may_ask() and not self._waits:
            number, params = self._suggestion()
            job = self._job_of(number, params)
            if job is not None:
                self._repeats = 0
                return job
            self._repeats += 1
            if self._repeats >= REPEATS or self._study.is_exhausted():
                self._notice(
                    f"{self._search.sweep}: every suggestion is a trial that has its result already: "
                    "the space seems to be exhausted"
                )
                self.close()
        return None

    def reported(self, job: Job, rows: Sequence[Metrics]) -> str | None:
        """Report the objective to the study, epoch by epoch, and ask its pruner."""
        identity = job.step.trial.fingerprint
        logged = self._logged_by(identity)
        spec = self._search.spec
        first = spec.objectives[0]
        for row in (row for row in rows if row.counts_epochs):
            steps = self._steps_of(row, job)
            logged.note(row, steps)
            if first.key in row.values and job.current.prune_reason is None:
                value = compared(spec, logged.curves)[row.step]
                for number in self._open_numbers[identity]:
                    self._study.report(number, row.step, value)
                if self._study.should_prune(self._open_numbers[identity][0]):
                    what = f"mean {first.metric}" if spec.prunes_by_mean else first.metric
                    return f"{spec.pruner.name}: {what} {value:.6g} after {steps} {row.step}"
        return None

    def _steps_of(self, row: Metrics, job: Job) -> str:
        """What the step of a row is: `epoch`, or `step` where it goes beyond the epochs that there are."""
        noted = row.epochs + 1 if row.epochs else None  # the one that goes on has shown something
        known = counts_epochs(row.step, job.epochs, noted, by_epoch=self._search.by_epoch)
        return EPOCH if known else STEP

    def ended(self, job: Job) -> None:
        """Tell the study how a trial ended; one that resumes later stays open there."""
        identity = job.step.trial.fingerprint
        self._study.give_way(yes=self.is_open)
        self._notice_trouble()
        self._waits = False
        self._running.discard(identity)
        state = STATES.get(job.state)
        if state is None:
            return
        logged = self._logged_by(identity)
        if isinstance(job.refused, Settled):
            if not self._took_over(job, job.refused.run, logged):
                return
        elif state is State.COMPLETE:
            logged.require_all()
        params = self._known[identity].params
        known = self._record.trial(job.step.trial, params, state, logged.curves, job.run_id)
        self._known[identity] = known
        for number in self._open_numbers.pop(identity, ()):
            self._study.tell(number, known.state, known.values)

    def _took_over(self, job: Job, run: RunRecord, logged: TrialObjectives) -> bool:
        """Take what another job or `sweep run` made of a trial; False where its scores are not to be had now."""
        identity = job.step.trial.fingerprint
        logged.curves.update(self._record.curves(run.run_id))
        if (
            STATES.get(job.state) is State.COMPLETE
            and scores(self._search.spec.objectives, logged.curves) is None
        ):
            return False
        numbers = self._open_numbers.get(identity, [])
        if numbers:
            text = self._tag(job.step.trial, self._known[identity].params, run, numbers[0])
            self._record.tag(run.run_id, {tags.SEARCH: text})
        return True

    def close(self) -> None:
        """Suggest no more."""
        self._asks = False
        self._again.clear()

    def finish(self, patience_s: float) -> None:
        """Have the study stored, as far as its storage takes it within `patience_s` seconds."""
        if not self._study.flush(patience_s):
            trouble = self._study.trouble or "its study is not stored yet"
            self._notice(
                f"{self._search.sweep}: {trouble}; "
                "the record has every trial, and the next run of the file has the study say so"
            )
        self._study.close()

    def _notice_trouble(self) -> None:
        """Say once that the study cannot be stored, and once that it can again."""
        trouble = self._study.trouble
        if bool(trouble) != self._is_in_trouble:
            self._is_in_trouble = bool(trouble)
            message = f"{trouble}; the search goes on without" if trouble else "the study is stored again"
            self._notice(f"{self._search.sweep}: {message}")

    def _may_ask(self) -> bool:
        spec = self._search.spec
        late = spec.timeout_s is not None and time.monotonic() - self._began_s > spec.timeout_s
        return self._asks and len(self._member) < spec.total and not late

    def _suggestion(self) -> tuple[int, Params]:
        if self._unstarted:
            trial = self._unstarted.popleft()
            return self._open_numbers[trial.fingerprint][0], trial.params
        return self._study.ask(self._points.popleft() if self._points else None)

    def _job_of(self, number: int, params: Params) -> Job | None:
        """The job of a suggestion; None where it has its result, runs already, or is refused."""
        trial = self._search.trial(params, numbered_name(self._next_name))
        if trial is None:
            self._study.tell(number, State.FAILED, None)
            return None
        identity = trial.fingerprint
        numbers = self._open_numbers.setdefault(identity, [])
        if number not in numbers:
            numbers.append(number)
        if identity in self._member and self._known[identity].state is State.OPEN:
            self._waits = identity in self._running  # what its twin scores counts for both
            self._link(number, self._known[identity], reused=True)
            return None
        run = None if identity in self._member else self._record.run_of(identity)
        if run is not None and run.set_aside_ms:
            run = None  # it is to be trained again
        if identity not in self._member and (run is None or run.outcome not in STATES):
            self._next_name += 1
            step = Step(trial, Action.NEW) if run is None else Step(trial, Action.RESUME, run)
            return self._begin(step, params)
        if run is not None:
            self._adopt(trial, params, run, number)
        known = self._known[identity]
        for open_number in self._open_numbers.pop(identity):
            self._link(open_number, known, reused=True)
            for epoch, value in known.curve.items():
                self._study.report(open_number, epoch, value)
            self._study.tell(open_number, known.state, known.values)
        return None

    def _adopt(self, trial: Trial, params: Params, run: RunRecord, number: int) -> None:
        """Take a run that the record has already, of whatever sweep, as this search's trial."""
        self._next_name += 1
        curves = self._record.curves(run.run_id)
        state = STATES[run.outcome or ""]
        self._known[trial.fingerprint] = self._record.trial(trial, params, state, curves, run.run_id)
        self._member.add(trial.fingerprint)
        self._record.tag(run.run_id, {tags.SEARCH: self._tag(trial, params, run, number)})
        self._notice(f"{trial.sweep}/{trial.name}: has its result already, from {run.name}")

    def _begin(self, step: Step, params: Params) -> Job:
        identity = step.trial.fingerprint
        numbers = self._open_numbers[identity]
        run_id = step.record.run_id if step.record else None
        self._known[identity] = RecordedTrial(identity, params, State.OPEN, None, {}, run_id, step.trial.name)
        self._member.add(identity)
        self._running.add(identity)
        self._recall(identity, run_id)
        job = self._make_job(step)
        job.source = self
        job.tags |= {tags.SEARCH: self._tag(step.trial, params, step.record or step.earlier, numbers[0])}
        self.jobs.append(job)
        return job

    def _recall(self, identity: str, run_id: str | None) -> None:
        """Tell the study what an open trial has logged so far, in this `sweep run` or in the run that it goes on with."""
        curves = self._logged_by(identity).curves
        if run_id is not None and not curves:
            curves.update(self._record.curves(run_id))
        for epoch, value in compared(self._search.spec, curves).items():
            for number in self._open_numbers[identity]:
                self._study.report(number, epoch, value)

    def linked(self, job: Job) -> None:
        """Note in the study which run a job has got."""
        assert job.run_id is not None  # noqa: S101 - called when the run is open
        identity = job.step.trial.fingerprint
        self._known[identity] = replace(self._known[identity], run_id=job.run_id)
        if job.step.record is not None:
            self._recall(identity, job.run_id)
        for index, number in enumerate(self._open_numbers[identity]):
            self._link(number, self._known[identity], reused=index > 0)
        self._study.give_way(yes=False)

    def _link(self, number: int, known: RecordedTrial, *, reused: bool = False) -> None:
        self._study.link(number, **links(known), **({"reused": "true"} if reused else {}))

    def _tag(self, trial: Trial, params: Params, run: RunRecord | None, number: int) -> str:
        before = run.tags.get(tags.SEARCH, "") if run else ""
        return tag_text(before, trial.sweep, trial.name, params, self._study.name, number)

    def _agree(self, known: Sequence[RecordedTrial]) -> tuple[dict[str, list[int]], deque[RecordedTrial]]:
        """Make the study say what the record says; returns what is open there, and what of it has no run yet."""
        repair = reconcile(known, self._study.trials())
        for finding in repair.findings:
            self._notice(f"{self._search.sweep}: repaired the study: {finding}")
        if repair.rebuild:
            self._study.clear()
        open_numbers = {identity: list(numbers) for identity, numbers in repair.open_numbers.items()}
        for number, trial in repair.tell:
            self._link(number, trial)
            for epoch, value in trial.curve.items():
                self._study.report(number, epoch, value)
            self._study.tell(number, trial.state, trial.values)
        for number in repair.drop:
            self._study.tell(number, State.FAILED, None)
        for trial in repair.add:
            number = self._study.add(trial)
            if trial.state is State.OPEN:
                open_numbers.setdefault(trial.fingerprint, []).append(number)
        return open_numbers, deque(repair.unstarted)

    def _logged_by(self, identity: str) -> TrialObjectives:
        if identity not in self._logged:
            self._logged[identity] = TrialObjectives(self._search.sweep, self._search.spec.objectives)
        return self._logged[identity]
