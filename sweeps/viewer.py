"""MLflow's own UI, started on the right store."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def become_ui(tracking_uri: str, port: int) -> NoReturn:
    """Replace this process by MLflow's UI on 127.0.0.1, so that a Ctrl-C or a signal is MLflow's own."""
    arguments = ["--backend-store-uri", tracking_uri, "--host", "127.0.0.1", "--port", str(port)]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "ui", *arguments])  # noqa: S606 - arguments are a list, no shell is wanted
