"""Links from a report to the pages of its runs in MLflow's UI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from analysis.read.store import is_server

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL_UI = "http://127.0.0.1:5000"
"""Where `sweep ui` opens a store that is no server."""
TRAINING = "workflowType=machine_learning"
"""MLflow shows its pages for training, not those for language models."""


@dataclass(frozen=True)
class ReportCommands:
    """The shell commands that a report names: what makes it again, and what opens its links."""

    again: str
    ui: str


@dataclass(frozen=True)
class RunLinks:
    """The addresses of runs in MLflow's UI.

    Attributes:
        experiment: The address of the experiment in the UI.
        needs_sweep_ui: Whether the links open only while `sweep ui` is running.
        elsewhere: The same of runs of other records, by run.
    """

    experiment: str
    needs_sweep_ui: bool
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tracking_uri: str, experiment_id: str) -> RunLinks:
        """Return the links for an experiment of a store: to the tracking server, else to where `sweep ui` opens the store."""
        if not is_server(tracking_uri):
            return cls(f"{LOCAL_UI}/#/experiments/{experiment_id}", needs_sweep_ui=True)
        parts = urlsplit(tracking_uri)
        host = parts.netloc.rpartition("@")[2]  # a report is passed on: no password goes with it
        ui = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        return cls(f"{ui}/#/experiments/{experiment_id}", needs_sweep_ui=False)

    def to(self, run_id: str) -> str:
        """Return the address of a run's page."""
        return f"{self.elsewhere.get(run_id, self.experiment)}/runs/{run_id}?{TRAINING}"
