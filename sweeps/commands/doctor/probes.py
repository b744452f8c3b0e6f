"""Looks at one part of the machine each; what may hang has a process of its own around it (`examination`)."""

from __future__ import annotations

import contextlib
import email.utils
import fcntl
import importlib.util
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from analysis.read import tags
from analysis.read.errors import masked
from analysis.read.record import SQL_SCHEMES
from analysis.results.results import counted
from sweeps.commands.doctor import judging
from sweeps.commands.doctor.judging import note, ok, wrong
from sweeps.errors import RecordError
from sweeps.executors.gpus import Nvml
from sweeps.extras import EXTRAS
from sweeps.record.mlflow_client import quiet_mlflow
from sweeps.record.store.known import knows_tables, mlflow_version
from sweeps.record.store.mlflow_store import server_version
from sweeps.record.store.new_file import file_system
from sweeps.record.store_uri import check_store
from sweeps.rundir.paths import StateDir
from sweeps.trainer.git import find_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sweeps.commands.doctor.judging import Finding

_ANSWER_S = 10.0
_PARTS = ("report", "search", "ui", "cvae")
_TORCH = """
import json, importlib.util
found = importlib.util.find_spec("torch")
if found is None:
    print(json.dumps([None, None, 0]))
else:
    import torch
    print(json.dumps([torch.__version__, torch.version.cuda, torch.cuda.device_count()]))
"""
_SHORT = 12
"""So many letters of a commit are recorded, too."""
_SQLITE = "sqlite:///"
_VERSIONS = "alembic_version"
_REVISIONS = f"select version_num from {_VERSIONS}"  # noqa: S608 - of constants


@dataclass(frozen=True, slots=True)
class Place:
    """Where one means to work.

    Attributes:
        uri: The store.
        python: The Python of the trainer.
        folder: The working directory.
    """

    uri: str
    python: str
    folder: Path


def python(_place: Place) -> Iterator[Finding]:
    """The Python that runs this, and what else is called like `sweep`."""
    yield judging.of_python(tuple(sys.version_info[:3]), sys.executable, sys.platform)
    with contextlib.suppress(metadata.PackageNotFoundError):
        found = metadata.version("sweeps")
        remedy = "pip uninstall sweeps, then pip install --force-reinstall --no-deps sweep-experiments"
        yield wrong(
            "python", f"sweeps {found}, another project's, overwrites files of sweep-experiments", remedy
        )


def parts(_place: Place) -> Iterator[Finding]:
    """The optional parts of the package that one machine can use."""
    missing = [
        name for name in _PARTS if any(importlib.util.find_spec(module) is None for module in EXTRAS[name])
    ]
    yield judging.of_parts([name for name in _PARTS if name not in missing], missing)


def torch(place: Place) -> Iterator[Finding]:
    """Torch, in the Python of the trainer."""
    asked = [place.python, "-c", _TORCH]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    nvml = Nvml.open()
    gpus = len(nvml.gpus()) if nvml is not None else 0
    if done.returncode == 0:
        version, cuda, visible = json.loads(done.stdout.splitlines()[-1])
        yield judging.of_torch(version, cuda, visible, "", gpus)
    else:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        yield judging.of_torch(None, None, 0, last, gpus)


def gpu(_place: Place) -> Iterator[Finding]:
    """GPUs, as the driver shows them."""
    nvml = Nvml.open()
    gpus = nvml.gpus() if nvml is not None else []
    if not gpus and shutil.which("nvidia-smi") is not None:
        remedy = "run `nvidia-smi`; after an update of the driver the machine has to be started anew"
        yield wrong("gpu", "nvidia-smi is installed, and the driver shows no GPU", remedy)
    elif not gpus:
        yield ok("gpu", "none; trials run on the CPU")
    for found in gpus:
        used = f"{found.used_bytes / 2**30:.1f} of {found.memory_bytes / 2**30:.0f} GiB in use"
        yield ok("gpu", f"{found.id}: {found.name}, {used}")


