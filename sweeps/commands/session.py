"""Opens a spec for a command: reads, checks and expands it, and compares its trials with the record."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.provenance import differences
from analysis.read.record import Record
from sweeps.authoring.constants.constant_settings import missing_constants
from sweeps.errors import LaunchError, SelectionError, SpecError
from sweeps.executors.slots import find_machine
from sweeps.pace.order import recorded_paces, steps_longest_first, time_of
from sweeps.planning.checks.sources import source_problems
from sweeps.planning.expansion import expand, given_settings
from sweeps.planning.plan import make_plan, trainer_changes, with_beginnings, with_changed_keys
from sweeps.planning.search_history import left_out, progress, with_recorded
from sweeps.planning.selection import Selection, pick_words, words_for
from sweeps.planning.sweep import keeps_of
from sweeps.planning.validation import limit_problems
from sweeps.program.resuming import Resuming
from sweeps.program.surroundings import folder_of, interpreter_of
from sweeps.program.template import TrialValues
from sweeps.record.store_uri import DEFAULT_TRACKING_URI
from sweeps.rundir.lease import liveness, run_paths
from sweeps.rundir.lock import holder_pid
from sweeps.rundir.paths import StateDir
from sweeps.rundir.process_identity import user_name
from sweeps.rundir.store_limits import StoreLimits
from sweeps.spec.launch.order import LONGEST
from sweeps.spec.parser import read_spec
from sweeps.spec.resources import Keep
from sweeps.spec.setting_parser import read_overrides
from sweeps.trainer.changes.sentences import told
from sweeps.trainer.imports import places_of
from sweeps.trainer.loader import load_trainer
from sweeps.trainer.provenance import code_identity, environment_of, imported_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.commands.request import Request
    from sweeps.errors import Problem
    from sweeps.pace.paces import Paces
    from sweeps.planning.plan import Plan, Step
    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.model import Spec
    from sweeps.trainer.loader import Trainer


WITHOUT_PROGRAM = "what is recorded is shown without it"
"""Said of a program that is not here, by verbs that run nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """A checked spec and its trials.

    Attributes:
        request: What was asked for.
        spec: The file.
        trainer: The checked trainer.
        sweeps: The sweeps asked for, all their trials included.
        record: What MLflow has of the experiment.
        selection: Which of the trials are meant.
        keeps: What is kept of the checkpoints of its trials, by fingerprint; a trial that is not in it is its sweep's.
        troubles: Why its program cannot run here, where that is no matter: it is gone, or `sweep` was called elsewhere.
    """

    request: Request
    spec: Spec
    trainer: Trainer
    sweeps: tuple[Sweep, ...]
    record: Record = field(repr=False)
    selection: Selection = field(repr=False)
    keeps: Mapping[str, frozenset[Keep]] = field(default_factory=dict, repr=False)
    troubles: tuple[Problem, ...] = ()

    @property
    def profile(self) -> str | None:
        """The profile in force."""
        return self.request.profile if self.request.profile is not None else self.spec.profile

    @property
    def labels(self) -> tuple[str, ...]:
        """Its sweeps, each as `EXPERIMENT/SWEEP`."""
        return tuple(f"{self.spec.experiment}/{sweep.name}" for sweep in self.sweeps)

    @property
    def search_path(self) -> tuple[str, ...]:
        """Where the trainer's modules are looked for first."""
        return places_of(self.spec.trainer)

    def holders(self) -> dict[str, int]:
        """Which of its sweeps a process of this machine runs now, each with the process's id."""
        state, experiment = StateDir.here(), self.spec.experiment
        held = {sweep.name: holder_pid(state, experiment, sweep.name) for sweep in self.sweeps}
        return {name: pid for name, pid in held.items() if pid is not None}

    def repeat_command(self, trial: Trial, *options: str) -> str:
        """The shell command that runs this one trial again."""
        return self._shell("run", "--sweep", trial.sweep, "--only", f"trial={trial.name}", *options)

    @property
    def grids(self) -> tuple[Sweep, ...]:
        """Its sweeps that are no searches."""
        return tuple(sweep for sweep in self.sweeps if sweep.search is None)

    @property
    def searches(self) -> frozenset[str]:
        """The names of its sweeps that are."""
        return frozenset(sweep.name for sweep in self.sweeps if sweep.search is not None)

    def resume_command(self, sweep: str) -> str:
        """The shell command that goes on with one sweep."""
        return self._shell("run", "--sweep", sweep)

    def next_run(self, *more: str) -> str:
        """The shell command that runs what this one selects, in the same way; with more words."""
        asked = self.request
        return self.command("run", None, *pick_words(asked.only, asked.excepting), *asked.options, *more)

    def command(self, verb: str, trial: str | None = None, *options: str) -> str:
        """The shell command of a verb on what this one is about."""
        return self.request.command(verb, self.record.tracking_uri, *options, trial=trial)

    def _shell(self, verb: str, *words: str) -> str:
        return self.request.shell(verb, self.record.tracking_uri, self.profile, *words)

    def plan(self) -> Plan:
        """The plan of the selected trials against the record as it was listed last; reads only.

        Raises:
            AnalysisError: The record cannot be read.
        """
        plan = self._with_changed_keys(self.selected_plan())
        plan = with_beginnings(plan, self._goes_on)
        changes = self.changes(plan)
        if not (runs := plan.named_runs):
            return replace(plan, differences=changes)
        if self.troubles:  # what would run now is not known
            return replace(plan, differences=(*changes, *map(str, differences(runs))))
        found = self.differences(runs, self.identity())
        return replace(plan, differences=(*changes, *found), eta_s=self._eta_s(plan))

    def differences(
        self, runs: Iterable[tuple[str, RunRecord]], now: Mapping[str, str], **only: bool
    ) -> list[str]:
        """In what runs differ, in sentences, as `sweeps.trainer.changes.sentences.told` makes them."""
        return told(runs, now, self.spec.trainer, self.anew, self.command("metrics", None, "--apply"), **only)

    def anew(self, run_ids: Collection[str]) -> tuple[str, str]:
        """The shell command that trains the trials of runs anew, and what it trains: `them`, or more."""
        asked = self.request
        trials = [(s.trial, s.record.run_id in run_ids) for s in self.selected_plan().steps if s.record]
        words, which = words_for(trials, asked.only, asked.excepting, names_sweeps=bool(asked.sweeps))
        return self.command("run", None, *words, *asked.options, "--again"), which

    def selected_plan(self) -> Plan:
        """The bare plan of the selected trials: what is to be done with each, without differences, changed keys and time.

        Raises:
            AnalysisError: The record cannot be read.
        """
        return self.selection.of_plan(self.whole_plan())

    def whole_plan(self) -> Plan:
        """The bare plan of all trials, whatever is selected.

        Raises:
            AnalysisError: The record cannot be read.
        """
        records = self.record.runs
        sweeps = with_recorded(self.sweeps, records)
        plan = make_plan(
            sweeps,
            records,
            is_alive=liveness(records),
            profile=self.profile,
            others=self.record.others,
            trainer=self.spec.trainer.identity,
        )
        searches = (sweep.search for sweep in sweeps if sweep.search is not None)
        # With other seeds than the file's, it does not say what is gone from it.
        removed = plan.removed if self.request.seeds is None else ()
        return replace(
            plan, removed=removed, searches=tuple(progress(search, records) for search in searches)
        )

    def identity(self, code: Mapping[str, object] | None = None) -> dict[str, str]:
        """The tags that say which trainer, code and environment a trial started now would have.

        Args:
            code: Its code, where that is known; None: what `code_identity` finds.
        """
        trainer = self.spec.trainer
        return {
            tags.TRAINER: trainer.identity,
            tags.CODE: json.dumps(code_identity(trainer) if code is None else code),
            tags.ENV: json.dumps(environment_of(interpreter_of(trainer.surroundings), imported_by(trainer))),
        }

    def origin(self, code: Mapping[str, object] | None = None) -> dict[str, str]:
        """Who runs what, in the tags that MLflow's own clients set and its UI has columns for.

        Args:
            code: The code of the trials, as in `identity`.
        """
        commit = (code or {}).get("commit")
        return {
            tags.USER: user_name(),
            tags.SOURCE_NAME: self.spec.trainer.identity,
            tags.SOURCE_TYPE: "LOCAL",
            **({tags.GIT_COMMIT: str(commit)} if commit else {}),
        }

    def changes(self, plan: Plan) -> tuple[str, ...]:
        """What does not count because another trainer ran it, in sentences."""
        return (
            *trainer_changes(plan),
            *left_out(self.sweeps, self.record.others, self.spec.trainer.identity),
        )

    def _goes_on(self, step: Step) -> bool | None:
        """Whether a trial that is taken up again goes on where it was; None: nothing tells."""
        said = self.spec.trainer.surroundings
        if step.record is None:
            return None
        run_id = step.record.run_id
        paths = run_paths(step.record)
        if self.spec.trainer.run is not None:
            return paths.left_any or None
        if not said.resume.add:
            return None
        run_dir = paths.files
        values = TrialValues.of(step.trial.config, run_dir=run_dir, trial=step.trial.name, run_id=run_id)
        try:
            values = replace(values, folder=folder_of(said, values))
        except LaunchError:
            return False
        return Resuming.of(said.resume).goes_on(values)

    def _with_changed_keys(self, plan: Plan) -> Plan:
        """The plan with the keys that changed; the record's params are read only where a trial changed."""
        if all(step.earlier is None or step.has_other_trainer for step in plan.steps):
            return plan
        from sweeps.record.batching import param_text

        return with_changed_keys(plan, self.record.params(), param_text, self.trainer.before)

    def in_start_order(self, plan: Plan, steps: Sequence[Step]) -> tuple[Sequence[Step], Paces]:
        """Steps of a plan in the order in which they start, and how fast such trials were, as far as the record tells."""
        paces = recorded_paces(plan.steps, self.trainer.epochs_of)
        if self.spec.order == LONGEST:
            steps = steps_longest_first(steps, paces, self.trainer.epochs_of)
        return steps, paces

    def _eta_s(self, plan: Plan) -> float | None:
        """How long the steps to start will take on this machine, as `sweep run` estimates it when it starts."""
        steps, paces = self.in_start_order(plan, plan.to_start())
        slots = find_machine(None, None).slots(self.sweeps[0].spec.resources) if steps and paces else 0
        return time_of(steps, paces, self.trainer.epochs_of, slots) if slots else None


