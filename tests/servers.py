"""What tests of servers and pages share: a free port, a server that answers, a browser."""

import contextlib
import shutil
import socket
import subprocess
import time

import pytest
import requests

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_S = 120.0
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
