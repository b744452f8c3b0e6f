"""Where MLflow's UI shows what a report speaks of."""

from urllib.parse import urlsplit, urlunsplit

from analysis.read.store import is_server

LOCAL_UI = "http://127.0.0.1:5000"
"""Where `sweep ui` opens a store that is no server."""


def run_link(tracking_uri: str, run_id: str) -> str:
    """Return where MLflow's UI shows a run: on the tracking server, else where `sweep ui` opens it."""
    base = LOCAL_UI
    if is_server(tracking_uri):
        parts = urlsplit(tracking_uri)
        host = parts.netloc.rpartition("@")[2]  # a report is passed on: no password goes with it
        base = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    return f"{base}/#/runs/{run_id}"
