"""Starts a job's attempt: writes its run's directory, fills its command and environment, hands it to the executor."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.store import absolute_uri
from sweeps.errors import LaunchError
from sweeps.program.outputs.written_files import open_beside
from sweeps.program.surroundings import Code, absolute, module_of, python_path, workplace
from sweeps.program.template import NoFileError, TrialValues
from sweeps.runner import startup
from sweeps.runner.attempt_spec import AttemptSpec
from sweeps.trainer.changes.named_files import NamedFiles, without_written
from sweeps.trainer.code_files import SKIPPED
from sweeps.trainer.footprints import Footprints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Executor
    from sweeps.program.workplace import Workplace
    from sweeps.rundir.paths import RunPaths, StateDir
    from sweeps.scheduler.job import Job
    from sweeps.sources.following.order import ReadOrder
    from sweeps.trainer.loader import Trainer
    from sweeps.trainer.snapshot import Snapshot

_RECORDS = frozenset(
    f"{name}.db{end}" for name in ("mlflow", "optuna") for end in ("", "-wal", "-shm", "-journal")
)
"""Files of a record, which the supervisor writes."""


class Launcher:
    """Makes attempts of jobs.

    Args:
        executor: What starts them.
        state: Where runs keep their files.
        trainer: What they run.
        search_path: Where the trainer's modules are looked for first.
        snapshot: The code that they run, or None: the trainer's as it is.
        uri: The tracking URI, for trainers that log to MLflow themselves.
        recorded: What the record says of their environment.
        sample_s: How often is sampled what they take of the machine, in seconds; None: not at all.
    """

    def __init__(
        self,
        executor: Executor,
        state: StateDir,
        trainer: Trainer,
        *,
        search_path: Sequence[str],
        snapshot: Snapshot | None,
        uri: str,
        recorded: str,
        sample_s: float | None = None,
    ) -> None:
        self._executor = executor
        self._state = state
        self._trainer = trainer
        self._search_path = tuple(search_path)
        self._snapshot = snapshot
        self._uri = absolute_uri(uri)  # a trial may run in another directory
        self._recorded = recorded
        self._sample_s = sample_s
        self._footprints = Footprints(snapshot)
        self._named = NamedFiles(trainer, *([snapshot.copy_of] if snapshot is not None else []))
        self._named_of: dict[str, dict[str, tags.FileState]] = {}
        is_program = trainer.spec.command is not None
        self._not_theirs = open_beside() | {str(state.root)} if is_program else frozenset()

    def adopt(self, job: Job) -> int | None:
        """Take over the attempt that an earlier supervisor left running or queued; returns its number, or None."""
        record = job.step.record
        if job.run_id is not None or record is None:
            return None
        return self._executor.adopt(record.run_id, self._state.run(record.run_id))

    def attempts_here(self, job: Job) -> int:
        """The number of the last attempt whose log is here; an older state of the store may not know it."""
        run_id = job.run_id or (job.step.record.run_id if job.step.record is not None else None)
        return 0 if run_id is None else self._state.run(run_id).last_attempt()

    def prepare(self, job: Job) -> RunPaths:
        """Make the directory of a job's run ready for the attempt, and return its paths."""
        paths = self._state.run(job.open_run_id)
        paths.root.mkdir(parents=True, exist_ok=True)
        paths.outcome.unlink(missing_ok=True)
        if not job.current.is_adopted:
            paths.written.unlink(missing_ok=True)
        paths.config.write_text(json.dumps(dict(job.config)), encoding="utf-8")
        if not job.current.is_adopted:
            paths.environment.unlink(missing_ok=True)
        return paths

    def named_files(self, job: Job) -> dict[str, str]:
        """The tags that say what the files hold that the job's trial names, as its attempt finds them."""
        if job.current.is_adopted:
            return {}  # it has read them
        self._named_of[job.label] = found = self._named.of(job.config, job.step.trial.name)
        return {tags.FILES: tags.files_text(found)} if found or job.run_id is not None else {}

    def begun(self, job: Job) -> None:
        """Take note that a job's attempt begins, or that one was taken over."""
        self._footprints.begin(job.label, is_adopted=job.current.is_adopted)

    def ended(self, job: Job, reason: str) -> dict[str, str]:
        """Add to the remarks of a job's run what its attempt left elsewhere, and what became of the code; returns the run's tags of it."""
        paths = self._state.run(job.open_run_id)
        for remark in self._footprints.ended(job.label, paths, reason, job.config):
            paths.remark(remark)
        return {**self._footprints.tags_of(job.label), **self._read_files(job)}

    def _read_files(self, job: Job) -> dict[str, str]:
        """The tag of the files that its trial names, where it may have written some of them itself."""
        found = self._named_of.pop(job.label, {})
        kept = without_written(found)
        return {tags.FILES: tags.files_text(kept)} if kept != found else {}

    def told(self) -> list[str]:
        """What the user should know of that at the end, a sentence each."""
        return self._footprints.told()

    def submit(self, job: Job) -> None:
        """Hand the attempt to the executor.

        Raises:
            LaunchError: It cannot be started, or a file that its command needs is not there.
        """
        spec = self._spec(job)
        if spec.workplace is None:
            job.current.goes_on = spec.paths.left_any or None
        else:
            job.current.goes_on = spec.workplace.goes_on(spec.config)
        self._executor.submit(spec)

    def _spec(self, job: Job) -> AttemptSpec:
        allocation = job.current.allocation
        paths = self._state.run(job.open_run_id)
        values = self._values(job)
        workplace = self._workplace(job, values)
        return AttemptSpec(
            run_id=job.open_run_id,
            attempt=job.current.number,
            root=paths.root,
            config=dict(job.config),
            function=self._trainer.spec.run,
            command=self._command(values),
            devices=allocation.devices,
            environment={**allocation.environment(), **self._environment(job.open_run_id, paths, values)},
            search_path=self._search_path,
            directory=str(Path.cwd()),
            recorded=self._recorded,
            order=None if workplace is None else self._order(job, paths, workplace.folder),
            resources=replace(job.resources, gpu=allocation.gpu, cpu=allocation.cpus),
            workplace=workplace,
            sample_s=self._sample_s,
            before_s=job.spent_s,
        )

    def _workplace(self, job: Job, values: TrialValues) -> Workplace | None:
        spec = self._trainer.spec
        if spec.command is None:
            return None
        copy = self._snapshot if self._snapshot is not None and not self._snapshot.is_in_place else None
        code = Code(
            copy_of=copy.copy_of if copy is not None else lambda _: None,
            copy=str(copy.base) if copy is not None else "",
            copies=str(self._state.root / "snapshots"),
            skipped=SKIPPED | _RECORDS,
            left_out=self._not_theirs,
        )
        return workplace(spec, values, (job.step.trial.sweep, job.step.trial.name), code, os.environ)

    def _command(self, values: TrialValues) -> tuple[str, ...] | None:
        spec = self._trainer.spec
        if spec.command is None:
            return None
        try:
            words = self._trainer.arguments(values)
            self._trainer.write_own_file(values)
        except NoFileError as error:
            raise LaunchError(
                f"trainer.command: no file matches {error}, which a `{{newest:...}}` asks for"
            ) from None
        if self._snapshot is not None:
            words = list(self._snapshot.command(words))
        return tuple(words) if spec.surroundings.cwd is None else absolute(words)

    def _order(self, job: Job, paths: RunPaths, folder: str) -> ReadOrder:
        """Where the metrics of a command that runs in a folder are read; it stays in the run's directory."""
        now_ms = time.time_ns() // 1_000_000
        return self._trainer.read_order(self._values(job), folder, job.epochs, now_ms).write(paths)

    def _values(self, job: Job) -> TrialValues:
        """What placeholders of the job's trial stand for."""
        paths = self._state.run(job.open_run_id)
        file = self._trainer.config_file
        return TrialValues.of(
            job.config,
            run_dir=paths.files,
            trial=job.step.trial.name,
            run_id=job.open_run_id,
            trial_config="" if file is None else paths.own_config(file.name).absolute(),
        )

    def _environment(self, run_id: str, paths: RunPaths, values: TrialValues) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": self._uri,
            "MLFLOW_RUN_ID": run_id,
            "SWEEP_RUN_DIR": str(paths.files),
            "SWEEP_CONFIG": str(paths.config),
            **self._imports(values),
        }

    def _imports(self, values: TrialValues) -> dict[str, str]:
        """Have a command's Python prepare MLflow's calls, and import from the snapshot too."""
        spec = self._trainer.spec
        if spec.command is None:
            return {}
        places = [str(Path(place).absolute()) for place in python_path(spec.surroundings, os.environ, values)]
        if spec.surroundings.cwd is not None and module_of(spec.command) is not None:
            places.insert(0, str(Path.cwd()))  # where `-m` looks first
        copy = self._snapshot
        first = (*copy.first, *copy.copies_of(places)) if copy is not None and not copy.is_in_place else ()
        return {"PYTHONPATH": os.pathsep.join(dict.fromkeys((*startup.__path__, *first, *places)))}
