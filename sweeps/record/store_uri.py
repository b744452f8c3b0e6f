"""The tracking store: its address, whether it can be reached and written, and how a new record in it is made."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
from filelock import FileLock, Timeout

from analysis.read.errors import DeletedExperimentError, masked
from sweeps.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow.tracking import MlflowClient

DEFAULT_TRACKING_URI = "sqlite:///mlflow.db"
LOCAL_FILE_SYSTEMS = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "apfs", "hfs"}
)
"""File systems of one machine. A write-ahead log must not be shared over a network."""
CONNECT_TIMEOUT_S = 5.0
OPEN_S = 60.0
"""How long another process is waited for that is opening the same sqlite store."""
_PORTS = {"http": 80, "https": 443}
_SQLITE = "sqlite:///"
_NO_PATHS = frozenset({"databricks", "databricks-uc", "uc"})
"""What MLflow takes for a store without being an address."""
_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Makes MLflow's UI open the experiment with its pages for training, not with those for language models."""


def tracking_uri(given: str | None = None) -> str:
    """The store's URI: `given`, else `$MLFLOW_TRACKING_URI`, else an sqlite file in the working directory."""
    return given or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_TRACKING_URI


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
    """Make the file of an sqlite store with its tables where there is none yet; any other store makes itself."""
    if urlsplit(uri).scheme == "sqlite":
        create_sqlite_file(Path(uri.removeprefix(_SQLITE)))


@contextlib.contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """Let one process of this machine at a time open an sqlite store: two that make its tables at once disturb each other.

    The lock lies among the machine's temporary files. Where it cannot be had (another user's), there is none.
    """
    if urlsplit(uri).scheme != "sqlite":
        yield
        return
    path = Path(uri.removeprefix(_SQLITE)).resolve()
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, Timeout):
            lock = FileLock(Path(tempfile.gettempdir()) / f"sweep-opens-{name}.lock", timeout=OPEN_S)
            stack.enter_context(lock)
        yield


def create_sqlite_file(path: Path) -> None:
    """Make an sqlite file that keeps a write-ahead log, where there is none yet and its disk is this machine's.

    It gets its name once MLflow has made its tables: they take seconds, and MLflow cannot go on with half of them.
    A commit then waits for the disk once instead of four times. It is as durable (`synchronous` stays FULL), and
    readers such as `mlflow ui` neither wait for the supervisor nor hold it up. Beside the file stand `-wal` and
    `-shm` while it is open, and after a crash until it is opened next. A file that exists keeps its mode.
    """
    if path.exists() or file_system(path.resolve().parent) not in LOCAL_FILE_SYSTEMS:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with contextlib.closing(sqlite3.connect(new)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        _make_tables(new)
        with contextlib.closing(sqlite3.connect(new)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.link(new, path)
    except (OSError, sqlite3.OperationalError):
        return  # another process was faster, or MLflow makes it and says what is wrong
    finally:
        for end in ("", "-wal", "-shm"):
            new.with_name(f"{new.name}{end}").unlink(missing_ok=True)


def _make_tables(path: Path) -> None:
    """Have MLflow make its tables, as it does when it first opens a store."""
    import sqlalchemy
    from mlflow.store.db import utils

    make: Any = utils._initialize_tables  # noqa: SLF001 - a store of its own would stay open
    engine = sqlalchemy.create_engine(f"{_SQLITE}{path.absolute()}")
    try:
        make(engine)
    finally:
        engine.dispose()


def file_system(folder: Path) -> str:
    """The type of the file system that an absolute path lies on, or empty."""
    mounted = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounted[place] for place in (folder, *folder.parents) if place in mounted), "")


def open_experiment(client: MlflowClient, uri: str, name: str) -> str:
    """The id of an experiment, which is created where there is none of this name.

    Raises:
        DeletedExperimentError: It is deleted.
        RecordError: It cannot be created.
        MlflowException: The store does not answer.
    """
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return str(client.create_experiment(name, tags=_TRAINING))
        except MlflowException:  # another process created it just now
            experiment = client.get_experiment_by_name(name)
    if experiment is None:
        raise RecordError(f"{masked(uri)}: experiment '{name}' cannot be created")
    if experiment.lifecycle_stage == "deleted":
        raise DeletedExperimentError(uri, name, experiment.experiment_id)
    return str(experiment.experiment_id)


def absolute_uri(uri: str) -> str:
    """The same store, named so that it is found from any directory."""
    parts = urlsplit(uri)
    if uri.startswith(_SQLITE) and not uri.startswith(f"{_SQLITE}/"):
        path, mark, options = uri.removeprefix(_SQLITE).partition("?")
        return f"{_SQLITE}{Path(path).absolute()}{mark}{options}" if path else uri
    if not parts.scheme and uri not in _NO_PATHS:
        return str(Path(uri).absolute())
    if parts.scheme == "file" and not uri.startswith("file:/"):
        return f"file://{Path(uri.removeprefix('file:')).absolute()}"
    return uri


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
    if not folder.is_dir():
        raise RecordError(f"{uri}: there is no directory {folder}; make it, or name another tracking URI")
    if not os.access(path if path.exists() else folder, os.W_OK) or not os.access(folder, os.W_OK):
        raise RecordError(
            f"{uri}: {folder} is read-only; work in a directory that you may write, or name another"
        )
