"""A `sweep run` of what another one has already: it hands over what it was asked, and shows that one until it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sweeps.cli.live.attach import show, tell_end
from sweeps.commands.running.asked import RETRY, Asked
from sweeps.commands.running.handover import Note
from sweeps.errors import HeldError
from sweeps.rundir.lock import held_words, holder_asked, holder_pid
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from rich.console import Console

    from sweeps.commands.running.handover import Answer
    from sweeps.commands.session import Session

LOOK_S = 0.1
SLOW_S = 3.0
"""How long an answer may take before somebody who waits for it is told."""
INTERRUPTED = 130


def join(console: Console, session: Session, *, detach: bool) -> int | None:
    """Have the `sweep run` that has these sweeps do what this one was asked, and show it until it ends.

    Args:
        console: Where.
        session: What this one was asked, as the file is now.
        detach: Whether to come back once it has said yes.

    Returns:
        Its exit code; None where nobody on this machine has them, or who had them ended without doing it: then it is
        this one's to do.

    Raises:
        HeldError: It cannot do what this one was asked.
        StateError: The state directory cannot be written.
    """
    holders = session.holders()
    if not holders:
        return None
    name, pid = next(iter(holders.items()))
    state = StateDir.here()
    _refuse(session, state, name, pid)
    answer = _hand_over(console, session, state, name, pid)
    if answer is None:
        return None
    who = f"pid {pid} runs {session.request.file} already"
    if not answer.taken:
        raise HeldError(f"{who}, and cannot take up what is asked:\n{answer.words}")
    console.print(f"{who}, and takes up what is asked: {answer.words}", soft_wrap=True)
    if detach:
        console.print(f"`{session.command('attach')}` shows it", soft_wrap=True)
        return 0
    try:
        shown = show(console, session, pid)
    except KeyboardInterrupt:
        console.print(f"pid {pid} goes on; `{session.command('attach')}` shows it again", soft_wrap=True)
        return INTERRUPTED
    if shown is None or shown.exit_code is None:
        console.print(f"pid {pid} has ended without a word; this one takes its place", soft_wrap=True)
        return None
    return tell_end(console, session, pid, shown)


def _refuse(session: Session, state: StateDir, name: str, pid: int) -> None:
    """Raise `HeldError` where the process that has a sweep is no `sweep run` that can do what this one was asked."""
    said = holder_asked(state, session.spec.experiment, name)
    if said is None:
        raise HeldError(held_words(state, session.spec.experiment, name))
    obstacles = "; ".join(Asked.of(session).obstacles(Asked.from_json(said)))
    if obstacles:
        remedy = (
            f"wait for it, or stop it; without other options this command joins it ({RETRY} is handed over)"
        )
        raise HeldError(f"{session.spec.experiment}/{name}: is being run by pid {pid}: {obstacles}; {remedy}")


def _hand_over(console: Console, session: Session, state: StateDir, name: str, pid: int) -> Answer | None:
    """Ask a process, and wait for its answer; None: it has ended, or let go of the sweeps, without one."""
    note = Note.to(state, pid, retry_failed=Asked.of(session).retries_failed)
    slow_s = time.monotonic() + SLOW_S
    try:
        while holder_pid(state, session.spec.experiment, name) == pid:
            if (answer := note.answered()) is not None:
                return answer
            if time.monotonic() > slow_s:
                slow_s = float("inf")
                console.print(
                    f"pid {pid} has these sweeps, and is starting or ending; waiting", soft_wrap=True
                )
            time.sleep(LOOK_S)
        return note.answered()
    finally:
        note.withdraw()
