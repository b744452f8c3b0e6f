"""Runs attempts on a node of a cluster: a warm process there that starts them.

It is to an attempt what the supervisor is on one machine: it holds the lifeline, so that an attempt ends with it.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from sweeps.errors import LaunchError
from sweeps.executors.local import LocalExecutor
from sweeps.executors.slots import Machine
from sweeps.rundir.process_identity import host_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Exit, Stop
    from sweeps.runner.attempt_spec import AttemptSpec

ASKED_S = 0.1
"""How often a worker looks whether its attempt is to stop; its end is noticed at once."""


class Worker:
    """Runs one attempt at a time, each a fresh process of a forkserver that has imported the trainer.

    Args:
        modules: What the forkserver imports before the first fork.
        search_path: Where modules are looked for first.
    """

    def __init__(self, modules: Sequence[str], search_path: Sequence[str]) -> None:
        # The supervisor allocates, not this; and it may be over after one attempt.
        self._local = LocalExecutor(modules, search_path, Machine(0, []), starts_ahead=False)
        self._local.warm_up()
        self._asked: SimpleQueue[tuple[str, Stop]] = SimpleQueue()

    def run(self, attempt: AttemptSpec) -> Exit:
        """Run an attempt to its end.

        Raises:
            LaunchError: This node does not see the run's directory, or refuses another process.
        """
        if not attempt.root.is_dir():
            raise LaunchError(
                f"{attempt.root}: {host_name()} does not see this directory; every node must: "
                "set SWEEP_HOME to one on a disk that all share"
            )
        self._local.submit(attempt)
        while not (exits := self._local.wait(ASKED_S)):
            for how in self._asked_of(attempt.run_id):
                self._local.stop(attempt.run_id, how)
        return exits[0]

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop the attempt in progress if it is of this run; may be called from another thread."""
        self._asked.put((run_id, how))

    def _asked_of(self, run_id: str) -> list[Stop]:
        stops: list[Stop] = []
        while True:
            try:
                asked, how = self._asked.get_nowait()
            except Empty:
                return stops
            if asked == run_id:
                stops.append(how)