def open_session(
    request: Request,
    tracking_uri: str = DEFAULT_TRACKING_URI,
    *,
    with_record: bool = True,
    needs_program: bool = True,
    needs_configs: bool = True,
) -> Session:
    """Read, check and expand a spec; nothing is written.

    Args:
        request: What the command line asks for.
        tracking_uri: Where the record is.
        with_record: Whether the trials of searches are wanted, which only the record has.
        needs_program: Whether what is asked for runs its program; else the session has its `troubles`, if it cannot run here.
        needs_configs: Whether it asks which runs are which trials, by their whole configs, and not for names alone.

    Raises:
        SpecError: With every problem of the file and of the resolved configs.
        SelectionError: A profile, sweep or trial that the command line names does not exist.
        AnalysisError: The record cannot be read.
    """
    spec = read_spec(request.file)
    trainer, problems = load_trainer(spec.trainer)
    troubles = () if needs_program or (needs_configs and not trainer.tells_configs) else problems
    problems = () if troubles else problems
    found = session_of(request, spec, trainer, tracking_uri, problems=problems, with_record=with_record)
    return replace(found, troubles=troubles)


def session_of(
    request: Request,
    spec: Spec,
    trainer: Trainer,
    tracking_uri: str,
    *,
    problems: Sequence[Problem] = (),
    with_record: bool = True,
) -> Session:
    """The same for a spec that is read and a trainer that is found.

    Args:
        request: What the command line asks for.
        spec: The file.
        trainer: Its trainer.
        tracking_uri: Where the record is.
        problems: What is wrong with the trainer.
        with_record: Whether the trials of searches are wanted.

    Raises:
        SpecError: With every problem of the trainer and of the resolved configs.
        SelectionError: As `open_session`, as the next.
        AnalysisError: The record cannot be read.
    """
    overrides = read_overrides(request.overrides, groups=spec.trainer.has_groups)
    profile, seeds = request.profile, request.seeds
    expansion = expand(
        spec, trainer, profile=profile, overrides=overrides, only_sweeps=request.sweeps, seeds=seeds
    )
    sweeps = expansion.sweeps
    refused = limit_problems(spec, trainer, overrides, StoreLimits.of(tracking_uri))
    shared = () if problems or expansion.problems else source_problems(spec, sweeps)
    given = given_settings(spec, request.overrides, profile, seeds)
    lacking = () if problems else tuple(missing_constants(trainer, given))
    if problems := (*problems, *refused, *expansion.problems, *_search_problems(sweeps), *shared, *lacking):
        raise SpecError(problems)
    record = Record(tracking_uri, spec.experiment, spec.trainer.identity)
    if with_record and any(sweep.search is not None for sweep in sweeps):
        sweeps = with_recorded(sweeps, record.runs)
    selection = Selection.parse(request.only, request.excepting, sweeps)
    says = any(sweep.keep is not Keep.ALL for sweep in spec.sweeps)
    keeps = keeps_of(sweeps) if says else {}
    if says and request.sweeps:
        every = _every_sweep(request, spec, trainer)
        if every is not None and with_record and any(sweep.search is not None for sweep in every):
            every = with_recorded(every, record.runs)
        keeps = {**dict.fromkeys(keeps, frozenset({Keep.ALL})), **(keeps_of(every) if every else {})}
    return Session(request, spec, trainer, sweeps, record, selection, keeps)


def _every_sweep(request: Request, spec: Spec, trainer: Trainer) -> tuple[Sweep, ...] | None:
    """All sweeps of the file, as another one may have a trial too; None where one that is not asked for is wrong."""
    overrides = read_overrides(request.overrides, groups=spec.trainer.has_groups)
    try:
        found = expand(spec, trainer, profile=request.profile, overrides=overrides, seeds=request.seeds)
    except SelectionError:
        return None
    return None if found.problems else found.sweeps


def _search_problems(sweeps: Iterable[Sweep]) -> Iterator[Problem]:
    """What Optuna would refuse of the searches' samplers and pruners."""
    for sweep in sweeps:
        if sweep.search is not None:
            from sweeps.search.samplers import search_problems

            yield from search_problems(sweep.search.spec, f"sweeps.{sweep.name}.search", sweep.search.epochs)
