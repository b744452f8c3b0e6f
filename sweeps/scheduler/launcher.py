"""Starts a job's attempt: writes its run's directory, fills its command and environment, hands it to the executor."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.template import TrialValues
from sweeps.record.store_uri import absolute_uri
from sweeps.runner import startup
from sweeps.runner.attempt_spec import AttemptSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Executor
    from sweeps.rundir.paths import RunPaths, StateDir
    from sweeps.scheduler.job import Job
    from sweeps.trainer.loader import Trainer
    from sweeps.trainer.snapshot import Snapshot


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
    ) -> None:
        self._executor = executor
        self._state = state
        self._trainer = trainer
        self._search_path = tuple(search_path)
        self._snapshot = snapshot
        self._uri = absolute_uri(uri)  # a trial may run in another directory
        self._recorded = recorded

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
        paths.config.write_text(json.dumps(dict(job.config)), encoding="utf-8")
        if not job.current.is_adopted:
            paths.environment.unlink(missing_ok=True)
        return paths

    def submit(self, job: Job) -> None:
        """Hand the attempt to the executor.

        Raises:
            LaunchError: It cannot be started.
        """
        self._executor.submit(self._spec(job))

    def _spec(self, job: Job) -> AttemptSpec:
        allocation = job.current.allocation
        paths = self._state.run(job.open_run_id)
        return AttemptSpec(
            run_id=job.open_run_id,
            attempt=job.current.number,
            root=paths.root,
            config=dict(job.config),
            function=self._trainer.spec.run,
            command=self._command(job),
            devices=allocation.devices,
            environment={**allocation.environment(), **self._environment(job.open_run_id, paths)},
            search_path=self._search_path,
            directory=str(Path.cwd()),
            recorded=self._recorded,
            resources=replace(job.resources, gpu=allocation.gpu, cpu=allocation.cpus),
        )

    def _command(self, job: Job) -> tuple[str, ...] | None:
        if self._trainer.spec.command is None:
            return None
        words = self._trainer.arguments(self._values(job))
        return tuple(words) if self._snapshot is None else self._snapshot.command(words)

    def _values(self, job: Job) -> TrialValues:
        """What placeholders of the job's trial stand for."""
        paths = self._state.run(job.open_run_id)
        own = {"run_dir": str(paths.files), "trial": job.step.trial.name, "run_id": job.open_run_id}
        return TrialValues(job.config, own)

    def _environment(self, run_id: str, paths: RunPaths) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": self._uri,
            "MLFLOW_RUN_ID": run_id,
            "SWEEP_RUN_DIR": str(paths.files),
            "SWEEP_CONFIG": str(paths.config),
            **self._imports(),
        }

    def _imports(self) -> dict[str, str]:
        """Have a command's Python prepare MLflow's calls, and import from the snapshot too."""
        if self._trainer.spec.command is None:
            return {}
        inherited = os.environ.get("PYTHONPATH")
        places = inherited.split(os.pathsep) if inherited else []
        copy = self._snapshot
        first = (*copy.first, *copy.copies_of(places)) if copy is not None else ()
        return {"PYTHONPATH": os.pathsep.join(dict.fromkeys((*startup.__path__, *first, *places)))}
