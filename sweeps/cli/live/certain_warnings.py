"""Says at the start of a `sweep run` what `sweep check` warns of, where trials are certain to fail or to repeat each other.

The script is read while the first trials start up, so that none of them waits for it.
"""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from sweeps.commands.running.warned import opening_warnings
from sweeps.scheduler.events import Relay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job

_LONGEST_S = 5.0
"""So long the end of a run waits for a script that is still read."""


class CertainWarnings(Relay):
    """A listener that has the script read once a first attempt has started, and says what was found.

    Args:
        listener: The one that shows events here.
        session: The file.
        steps: The trials that start.
    """

    def __init__(self, listener: Listener, session: Session, steps: Sequence[Step]) -> None:
        super().__init__(listener)
        self._session = session
        self._steps = steps
        self._found: list[str] = []
        self._reading: Thread | None = None

    def started(self, job: Job) -> None:
        """Pass it on; of the first one, begin to read."""
        super().started(job)
        if self._reading is None:
            self._reading = Thread(target=self._read, name="warnings", daemon=True)
            self._reading.start()

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on; say what was found."""
        super().tick(jobs)
        if self._reading is not None and not self._reading.is_alive():
            self._say()

    def close(self) -> None:
        """Say what was found, and pass it on."""
        if self._reading is not None:
            self._reading.join(_LONGEST_S)
        self._say()
        super().close()

    def _read(self) -> None:
        self._found = list(opening_warnings(self._session, self._steps))

    def _say(self) -> None:
        found, self._found = self._found, []
        for text in found:
            self.noticed(text)
