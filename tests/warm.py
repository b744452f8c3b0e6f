"""`sweep` as a real process, forked from one that has imported it: it starts in a hundredth of the time.

`serve` is that process: it reads orders, starts one `sweep` at a time, and answers with its pid and then with how it ended.
Only the imports are shared: each `sweep` has its own session, directory, environment and output, and its own forkserver.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from tests.project import DEADLINE_S

IMPORTS = (
    "alembic.command",
    "analysis.read.sql_store",
    "mlflow.store.tracking.sqlalchemy_store",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.tracking",
    "optuna",
    "sqlalchemy.dialects.sqlite",
    "sweeps.cli.progress",
    "sweeps.cli.run_summary",
    "sweeps.commands.run",
    "sweeps.commands.session",
    "sweeps.search.factory",
)


class WarmSweep:
    """Starts `sweep` processes, one after the other."""

    def __init__(self):
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-c", "from tests.warm import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # a line is either read or makes the pipe ready
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        self._answer()

    def start(self, *words, directory, environment, output):
        """Start `sweep WORDS`; returns its pid."""
        order = {"words": words, "directory": str(directory), "output": str(output)}
        self._server.stdin.write(json.dumps({**order, "environment": environment}).encode() + b"\n")
        self._pid = self._answer()
        return self._pid

    def wait(self):
        """Wait for the end of what was started; returns its exit code, or minus the signal's number."""
        if not self._is_answered():
            os.kill(self._pid, signal.SIGKILL)
            self._answer()
            raise AssertionError("`sweep` hung, and was killed")
        return self._answer()

    def close(self):
        self._server.stdin.close()
        self._server.wait(timeout=DEADLINE_S)
        self._server.stdout.close()

    def _is_answered(self):
        return bool(select.select([self._server.stdout], [], [], DEADLINE_S)[0])

    def _answer(self):
        assert self._is_answered(), "the process that starts `sweep` does not answer"
        return int(self._server.stdout.readline())


def serve():
    for name in IMPORTS:
        importlib.import_module(name)
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    print(0, file=answers)
    while line := orders.readline():
        pid = os.fork()
        if pid == 0:
            orders.close()
            answers.close()
            become_sweep(**json.loads(line))
        print(pid, file=answers)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=answers)


def become_sweep(words, directory, environment, output):
    """Be the `sweep` that is ordered, to its end."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    told = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, fd in ((nothing, 0), (told, 1), (told, 2)):
        os.dup2(source, fd)
    os.close(nothing)
    os.close(told)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["sweep", *words]
    from sweeps.cli import main

    main()
    sys.exit(0)
