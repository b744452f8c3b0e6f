"""Starts a command's program where the file says, and looks afterwards at what it said and left there."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.outcomes import Outcome
from sweeps.program.outputs.written_files import written_since
from sweeps.program.reasons.last_words import OOM, read_tail, reason_of
from sweeps.program.workplace import Workplace
from sweeps.rundir.paths import write_atomically
from sweeps.runner import out_of_memory

if TYPE_CHECKING:
    from sweeps.runner.attempt_spec import AttemptSpec
    from sweeps.runner.ending import Ending

_REQUEUED = "SLURM_RESTART_COUNT"
"""Slurm's count of how often it has started the same job again."""
_BY_EXIT_CODE = "exit code "


def is_taken_up_again(spec: AttemptSpec) -> bool:
    """Whether an earlier attempt of the trial, or an earlier start of this one, may have left something."""
    return spec.attempt > 1 or os.environ.get(_REQUEUED, "0") != "0"


def goes_on(spec: AttemptSpec) -> bool:
    """Whether the program is told to go on where the last attempt left off."""
    return (
        spec.workplace is not None and is_taken_up_again(spec) and bool(spec.workplace.goes_on(spec.config))
    )


class Started:
    """An attempt's program from its start to its end."""

    def __init__(self, spec: AttemptSpec) -> None:
        self._spec = spec
        self._place = spec.workplace or Workplace(spec.directory)
        self._log = spec.paths.log(spec.attempt)
        self._log_start = self._log.stat().st_size if self._log.exists() else None
        self._start_ns = time.time_ns()

    def program(self) -> dict[str, Any]:
        """The arguments of `subprocess.Popen`; the folder that it runs in is made.

        Raises:
            WorkplaceError: The folder cannot be made.
        """
        self._place.make()
        is_again = is_taken_up_again(self._spec)
        words = self._place.command(self._spec.command or (), self._spec.config, is_again=is_again)
        self._start_ns = time.time_ns()
        return {
            "args": words,
            "cwd": self._place.folder or None,
            "env": self._place.environment(os.environ),
        }

    def refused(self, error: Exception) -> str:
        """Why the program was not started, for the log and as the reason."""
        if isinstance(error, OSError):
            program = (self._spec.command or ("",))[0]
            told = f"{program} cannot be started: {error.strerror or error}"
        else:
            told = str(error)
        print(told, flush=True)  # noqa: T201 - the attempt's log
        return told

    def ended(self, ending: Ending) -> str:
        """The reason to record, after a look at what the program said last and wrote."""
        self._note_written()
        if ending.outcome != Outcome.FAILED or not ending.reason.startswith(_BY_EXIT_CODE):
            return ending.reason
        if self._log_start is None:
            return ending.reason
        text = read_tail(self._log, self._log_start)
        told = reason_of(text, self._place.secret_texts())
        if told == OOM:
            return out_of_memory.reason(text, self._spec)
        from sweeps.program.reasons.missing_modules import hint  # needed of a failure alone

        return f"{ending.reason}: {told}{hint(told, self._spec.command or (), Path(self._spec.directory))}"

    def _note_written(self) -> None:
        """Keep what it wrote outside its run's directory, for the supervisor."""
        if self._spec.workplace is None:
            return
        folder = self._place.folder
        is_ours = Path(folder).is_relative_to(self._spec.root)
        found = written_since(
            self._start_ns,
            time.time_ns(),
            "" if is_ours else folder,
            self._place.copy,
            self._place.skipped,
            self._place.left_out,
        )
        if found.files or not found.is_whole:
            write_atomically(self._spec.paths.written, json.dumps(found.to_json()))