def mlflow(_place: Place) -> Iterator[Finding]:
    """MLflow, which keeps the record."""
    versions = []
    for name in ("mlflow", "mlflow-skinny"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(metadata.version(name))
    yield judging.of_mlflow(versions[0] if versions else None)


def git(place: Place) -> Iterator[Finding]:
    """Git, which says what code a trial ran."""
    if shutil.which("git") is None:
        yield note("git", "is not installed", "install it, so that runs say which commit they had")
        return
    repository, trouble = find_repository(place.folder)
    if trouble:
        told = wrong if "safe.directory" in trouble else note
        yield told("git", trouble, "without it runs do not say which commit they had")
    elif repository is None:
        yield note(
            "git", "this folder is in no repository", "`git init` here: then runs say which commit they had"
        )
    elif repository.commit is None:
        yield note(
            "git",
            "the repository has no commit yet: of their code runs record a digest, and neither a commit nor what changed since",
            "commit the code before `sweep run`: then runs say which code they had",
        )
    else:
        yield ok("git", f"commit {repository.commit[:_SHORT]}")


def store(place: Place) -> Iterator[Finding]:
    """The tracking store."""
    try:
        check_store(place.uri)
    except RecordError as error:
        yield wrong("store", str(error), "see `sweep run --help`, --tracking-uri")
        return
    scheme = urlsplit(place.uri).scheme
    if scheme in ("http", "https"):
        yield from _server(place.uri)
    elif scheme == "sqlite":
        yield _sqlite(place.uri, Path(place.uri.removeprefix(_SQLITE)))
    elif scheme.partition("+")[0] in SQL_SCHEMES:
        yield _database(place.uri)
    else:
        yield ok("store", masked(place.uri))


def disk(_place: Place) -> Iterator[Finding]:
    """The disks of the run's files, and of temporary ones."""
    seen = set()
    for folder in (_existing(StateDir.here().root), Path(tempfile.gettempdir())):
        about = os.statvfs(folder)
        if (device := folder.stat().st_dev) not in seen:
            seen.add(device)
            inodes = about.f_favail if about.f_files else None
            yield judging.of_disk(
                str(folder), about.f_bavail * about.f_frsize, about.f_blocks * about.f_frsize, inodes
            )


def folder(place: Place) -> Iterator[Finding]:
    """The folder of the run's files: what its file system can do."""
    root = StateDir.here().root
    beside = _existing(root)
    path = Path(place.uri.removeprefix(_SQLITE)) if place.uri.startswith(_SQLITE) else None
    open_to_all = root.is_dir() and bool(root.stat().st_mode & 0o002)
    kind = file_system(beside)
    yield from judging.of_folder(kind, _broken(beside), str(path or ""), open_to_all=open_to_all)


def clock(_place: Place) -> Iterator[Finding]:
    """The clock of the disk, which is a file server's where the folder is shared."""
    with tempfile.NamedTemporaryFile(dir=_existing(StateDir.here().root), prefix=".sweep-doctor-") as file:
        file.write(b"now")
        file.flush()
        yield judging.of_clock("the disk's", os.fstat(file.fileno()).st_mtime - time.time())


def limits(_place: Place) -> Iterator[Finding]:
    """What the system allows, and what the environment says."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    files = sys.maxsize if files == resource.RLIM_INFINITY else files
    shared = Path("/dev/shm")  # noqa: S108 - only its size is asked for
    size = shutil.disk_usage(shared).total if shared.is_dir() else None
    yield from judging.of_limits(
        files, size, writes_no_bytecode=bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    )


PROBES: Mapping[str, Callable[[Place], Iterator[Finding]]] = {
    probe.__name__: probe
    for probe in (python, parts, mlflow, store, torch, gpu, git, disk, folder, clock, limits)
}


def _existing(path: Path) -> Path:
    """A folder, or the nearest one above that is there."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.is_dir())


def _broken(beside: Path) -> str:
    """What the file system of a folder cannot do; empty: nothing that is needed."""
    try:
        with tempfile.TemporaryDirectory(
            dir=beside, prefix=".sweep-doctor-", ignore_cleanup_errors=True
        ) as scratch:
            return _tried(Path(scratch))
    except OSError as error:
        return f"{beside} cannot be written: {error.strerror or error}"


def _tried(scratch: Path) -> str:
    one, other = scratch / "one", scratch / "other"
    try:
        with one.open("w") as held, one.open("w") as asking:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(asking, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return "a lock does not keep a second one out"
    except OSError as error:
        return f"locks do not work: {error.strerror or error}"
    try:
        one.replace(other)
        other.symlink_to(one) if not other.exists() else one.symlink_to(other)
    except OSError as error:
        return f"renames or links do not work: {error.strerror or error}"
    return ""


def _server(uri: str) -> Iterator[Finding]:
    quiet_mlflow()
    try:
        version, date = server_version(uri, _ANSWER_S)
    except RecordError as error:
        remedy = "look at its log; for a password, set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        yield wrong("store", str(error), remedy)
        return
    yield ok("store", f"{masked(uri)}: MLflow {version}")
    if date:
        yield judging.of_clock(
            "the tracking server's", email.utils.parsedate_to_datetime(date).timestamp() - time.time()
        )


def _sqlite(uri: str, path: Path) -> Finding:
    if not path.exists():
        return ok("store", f"{uri}: the first `sweep run` makes it")
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_ANSWER_S)
        ) as connection:
            if unknown := _of_a_newer_mlflow(uri, _revisions(connection)):
                return unknown
            (runs,) = connection.execute("select count(*) from runs").fetchone()
            kinds = dict(
                connection.execute(
                    "select value, count(*) from tags where key = ? group by value", (tags.KIND,)
                )
            )
    except sqlite3.Error as error:
        remedy = "name another with --tracking-uri, or put the file back from a backup"
        return wrong("store", f"{uri}: {error}", remedy)
    own = (
        f": {kinds.get(tags.KIND_TRIAL, 0)} of trials, {kinds.get(tags.KIND_SWEEP, 0)} of sweeps"
        if kinds
        else ""
    )
    return ok("store", f"{uri}: {counted(runs, 'run')}{own}")


