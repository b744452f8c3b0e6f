"""Links from a report to the pages of its runs in MLflow's UI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from analysis.read.store import is_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

UI_PORT = 5000
"""Where `sweep ui` listens if no other port is asked for."""
TRAINING = "workflowType=machine_learning"
"""MLflow shows its pages for training, not those for language models."""


@dataclass(frozen=True)
class ReportCommands:
    """The shell commands that a report names, and which part of the trials they are about.

    Attributes:
        again: What makes it again.
        ui: What opens its links: serves the store of this URI at this port.
        chosen: Which trials are chosen: `12 of 24 trials chosen by --only lr=1`; empty: all of them.
    """

    again: str
    ui: Callable[[str, int], str]
    chosen: str = ""


@dataclass(frozen=True)
class RunLinks:
    """The addresses of runs in MLflow's UI.

    Attributes:
        experiment: The address of the experiment in the UI.
        ports: Where `sweep ui` has to serve each store that is no server for the links to open, by the store's URI.
        elsewhere: The address of the experiment of runs of other records, by run.
    """

    experiment: str
    ports: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tracking_uri: str, experiment_id: str, port: int = UI_PORT) -> RunLinks:
        """Return the links for an experiment of a store: to the tracking server, else to where `sweep ui` serves the store."""
        if not is_server(tracking_uri):
            ports = {tracking_uri: port}
            return cls(f"http://127.0.0.1:{port}/#/experiments/{experiment_id}", ports)
        parts = urlsplit(tracking_uri)
        host = parts.netloc.rpartition("@")[2]  # a report is passed on: no password goes with it
        ui = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        return cls(f"{ui}/#/experiments/{experiment_id}")

    def to(self, run_id: str) -> str:
        """Return the address of a run's page."""
        return f"{self.elsewhere.get(run_id, self.experiment)}/runs/{run_id}?{TRAINING}"


def ui_ports(tracking_uris: Iterable[str]) -> dict[str, int]:
    """A port for `sweep ui` of each store that is no server: two of them cannot be served at the same one."""
    local = [uri for uri in tracking_uris if not is_server(uri)]
    return {uri: UI_PORT + place for place, uri in enumerate(local)}
