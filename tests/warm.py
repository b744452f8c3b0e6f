"""`sweep` as a real process, forked from one that has imported it: it starts in a hundredth of the time.

Only the imports are shared. Each `sweep` has its own session, directory, environment and output, and its own forkserver.
What reads the environment when Python starts, such as `PYTHONPATH`, needs a process started anew.
"""

import atexit
import ctypes
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

ANSWER_S = 300
"""The longest that a process may take to start, in seconds."""

PR_SET_CHILD_SUBREAPER = 36

READ_AT_START = ("PYTHON", "LANG", "LC_", "TZ", "LD_", "MALLOC_", "OMP_", "MKL_", "MPL")
"""Variables that start so are read once, at the start of Python or by an import."""

IMPORTS = (
    "alembic.command",
    "jinja2",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "mlflow.store.tracking.sqlalchemy_store",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.tracking",
    "optuna",
    "pyarrow.pandas_compat",
    "rich.console",
    "rich.live",
    "rich.table",
    "scipy.special",
    "scipy.stats",
    "sqlalchemy.dialects.sqlite",
    "sweeps.executors.local",
    "sweeps.executors.mps",
    "sweeps.executors.registry",
)
PACKAGES = (
    *("analysis", "sweeps.adoption", "sweeps.authoring", "sweeps.cli", "sweeps.commands", "sweeps.freeing"),
    *("sweeps.importing", "sweeps.planning", "sweeps.rows", "sweeps.scheduler", "sweeps.search"),
)
"""All their modules are imported: each verb imports some of them when it needs them."""


class ForkServer:
    """A process from which others are forked, until it is closed: it runs `serve(LISTENER)` of a module.

    Args:
        module: The module.
        options: Those of its Python.
        started: As `subprocess.Popen` has it.

    Attributes:
        address: Where it listens.
    """

    def __init__(self, module, *options, **started):
        self._folder = tempfile.TemporaryDirectory(prefix="forks-")
        self.address = f"{self._folder.name}/orders"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(self.address)
            listener.listen()
            serving = f"from {module} import serve; serve({listener.fileno()})"
            self._server = subprocess.Popen(
                [sys.executable, *options, "-c", serving],
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,
                **started,
            )

    def close(self):
        self._server.stdin.close()
        self._server.wait(timeout=ANSWER_S)
        self._folder.cleanup()


def warm_server():
    """The process from which any number of `sweep`s are forked."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return ForkServer("tests.warm", "-P", start_new_session=True, env=environment)


class WarmSweep:
    """Starts `sweep` processes, any number at a time.

    Args:
        address: That of the server from which they are forked.
    """

    ended = None
    """Where a list: what counts the CPU of those that have ended and of what they left, until that has ended, too."""

    def __init__(self, address):
        self._orders = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._orders.connect(address)

    def start(self, *words, directory, environment, code=None):
        """Start `sweep WORDS`, or `python -c CODE WORDS`; its output and its errors are one stream."""
        output, theirs = os.pipe()
        answers, told = os.pipe()
        order = {"words": words, "directory": str(directory), "environment": environment, "code": code}
        socket.send_fds(self._orders, [json.dumps(order).encode()], [theirs, told])
        os.close(theirs)
        os.close(told)
        return WarmProcess(["sweep" if code is None else "python", *words], output, answers)

    def close(self):
        self._orders.close()


class WarmProcess:
    """A `sweep` that a `WarmSweep` started, with the names of `subprocess.Popen`."""

    def __init__(self, args, output, answers):
        self.args = args
        self.returncode = None
        self.stdout = open(output, encoding="utf-8")  # noqa: SIM115, PTH123 - as in Popen, `communicate` closes it
        self._answers = io.FileIO(answers)
        assert self._is_answered(ANSWER_S), "the process that starts `sweep` does not answer"
        self.pid = int(self._answers.readline())

    def poll(self):
        return self._ended(0)

    def wait(self, timeout=None):
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def communicate(self, timeout=None):
        told = []
        reader = threading.Thread(target=lambda: told.append(self.stdout.read()), daemon=True)
        reader.start()
        reader.join(timeout)
        if reader.is_alive():
            raise subprocess.TimeoutExpired(self.args, timeout)
        self.wait(timeout)
        self.stdout.close()
        return told[0], None

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout):
        if self.returncode is None and self._is_answered(timeout):
            self.returncode = int(self._answers.readline())
            if WarmSweep.ended is None:
                self._answers.close()
            else:
                WarmSweep.ended.append(self._answers)
        return self.returncode

    def _is_answered(self, timeout):
        return bool(select.select([self._answers], [], [], timeout)[0])


def serve(listener):
    """Start what is ordered by whoever connects, until the standard input is closed."""
    from sweeps.record.mlflow_client import quiet_mlflow
    from tests.migrations import read_once

    quiet_mlflow()  # as a `sweep` does before it imports MLflow
    for name in [*IMPORTS, *(name for package in PACKAGES for name in _modules(package))]:
        with suppress(ModuleNotFoundError):  # another MLflow has others
            importlib.import_module(name)
    read_once()
    importlib.import_module("analysis.report.html")._plotly()  # packed for a quarter of a second
    gc.freeze()
    sources = [sys.stdin, socket.socket(fileno=listener)]
    while True:
        ready = select.select(sources, [], [])[0]
        with suppress(ChildProcessError):  # all have ended
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        for source in ready:
            if source is sys.stdin:
                return
            if source is sources[1]:
                sources.append(source.accept()[0])
            elif not _heed(source, sources):
                sources.remove(source)
                source.close()


def _modules(package):
    """A package and all that is in it."""
    yield package
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        yield found.name


def _heed(source, sources):
    """Start what is ordered; False: nothing is, ever again."""
    order, fds, *_ = socket.recv_fds(source, 1 << 20, 2)
    if not order:
        return False
    if os.fork() == 0:
        for each in sources[1:]:
            each.close()
        _start(json.loads(order), *fds)
    for fd in fds:
        os.close(fd)
    return True


def _start(order, output, answers):
    """Start a `sweep`, tell its pid, then how it ended (its exit code, or minus the signal's number), then what CPU was used.

    That is a line of seconds for it and for each process that it left, such as its forkserver, when that has ended.
    """
    with suppress(OSError, AttributeError):  # no Linux: then what it left is not counted
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    pid = os.fork()
    if pid == 0:
        os.close(answers)
        become(**order, output=output)
    os.close(output)
    os.write(answers, b"%d\n" % pid)
    with suppress(
        BrokenPipeError, ChildProcessError
    ):  # who asked has ended, or does not ask; or none is left
        told = b""  # of what was left and ended before it
        while True:
            found, status, used = os.wait4(-1, 0)
            told += b"%f\n" % (used.ru_utime + used.ru_stime)
            if found == pid:
                os.write(answers, b"%d\n" % os.waitstatus_to_exitcode(status))
                pid = None
            if pid is None:
                os.write(answers, told)
                told = b""
    os._exit(0)


def become(words, directory, environment, code, output):
    """Be what is ordered, to its end."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, fd in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, fd)
    os.close(nothing)
    os.close(output)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), errors="backslashreplace", write_through=True)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["sweep" if code is None else "-c", *words]
    run_to_its_end("from sweeps.cli import main; main()" if code is None else code)


def run_to_its_end(code):
    """Run code, and end as Python ends, but for taking apart its modules: that would copy each page that forks share."""
    status = 0
    try:
        exec(code, {"__name__": "__main__"})  # noqa: S102 - what `python -c` does
    except SystemExit as ended:
        status = ended.code
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)
