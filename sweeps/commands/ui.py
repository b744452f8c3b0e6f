"""`sweep ui`: opens MLflow's own UI on the store of the record, and says at which pages the experiment is."""

from __future__ import annotations

import os
import sys
from typing import NoReturn
from urllib.parse import quote

from analysis.read.errors import AnalysisError, masked

_TRAINING = "workflowType=machine_learning"
"""MLflow shows its pages for training, not those for language models."""
_TRIALS = "searchFilter={}&orderByKey={}&orderByAsc=true".format(
    quote("tags.`sweeps.kind` = 'trial'"), quote("tags.`mlflow.runName`")
)
"""Trials alone and by name: by time they are folded away below their sweeps, and charts show what is unfolded."""

_ALLOWED_HOSTS = "MLFLOW_SERVER_ALLOWED_HOSTS"
OWN_HOSTS = "localhost,localhost:*,127.0.0.1,127.0.0.1:*"
"""What a browser on this machine, or behind a tunnel to it, calls the UI. MLflow's own list has patterns such as `10.*`
for private networks, which a page of `10.example.com` fits as well: with its name resolved to 127.0.0.1 it could read."""


def addresses(tracking_uri: str, experiment: str, server: str) -> dict[str, str]:
    """Where in the UI of `server` an experiment is: its runs, and the charts of all its trials.

    Where nothing is recorded yet, or the store does not say, the UI's first page alone.
    """
    from analysis.read.record import Record

    server = masked(server.rstrip("/"))
    try:
        experiment_id = Record(tracking_uri, experiment).experiment_id()
    except AnalysisError:
        return {"MLflow": server}
    page = f"{server}/#/experiments/{experiment_id}/runs?{_TRAINING}"
    return {"sweeps": page, "charts of all trials": f"{page}&compareRunsMode=CHART&{_TRIALS}"}


def become_ui(tracking_uri: str, port: int) -> NoReturn:
    """Replace this process by MLflow's UI on 127.0.0.1, so that a Ctrl-C or a signal is MLflow's own.

    The store's address, which may hold a password, goes through the environment: arguments are shown to every user.
    """
    arguments = ["--host", "127.0.0.1", "--port", str(port)]
    environment = {_ALLOWED_HOSTS: OWN_HOSTS, **os.environ, "MLFLOW_BACKEND_STORE_URI": tracking_uri}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "mlflow", "ui", *arguments], environment)  # noqa: S606 - arguments are a list, no shell is wanted
