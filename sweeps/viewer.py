"""MLflow's own UI, started on the right store."""

from __future__ import annotations

import subprocess
import sys


def serve(tracking_uri: str, port: int) -> int:
    """Run MLflow's UI on 127.0.0.1 until it ends or Ctrl-C; returns its exit status.

    A store that is a server already has its UI; its address is opened by a browser as it is.
    """
    arguments = ["--backend-store-uri", tracking_uri, "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", "mlflow", "ui", *arguments])
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()  # the terminal sent it the same Ctrl-C
