"""What tests of servers and pages share: a free port, a server that answers, a browser."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_S = 300.0
"""How long a server may take to answer: a crowded machine is slow, not wrong."""


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until_healthy(address, server, log=None, path="/health"):
    """Wait until a server answers; a server that ends before, or never answers, fails the test."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        try:
            requests.get(f"{address}{path}", timeout=5).raise_for_status()
        except requests.RequestException:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=0.2)
                break
        else:
            return
    pytest.fail(f"no server at {address}: {log.read_text() if log else 'it kept no log'}")


class TrackingServer:
    """An MLflow server of one's own, with artifact proxy, which can be killed and started again on the same store."""

    def __init__(self, folder, store):
        self.folder, self.store, self.port = folder, store, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self._process = None

    def start(self):
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", self.store, "--workers", "1"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        log = self.folder / "server.log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        wait_until_healthy(self.uri, self._process, log)

    def kill(self):
        if self._process is not None:
            os.killpg(self._process.pid, 9)
            self._process.wait()
            self._process = None


class Postgres:
    """A PostgreSQL server of one's own; the test skips where it is not installed."""

    SCRIPT = Path(__file__).parent / "services" / "postgres"

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        found = self._do("start")
        if found.returncode == 3:
            pytest.skip("PostgreSQL is not installed; tests/services/install postgresql")
        assert found.returncode == 0, found.stderr

    def uri(self, database):
        return f"postgresql+psycopg://sweep@127.0.0.1:{self.port}/{database}"

    def restart(self):
        assert self._do("restart").returncode == 0

    def stop(self):
        self._do("stop")

    def _do(self, verb):
        return subprocess.run(
            [self.SCRIPT, verb, self.folder, str(self.port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
