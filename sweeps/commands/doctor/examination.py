"""Runs the probes, each in a process of its own: one that hangs is ended, one that crashes is told."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sweeps.commands.doctor.judging import Finding, State, wrong
from sweeps.commands.doctor.probes import PROBES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection

    from sweeps.commands.doctor.probes import Place

    Probe = Callable[[Place], Iterator[Finding]]

LIMIT_S = 60.0
"""How long a part may take to answer."""


def examine(place: Place, probes: Mapping[str, Probe] = PROBES, limit_s: float = LIMIT_S) -> list[Finding]:
    """What is found of each part, in their order; all are looked at side by side.

    Args:
        place: Where one means to work.
        probes: The parts, each with what looks at it.
        limit_s: How long one may take, in seconds.
    """
    context = multiprocessing.get_context("fork")
    asked = []
    for part, probe in probes.items():
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_answer, args=(probe, place, theirs), daemon=True)
        process.start()
        theirs.close()
        asked.append((part, process, ours))
    end_s = time.monotonic() + limit_s
    found = []
    for part, process, answers in asked:
        found += _heard(part, answers, max(0.0, end_s - time.monotonic()), limit_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(
                process.pid or 0, signal.SIGKILL
            )  # what it started, too; one that the disk holds is left
        process.kill()
    return found


def _answer(probe: Probe, place: Place, theirs: Connection) -> None:
    """In the process of a probe: look, and hand over what was found."""
    os.setpgid(0, 0)
    try:
        told: Any = [{**asdict(finding), "state": finding.state.value} for finding in probe(place)]
    except Exception as error:  # noqa: BLE001 - whatever a broken machine raises is what there is to tell
        told = f"{type(error).__name__}: {error}"
    theirs.send_bytes(json.dumps(told).encode())
    os._exit(0)


def _heard(part: str, answers: Connection, wait_s: float, limit_s: float) -> list[Finding]:
    try:
        if not answers.poll(wait_s):
            remedy = "the machine is busy, or a disk, a driver or a server does not answer: ask again, then try it by hand"
            return [wrong(part, f"no answer within {limit_s:.0f} s", remedy)]
        told = json.loads(answers.recv_bytes())
    except (EOFError, OSError):
        return [
            wrong(
                part, "what looked at it crashed", f"try it by hand; `sweep doctor` could not look at {part}"
            )
        ]
    if isinstance(told, str):
        return [wrong(part, told, "mend what it names, and ask again")]
    return [Finding(**{**finding, "state": State(finding["state"])}) for finding in told]
