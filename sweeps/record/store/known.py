"""Which sqlite stores are written directly: those whose tables are known, beside an MLflow that is known."""

from __future__ import annotations

import os
import re
from importlib import metadata, util
from pathlib import Path

SCHEMAS = {"3.17": "dc11669786a5"}
"""MLflow's versions that `tests/sweeps/record/store/` has compared, each with the revision of its tables."""
_SQLITE = "sqlite:///"
_VERSION = re.compile(r"""^VERSION = ["']([^"']+)["']""", re.MULTILINE)
_OTHER_WAYS = ("MLFLOW_ENABLE_WORKSPACES", "_MLFLOW_SERVER_ARTIFACT_ROOT")
"""Variables with which MLflow's client writes something else, or elsewhere."""


def sqlite_path(uri: str) -> Path | None:
    """The file of an sqlite store; None where the URI says something else, or more."""
    path = uri.removeprefix(_SQLITE)
    is_plain = (
        uri.startswith(_SQLITE)
        and path
        and not path.startswith((":", "file:"))
        and not {"?", "%"} & set(path)
    )
    return Path(path) if is_plain else None


def mlflow_version() -> str:
    """The version of the MLflow that would be imported, read from its source; empty where that cannot be told."""
    for place in _mlflow_folders():
        try:
            text = Path(place, "version.py").read_text(encoding="utf-8")
        except OSError:
            continue
        if version := _VERSION.search(text):
            return version[1]
    return ""


def knows_tables(revision: str) -> bool:
    """Whether the MLflow that would be imported has the migration to a revision of a store's tables; else a newer one has made them.

    Its migrations are files named by their revisions. Without such a folder all are taken as known.
    """
    folders = [Path(place, "store", "db_migrations", "versions") for place in _mlflow_folders()]
    names = [path.name for folder in folders if folder.is_dir() for path in folder.glob("*_*.py")]
    return not names or any(name.startswith(f"{revision}_") for name in names)


def known_schema() -> str | None:
    """The revision of the tables that may be written directly; None: none, for this MLflow, or as it is set up."""
    if any(os.environ.get(name) for name in _OTHER_WAYS):
        return None
    schema = SCHEMAS.get(".".join(mlflow_version().split(".")[:2]))
    return None if schema is None or _is_plugged() else schema


def _mlflow_folders() -> list[str]:
    found = util.find_spec("mlflow")
    return list(found.submodule_search_locations or ()) if found else []


def _is_plugged() -> bool:
    """Whether a plugin of MLflow's stands for sqlite stores."""
    return bool(metadata.entry_points(group="mlflow.tracking_store", name="sqlite"))
