"""Runs a program once for some seconds in a scratch folder, and sees what it prints and leaves."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from sweeps.authoring.outputs.opened_files import noting, opened
from sweeps.authoring.probing.scratch import copy_folder
from sweeps.errors import ScriptError
from sweeps.program.surroundings import PYTHONPATH
from sweeps.rundir.paths import command_path
from sweeps.rundir.process_tree import end_marked, end_tree
from sweeps.sources.formats.output import clean_lines
from sweeps.sources.proposals.left_files import left_files
from sweeps.sources.proposals.printed import printed_forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.sources.proposals.form_steps import PrintedForm
    from sweeps.sources.proposals.left_files import LeftFile

MARK = "SWEEP_PROBE"
"""The variable by which everything that a probe started is known."""
_RUN_DIR = "{run_dir}"
"""Stands in lines for the folder that a program is told to write to."""
_LOOK_S = 0.05
_MOST_LOG_BYTES = 64 << 20
_MOST_LINES = 100_000
_MOST_LAST = 5
_CODE = (".py", ".pyc", ".pyi", ".pth", ".so")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a run showed.

    Attributes:
        forms: The lines with numbers that it printed.
        inside: The files of metrics that it left in its run's directory.
        outside: Those that it left where it ran.
        wrote: All that it wrote where it ran: paths below.
        read: The files that lay where it ran, and that it opened to read, but for its code: paths below.
        exit_code: How it ended; None: it was still running, and was ended.
        lines: How many lines it printed.
        last_lines: The last of them.
        seconds: How long it ran.
    """

    forms: tuple[PrintedForm, ...]
    inside: tuple[LeftFile, ...]
    outside: tuple[LeftFile, ...]
    wrote: tuple[str, ...]
    exit_code: int | None
    lines: int
    last_lines: tuple[str, ...]
    seconds: float
    read: tuple[str, ...] = ()


def probe(
    words: Sequence[str], folder: Path, scratch: Path, run_dir: Path, limit_s: float, base: str = ""
) -> Probe:
    """Run a program in a copy of a folder, and end it with all that it started when its time is over.

    Args:
        words: The program with its arguments; relative paths are below the folder.
        folder: The folder that it is started in by hand.
        scratch: An empty folder for the copy.
        run_dir: The folder that it is told to write to.
        limit_s: How long it may run, in seconds.
        base: The folder that its modules are found from, where Python does not look by itself.

    Raises:
        ScriptError: It cannot be started.
    """
    work = scratch / "work"
    copy_folder(folder, work)
    run_dir.mkdir(parents=True, exist_ok=True)
    before = dict(_stamps(work))
    log = scratch / "output.log"
    began = time.monotonic()
    env = _environment(work, run_dir, _place_of(base, folder, work))
    env |= noting(scratch, env.get(PYTHONPATH, ""))
    exit_code = _run(words, work, env, log, limit_s)
    seconds = time.monotonic() - began
    with log.open("rb") as file:
        text = file.read(_MOST_LOG_BYTES).decode(errors="replace")
    lines = clean_lines(text)[:_MOST_LINES]
    own = {run_dir: _RUN_DIR, work: str(folder), scratch: str(folder)}
    wrote = tuple(path for path, stamp in _stamps(work) if before.get(path) != stamp)
    outside = tuple(left for left in left_files(work) if str(left.path.relative_to(work)) in wrote)
    said = [line for line in lines if line.strip()]
    last = tuple(_by_hand(line, own) for line in said[-_MOST_LAST:])
    forms = tuple(replace(form, example=_by_hand(form.example, own)) for form in printed_forms(lines))
    noted = [os.path.relpath(path, work) for path in opened(scratch)]
    read = tuple(path for path in noted if path in before and not path.endswith(_CODE))
    return Probe(forms, tuple(left_files(run_dir)), outside, wrote, exit_code, len(said), last, seconds, read)


def _by_hand(line: str, own: Mapping[Path, str]) -> str:
    """A line as the program prints it by hand: without the paths of what is removed behind the probe."""
    for path, shown in own.items():
        line = line.replace(str(path), shown)
    return line


def _run(words: Sequence[str], work: Path, env: dict[str, str], log: Path, limit_s: float) -> int | None:
    """Run it until it ends or its time is over; nothing that it started is left.

    Returns:
        The exit code; None: it was ended.
    """
    mark = secrets.token_hex(8)
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                list(words),
                cwd=work,
                env={**env, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ScriptError(
                f"{words[0]}: cannot be started: {getattr(error, 'strerror', None) or error}"
            ) from None
        exit_code: int | None = None
        try:
            deadline_s = time.monotonic() + limit_s
            while (
                exit_code is None and time.monotonic() < deadline_s and log.stat().st_size < _MOST_LOG_BYTES
            ):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    exit_code = process.wait(_LOOK_S)
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                end_tree(psutil.Process(process.pid))
            process.wait()
            end_marked({(MARK, mark)})
    return exit_code


def _place_of(base: str, folder: Path, work: Path) -> str:
    """Where the copy has a folder; of one that is not in the folder where it lies itself; empty: there is none."""
    place = os.path.abspath(folder / base) if base else ""  # noqa: PTH100 - links stay
    return (
        str(work / Path(place).relative_to(folder)) if base and Path(place).is_relative_to(folder) else place
    )


def _environment(work: Path, run_dir: Path, place: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")},
        **({PYTHONPATH: place} if place else {}),
        "PATH": command_path(),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "SWEEP_RUN_DIR": str(run_dir),
        "MLFLOW_TRACKING_URI": f"sqlite:///{work.parent / 'mlflow.db'}",
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(run_dir),
    }


def _stamps(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """The files below a folder, each with its size and the time of its last change."""
    for here, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if name != "__pycache__"]
        for name in names:
            path = Path(here) / name
            with contextlib.suppress(OSError):
                state = path.stat()
                yield str(path.relative_to(folder)), (state.st_size, state.st_mtime_ns)
