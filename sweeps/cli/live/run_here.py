"""Runs a file in this process, or joins the `sweep run` that has it: what `sweep run` shows from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.escapes import without_escapes
from sweeps.cli.live.board import Board
from sweeps.cli.live.join import join
from sweeps.cli.live.shown_launch import shown_launch
from sweeps.cli.live.table import listener_for
from sweeps.cli.output import say_json
from sweeps.cli.screen import screen
from sweeps.errors import HeldError
from sweeps.rows.jobs import job_rows
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from sweeps.cli.options import LaunchOptions
    from sweeps.commands.session import Session
    from sweeps.scheduler.events import Listener


@dataclass(frozen=True, slots=True)
class RunHere:
    """One `sweep run`.

    Attributes:
        how: How trials are run.
        as_json: Whether the end is told as JSON.
        detach: Whether nobody waits for the end.
        is_under_way: Called once trials start.
    """

    how: LaunchOptions
    as_json: bool
    detach: bool
    is_under_way: Callable[[], None]

    def until_done(self, open_session: Callable[[], Session]) -> int:
        """Run the file, or join who does; one that ends without doing what this one was asked is followed by this one.

        Args:
            open_session: Reads the file and the record.

        Returns:
            The exit code.

        Raises:
            SweepError: As `launch` and `join`.
        """
        while True:
            session = open_session()
            if self._may_join and session.holders():
                joined = join(self._console, session, detach=self.detach)
                if joined is not None:
                    return joined
                continue  # the file may be another one by now
            try:
                return self._run(session)
            except HeldError:
                if not self._may_join or not session.holders():
                    raise  # else another one began in this moment

    @property
    def _may_join(self) -> bool:
        """Who reads JSON wants the trials of this very run, and trials anew are asked for before any starts: told who has them."""
        return not (self.as_json or self.how.again)

    @property
    def _console(self) -> Console:
        return screen(stderr=self.as_json, lasting=True)

    def _run(self, session: Session) -> int:
        console, board = self._console, Board(StateDir.here(), session.labels)

        def display(slots: int) -> Listener:
            self.is_under_way()
            return listener_for(console, slots)

        launched, summary = shown_launch(session, self.how.settings(), console, board, display)
        if self.as_json:
            say_json({"exit_code": launched.exit_code, "trials": job_rows(launched)}, indent=1)
        else:
            console.file.write(summary)
            console.file.flush()
        board.finish(launched.exit_code, without_escapes(summary))
        return launched.exit_code
