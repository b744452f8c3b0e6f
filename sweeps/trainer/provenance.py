"""Which code and which environment: what stands beside a run's fingerprint."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import HOST, PACKAGES
from sweeps.program.interpreter import Interpreter, ask
from sweeps.program.surroundings import python_path
from sweeps.rundir.paths import StateDir
from sweeps.spec.trainer.recorded import recorded_keys
from sweeps.trainer.code_tree import (
    INSTALLED,
    common_folder,
    find_code,
    imported_files,
    is_project,
    runs_in_place,
    trainer_sources,
)
from sweeps.trainer.configs.files import config_files
from sweeps.trainer.git import find_repository
from sweeps.trainer.packages import USUAL, imported_packages, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.trainer.git import Repository

_DRIVER = "driver"


@dataclass(frozen=True, slots=True)
class Parts:
    """Files of a trainer's project beside its sources.

    Attributes:
        imports: What the sources import, and what that imports.
        config: Config files.
        config_of_all: Those of them that count for every trial; a trial's others are among the files that it names.
        top: The project's folder.
    """

    imports: Sequence[Path]
    config: Sequence[Path]
    config_of_all: Sequence[Path]
    top: Path


def code_identity(trainer: TrainerSpec) -> dict[str, Any]:
    """The code that trains.

    Returns:
        `commit` and `dirty` of the repository that holds it (None outside git), and `digest`: a hash of the
        source of the trainer's top-level package, or of the scripts that a command names. Where it is run in place:
        `in_place`, and the digest is of all code and configs of its folder, any of which it may read. Else `imports`: a
        hash of the files of its project that it imports besides, empty where there are none. `config`: a hash of the
        config files of its project that it has, its command names, or Hydra puts together; empty where there are none.
        `config_of_all`: of those of them that count for every trial. Earlier versions had `config` alone.
        `trainer`, of a command: what the file says around it, as `recorded_keys` has it.
    """
    sources = own = trainer_sources(trainer)
    root = common_folder(sources) if sources else None
    is_in_place = runs_in_place(trainer)
    tree = find_code(trainer, {StateDir.here().root}) if is_in_place else None
    if tree is not None:
        sources, root = tree.sources, tree.files.root
    directory = sources[0].parent if sources else Path.cwd()
    repository, _ = find_repository(directory)
    parts = parts_of(trainer, own, repository)
    commit = repository.commit if repository else None
    return {
        "commit": commit[:12] if commit else None,
        "dirty": repository.is_dirty() if repository else None,
        "digest": digest_of(sources, root) if sources and root is not None else None,
        **({"imports": _digest(parts.imports)} if own and tree is None else {}),
        **(
            {"config": _digest(parts.config), "config_of_all": _digest(parts.config_of_all)}
            if own or parts.config
            else {}
        ),
        **({"trainer": recorded_keys(trainer)} if trainer.command is not None else {}),
        **({"snapshot": None, "in_place": True} if is_in_place else {}),
    }


def parts_of(trainer: TrainerSpec, sources: Sequence[Path], repository: Repository | None) -> Parts:
    """What else than its sources makes a trainer what it is."""
    folder = sources[0].parent if sources else Path.cwd()
    tops = [repository.top] if repository else []
    top = next(
        (place for place in (*tops, Path.cwd()) if is_project(place) and folder.is_relative_to(place)), folder
    )
    further = [Path(place) for place in python_path(trainer.surroundings, os.environ) if place]
    further = [place for place in further if INSTALLED.isdisjoint(place.parts)]
    imports = imported_files(sources, top, further) if sources else []
    config, config_of_all = config_files(trainer, [*sources, *imports], top)
    return Parts(imports, config, config_of_all, top)


def _digest(files: Sequence[Path]) -> str:
    """A hash of files; empty where there are none."""
    return digest_of(files, common_folder(files)) if files else ""


@lru_cache
def environment_identity() -> dict[str, Any]:
    """The interpreter, the machine's kind, CUDA and the packages that results depend on; and the host, which they don't.

    Read from files alone, so that no trial waits for torch: `cuda` is what torch was built for, `driver` what runs here.
    """
    cuda, driver = _torch_cuda(), _nvidia_driver()
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
        **versions_of(USUAL),
        **({"cuda": cuda} if cuda else {}),
        **_machine(driver),
    }


def environment_of(interpreter: Interpreter | None, packages: Sequence[str] | None = None) -> dict[str, Any]:
    """The same of an interpreter, with the versions of packages under `packages`.

    Args:
        interpreter: One that is asked, once a process; None: this one.
        packages: The packages that the trainer's own modules may import, of which those count that are there; None: it is not known which.
    """
    if interpreter is None:
        found, machine = environment_identity(), {}
        versions = versions_of(packages or ())
    else:
        machine = _machine(_nvidia_driver())
        found = dict(ask(interpreter, (*USUAL, *(packages or ()))))
        versions = {name: found.pop(name) for name in packages or () if name in found}
    return {**found, **machine, **({PACKAGES: versions} if packages is not None else {})}


def imported_by(trainer: TrainerSpec) -> tuple[str, ...] | None:
    """The packages that a trainer's own modules may import; None where none of its sources is known."""
    sources = trainer_sources(trainer)
    if not sources:
        return None
    repository, _ = find_repository(sources[0].parent)
    return imported_packages([*sources, *parts_of(trainer, sources, repository).imports])


def environment_here(recorded: str, *, is_of_another: bool) -> str:
    """The environment of an attempt, in which the packages count that the record names.

    Args:
        recorded: What the record says, as JSON; empty: nothing.
        is_of_another: Whether it is that of another interpreter, of which only the machine is known here.
    """
    known: dict[str, Any] = {}
    with contextlib.suppress(ValueError):  # an earlier version's, or none
        known = json.loads(recorded)
    packages = known.pop(PACKAGES, None)
    if not is_of_another:
        return json.dumps(environment_of(None, None if packages is None else tuple(packages)))
    known = {key: value for key, value in known.items() if key not in (HOST, _DRIVER)}
    rest = {} if packages is None else {PACKAGES: packages}
    return json.dumps({**known, **_machine(_nvidia_driver()), **rest})


def _machine(driver: str | None) -> dict[str, str]:
    return {**({_DRIVER: driver} if driver else {}), HOST: platform.node()}


def _torch_cuda() -> str | None:
    found = util.find_spec("torch")
    if found is None or found.origin is None:
        return None
    return _first_match(Path(found.origin).with_name("version.py"), r"^cuda\b[^=]*= *'([^']+)'")


def _nvidia_driver() -> str | None:
    return _first_match(Path("/proc/driver/nvidia/version"), r"^NVRM version:.*?\b(\d+\.\d+(?:\.\d+)?)\b")


def _first_match(path: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return None
    return found[1] if found else None


def digest_of(files: Iterable[Path], root: Path) -> str:
    """A hash of the files' names below `root` and of their contents, in the order given: 12 hexadecimal digits.

    A file that cannot be read counts with its name alone.
    """
    digest = hashlib.sha256()
    for path in files:
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            content = ""
        digest.update(json.dumps([str(path.relative_to(root)), content]).encode())
    return digest.hexdigest()[:12]
