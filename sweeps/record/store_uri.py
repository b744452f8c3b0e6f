"""Where the record is."""

from __future__ import annotations

import os

DEFAULT_TRACKING_URI = "sqlite:///mlflow.db"


def tracking_uri(given: str | None = None) -> str:
    """The store's URI: what is given, else `$MLFLOW_TRACKING_URI`, else sqlite in the working directory."""
    return given or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_TRACKING_URI
