"""Workers of pytest-xdist forked from one process that has imported the libraries and the tests: each saves 16 s of CPU.

A plugin of pytest: `python -m pytest -n 4 -p tests.forks`. For each worker execnet starts this file as if it were Python: it
hands its streams over to the process that forks, and ends when the worker ends.
"""

import gc
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

IMPORTS = (
    "fire",
    "hydra",
    "jsonargparse",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "ml_collections",
    "mlflow.store.tracking.file_store",
    "mlflow.store.tracking.sqlalchemy_store",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.tracking",
    "optuna.importance",
    "optuna.visualization",
    "pandas",
    "plotly.graph_objects",
    "rich.live",
    "sklearn.ensemble",
    "sqlalchemy.dialects.sqlite",
    "torch._dynamo",  # which torch imports when the first optimizer is made
    "torch.utils.tensorboard",
    "tyro",
)
"""Only what others wrote: `make coverage` counts what runs when a module of this repository is imported."""

REWRITTEN = ("tests.analysis.store_contract", "tests.sweeps.executor_contract")
"""Modules beside those of tests whose assertions say what was compared."""

TESTS = "TESTS_TO_IMPORT"
"""The variable that says where the tests are whose modules are imported, too."""


def pytest_collection_finish():
    gc.freeze()  # thousands of tests, which all stay until the end: no collection has to look at them again


def pytest_configure(config):
    if config.getoption("tx", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(Shared(config))


class Shared:
    """What the workers of a test run share: the process from which they are forked, and the one of their `sweep`s."""

    def __init__(self, config):
        import shlex

        from tests.warm import ForkServer, warm_server

        environment = dict(os.environ)
        if not config.getoption("cov_source", None):
            environment[TESTS] = os.pathsep.join(word.partition("::")[0] for word in config.args)
        workers, self._sweeps = ForkServer("tests.forks", env=environment), warm_server()
        python = shlex.join([sys.executable, "-S", "-E", __file__, workers.address])
        config.option.tx = [f"{spec}//python={python}" for spec in config.option.tx]
        config.add_cleanup(workers.close)
        config.add_cleanup(self._sweeps.close)

    def pytest_configure_node(self, node):
        node.workerinput["warm_sweep"] = self._sweeps.address


def serve(listener):
    """Fork a worker for each that connects, until the standard input is closed."""
    import importlib
    import logging
    import select

    from tests.migrations import read_once

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # heeded by the workers, and by who started them
    for name in IMPORTS:
        with suppress(ModuleNotFoundError):  # another MLflow has others
            importlib.import_module(name)
    read_once()
    import_tests(os.environ.pop(TESTS, ""))
    for name in logging.root.manager.loggerDict:
        if name.startswith("torch"):
            # Dozens that hand nothing on: pytest gives each of its handlers to each of these.
            logging.getLogger(name).propagate = True
    gc.freeze()
    source = socket.socket(fileno=listener)
    workers = {}
    while True:
        ready = select.select([sys.stdin, source, *workers, *workers.values()], [], [])[0]
        if sys.stdin in ready:
            return
        if source in ready:
            _fork(source, workers)
        for order, worker in [*workers.items()]:
            if worker in ready:
                os.waitid(os.P_PIDFD, worker, os.WEXITED)
                os.close(worker)
                del workers[order]
                order.close()
            elif order in ready:  # who stood in for it was killed
                signal.pidfd_send_signal(worker, signal.SIGKILL)


def import_tests(places):
    """Import the modules of tests as pytest does, which then finds them; one that cannot be imported is left to it."""
    import pytest
    from _pytest.config import _prepareconfig
    from _pytest.pathlib import import_path

    config = _prepareconfig(["--noconftest", "-p", "no:cacheprovider"])
    pytest.register_assert_rewrite(*REWRITTEN)
    for place in map(Path, filter(None, places.split(os.pathsep))):
        for path in sorted(place.rglob("test_*.py")) if place.is_dir() else [place]:
            with suppress(Exception, pytest.skip.Exception):
                import_path(
                    path.resolve(), mode="importlib", root=config.rootpath, consider_namespace_packages=False
                )
    config._ensure_unconfigure()
    assert "tests.conftest" not in sys.modules, "each worker runs it: no module may import it"


def _fork(source, workers):
    order, _ = source.accept()
    told, streams, *_ = socket.recv_fds(order, 1 << 20, 3)
    pid = os.fork()
    if pid == 0:
        for each in (source, *workers, order):
            each.close()
        become_python(**json.loads(told), streams=streams)
    workers[order] = os.pidfd_open(pid)
    for fd in streams:
        os.close(fd)


def become_python(code, environment, streams):
    """Be `python -u -c CODE`, to its end."""
    from tests.warm import run_to_its_end

    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - as Python has them
    os.environ.update(environment)  # what imports have set stays
    run_to_its_end(code)


def main():
    """Stand in for `python -u -c CODE`."""
    _, address, _, _, code = sys.argv
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as order:
        order.connect(address)
        given = {"environment": dict(os.environ), "code": code}
        socket.send_fds(order, [json.dumps(given).encode()], [0, 1, 2])
        order.recv(1)


if __name__ == "__main__":
    main()
