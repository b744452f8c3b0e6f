"""`sweep run --detach`: the run goes on in a session of its own, whatever becomes of the terminal."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sweeps.cli.output import say
from sweeps.record.store_uri import tracking_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from sweeps.commands.request import Request
    from sweeps.rundir.paths import StateDir

_GOES_ON = b"1"


def depart(state: StateDir, request: Request, given_uri: str | None) -> Callable[[], None]:
    """Fork. The child returns, in a session of its own, its output in a log; the parent waits until it is under way.

    Nothing has been read or imported for the file by then, so that no thread is lost in the fork.

    Args:
        state: The state directory; the log stands in its folder `live`.
        request: What is to be run, for the commands that the parent prints.
        given_uri: The store that the command line names.

    Returns:
        In the child, what to call once trials start. The parent does not return: it exits with 0 then, and with the
        child's exit code where that ends before.

    Raises:
        OSError: The log cannot be written.
    """
    state.live.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        os.close(writing)
        _see_off(child, reading, state, partial(_words, request, given_uri))
    os.close(reading)
    os.setsid()
    log = os.open(_log_of(state, os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nowhere, log, log)):
        os.dup2(file, number)
    os.close(log)
    os.close(nowhere)

    def is_under_way() -> None:
        os.write(writing, _GOES_ON)
        os.close(writing)

    return is_under_way


def _words(request: Request, given_uri: str | None, child: int, log: Path) -> str:
    """What the parent says of a child that is under way."""
    watch, stop = (request.command(verb, tracking_uri(given_uri)) for verb in ("attach", "stop"))
    return (
        f"goes on in the background as pid {child}; `{watch}` shows it, `{stop}` stops it; its output: {log}"
    )


def _see_off(child: int, reading: int, state: StateDir, told: Callable[[int, Path], str]) -> NoReturn:
    log = _log_of(state, child)
    while True:
        try:
            goes_on = os.read(reading, 1) == _GOES_ON
            code = 0 if goes_on else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            break
        except KeyboardInterrupt:  # it is still preparing: Ctrl-C is meant for it
            os.kill(child, signal.SIGINT)
    printed = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    sys.stdout.write(printed)
    if goes_on:
        say(told(child, Path(os.path.relpath(log))))
    sys.stdout.flush()
    sys.exit(code if code >= 0 else 128 - code)


def _log_of(state: StateDir, pid: int) -> Path:
    """The log of a run that goes on without a terminal."""
    return state.live / f"run-{pid}.log"