def _database(uri: str) -> Finding:
    import sqlalchemy

    try:
        with sqlalchemy.create_engine(uri).connect() as connection:
            connection.execute(sqlalchemy.text("select 1"))
            revisions: Sequence[str] = ()
            if sqlalchemy.inspect(connection).has_table(_VERSIONS):
                revisions = connection.execute(sqlalchemy.text(_REVISIONS)).scalars().all()
    except ImportError as error:
        return wrong(
            "store",
            f"{masked(uri)}: {error}",
            "pip install 'sweep-experiments[postgres]', or the driver that it names",
        )
    except sqlalchemy.exc.SQLAlchemyError as error:
        first = str(error).splitlines()[0]
        return wrong(
            "store",
            f"{masked(uri)}: {masked(first)}",
            "is the database running, and are name and password right?",
        )
    return _of_a_newer_mlflow(uri, revisions) or ok("store", masked(uri))


def _revisions(connection: sqlite3.Connection) -> list[str]:
    """The revisions of MLflow's tables; none where they are not noted."""
    is_noted = connection.execute("select 1 from sqlite_master where name = ?", (_VERSIONS,)).fetchone()
    return [revision for (revision,) in connection.execute(_REVISIONS)] if is_noted else []


def _of_a_newer_mlflow(uri: str, revisions: Iterable[str]) -> Finding | None:
    """What is wrong where the tables of a store are not known to the MLflow that is installed."""
    if all(map(knows_tables, revisions)):
        return None
    return wrong(
        "store",
        f"{masked(uri)}: MLflow {mlflow_version()} does not know its tables: a newer one has made them",
        "pip install --upgrade mlflow, to a version as new as that one",
    )
