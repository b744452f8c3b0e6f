"""`sweep report --watch`: draws the report again while its sweeps run; its page in a browser follows."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analysis.read.errors import AnalysisError
from analysis.report.drawing import ONCE
from analysis.report.following import PAGE
from sweeps.cli.output import say
from sweeps.commands.report import draw
from sweeps.errors import SelectionError, SpecError
from sweeps.planning.plan import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from analysis.report.drawing import Drawing
    from sweeps.commands.session import Session

SHARE = 0.1
"""Drawing may take this share of one core at most, beside the training that it shows."""
SHORTEST_PAUSE_S = 2.0
NICENESS = 10
"""Where training wants all cores, it comes first."""


def follow_report(
    reopen: Callable[[], Session],
    out: Path,
    beside: Sequence[str] = (),
    drawing: Drawing = ONCE,
) -> Session:
    """Draw into `out` whenever the record has changed, until nothing runs any more; returns the session as it is then.

    The page still follows then: it shows the last report once that is written, or stays as it is with `leave`.

    Args:
        reopen: Reads and checks the file, which may be saved meanwhile.
        out: The folder.
        beside: As for `draw`.
        drawing: As for `draw`.

    Raises:
        SweepError: The file is wrong, or the record cannot be read, at the first look. Later ones are said, and tried again.
        RecordError: `out` cannot be written.
    """
    session = reopen()
    running = _is_running(session)
    if not running:
        say("nothing runs: the report is drawn once, and follows nothing", err=True)
    drawn: Any = None
    trouble = ""
    while running:
        began_s = time.process_time()
        try:
            session.record.refresh()
            running, seen = _is_running(session), _seen(session)
            if running and seen != drawn and session.record.runs:
                session = reopen()
                draw(session, out, beside, replace(drawing, follows=True))
                if drawn is None:
                    say(f"{out / PAGE} follows until the sweep ends, or Ctrl-C", err=True)
                drawn, trouble = seen, ""
        except (AnalysisError, SpecError, SelectionError, OSError) as error:
            if str(error) != trouble:
                say(f"{error}\nthe report waits for that to pass", err=True)
            trouble = str(error)
        if running:
            time.sleep(pause_s(time.process_time() - began_s))
    return reopen()


def pause_s(spent_s: float) -> float:
    """How long to rest after a look that took `spent_s` seconds of one core."""
    return max(SHORTEST_PAUSE_S, spent_s * (1 / SHARE - 1))


def yield_cores() -> None:
    """Let whatever else wants a core have it first."""
    os.nice(NICENESS)


def _is_running(session: Session) -> bool:
    # A `sweep run` has its sweeps also before its first trial, and between two.
    steps = session.whole_plan().steps
    return bool(session.holders()) or any(step.action is Action.RUNNING for step in steps)


def _seen(session: Session) -> object:
    """What the report shows changes only where this does: the file, the runs with their tags, the last points."""
    points = sorted((point.run_id, point.key, point.step, point.time_ms) for point in session.record.finals())
    return session.request.file.stat().st_mtime_ns, session.record.runs, points
