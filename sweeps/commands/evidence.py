"""What a trial's program printed and left, seen from outside: for trials that recorded nothing, and `sweep metrics`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.record.notes import tail
from sweeps.rundir.paths import StateDir
from sweeps.sources.left_files import left_files
from sweeps.sources.printed import lines_with_numbers, printed_forms
from sweeps.sources.suggestion import suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.read.store import RunRecord
    from sweeps.sources.left_files import LeftFile

_MOST_LINES = 100_000
_MOST_BYTES = 8 << 20
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What hints at the metrics of a trial's last attempt on this machine.

    Attributes:
        numbers: How many lines of its log hold a number with a name.
        example: One of them that a pattern reads; empty where there is none.
        files: The files of metrics that it left.
        suggestion: The lines for `trainer:` that would read them.
    """

    numbers: int
    example: str
    files: Sequence[LeftFile]
    suggestion: Sequence[str]


def evidence_of(run: RunRecord, *, of_command: bool) -> Evidence:
    """Look at the log of a run's last attempt, at its directory, and at what changed in the working directory since it began.

    Args:
        run: The run.
        of_command: Whether its trainer is a command; a function logs by itself, and gets no suggestion.
    """
    paths = StateDir.here().run(run.run_id)
    lines = _printed(paths.log(max(run.attempt, paths.last_attempt())))
    forms = printed_forms(lines)
    inside = left_files(paths.files)
    outside = left_files(Path.cwd(), since_s=run.start_ms / 1000)
    return Evidence(
        lines_with_numbers(lines),
        forms[0].example if forms else "",
        (*inside, *outside),
        suggestion(forms, inside, outside, paths.files) if of_command else (),
    )


def _printed(log: Path) -> list[str]:
    """The lines of a log as a reader sees them: without colours, each state of a progress bar a line."""
    text = "\n".join(tail(log, _MOST_LINES, most_bytes=_MOST_BYTES))
    return _COLOURS.sub("", text).replace("\r", "\n").splitlines()
