"""The tracking store: its address, whether it can be reached and written, and how a new record in it is made."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from analysis.read.errors import DeletedExperimentError, masked
from sweeps.errors import RecordError
from sweeps.program.named_paths import is_file, is_folder, is_there
from sweeps.record.store.known import sqlite_path
from sweeps.record.store.loaded import is_mlflow_error
from sweeps.record.store.new_file import create_sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.record.store.base import RunStore

DEFAULT_TRACKING_URI = "sqlite:///mlflow.db"
CONNECT_TIMEOUT_S = 5.0
OPEN_S = 60.0
"""How long another process is waited for that is opening the same sqlite store."""
_PORTS = {"http": 80, "https": 443}
_SQLITE = "sqlite:///"
_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Makes MLflow's UI open the experiment with its pages for training, not with those for language models."""


def tracking_uri(given: str | None = None) -> str:
    """The store's URI: `given`, else `$MLFLOW_TRACKING_URI`, else an sqlite file in the working directory."""
    return given or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_TRACKING_URI


def recorded_uri(given: str | None, file: Path) -> str:
    """The same for whoever reads alone: where there is no such sqlite file, the one beside a spec's file, if there is one."""
    uri = tracking_uri(given)
    name = Path(uri.removeprefix(_SQLITE))
    beside = file.absolute().parent / name
    return (
        f"{_SQLITE}{beside}" if uri == DEFAULT_TRACKING_URI and not name.exists() and is_file(beside) else uri
    )


def check_store(uri: str) -> None:
    """Check in seconds that a store can be reached and written; MLflow's own retries would take minutes.

    Raises:
        RecordError: It cannot.
    """
    scheme = urlsplit(uri).scheme
    if scheme in _PORTS:
        _check_server(uri)
    elif scheme == "sqlite":
        _check_folder(uri, Path(uri.removeprefix(_SQLITE)))


def create_store(uri: str) -> None:
    """Make a plain sqlite file with its tables where there is none yet; MLflow makes any other store, as its URI says."""
    path = sqlite_path(uri)
    if path is not None:
        create_sqlite_file(path)


@contextlib.contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """Let one process of this machine at a time open an sqlite store: two that make its tables at once disturb each other.

    The lock lies among the machine's temporary files. Where it cannot be had (another user's), there is none.
    """
    if urlsplit(uri).scheme != "sqlite":
        yield
        return
    from filelock import FileLock, Timeout

    path = Path(uri.removeprefix(_SQLITE)).resolve()
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, Timeout):
            lock = FileLock(Path(tempfile.gettempdir()) / f"sweep-opens-{name}.lock", timeout=OPEN_S)
            stack.enter_context(lock)
        yield


def open_experiment(store: RunStore, uri: str, name: str) -> str:
    """The id of an experiment, which is created where there is none of this name.

    Raises:
        DeletedExperimentError: It is deleted.
        RecordError: It cannot be created.
        Exception: The store does not answer, or refuses it; see `RunStore`.
    """
    experiment = store.experiment(name)
    if experiment is None:
        try:
            return store.create_experiment(name, _TRAINING)
        except Exception as error:
            if not is_mlflow_error(error):
                raise
            experiment = store.experiment(name)  # another process created it just now
    if experiment is None:
        raise RecordError(f"{masked(uri)}: experiment '{name}' cannot be created")
    if experiment.lifecycle_stage == "deleted":
        raise DeletedExperimentError(uri, name, experiment.experiment_id)
    return experiment.experiment_id


def _check_server(uri: str) -> None:
    parts = urlsplit(uri)
    address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
    try:
        socket.create_connection(address, timeout=CONNECT_TIMEOUT_S).close()
    except OSError as error:
        reason = error.strerror or error
        message = f"{masked(uri)}: the tracking server does not answer: {reason}; is it running?"
        raise RecordError(message) from None


def _check_folder(uri: str, path: Path) -> None:
    folder = path.resolve().parent
    if not is_folder(folder):
        raise RecordError(f"{uri}: there is no directory {folder}; make it, or name another tracking URI")
    if not os.access(path if is_there(path) else folder, os.W_OK) or not os.access(folder, os.W_OK):
        raise RecordError(
            f"{uri}: {folder} is read-only; work in a directory that you may write, or name another"
        )
