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
    """Replace this process by MLflow's UI on 127.0.0.1, so that a Ctrl-C or a signal is MLflow's own."""
    arguments = ["--backend-store-uri", tracking_uri, "--host", "127.0.0.1", "--port", str(port)]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "ui", *arguments])  # noqa: S606 - arguments are a list, no shell is wanted
