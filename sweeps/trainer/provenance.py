"""Which code and which environment: what stands beside a run's fingerprint."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import HOST
from sweeps.trainer.code_files import SKIPPED
from sweeps.trainer.git import find_repository
from sweeps.trainer.imports import found_in, places_of, top_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sweeps.spec.trainer.model import TrainerSpec

_PACKAGES = ("torch", "numpy", "mlflow", "optuna")


def code_identity(trainer: TrainerSpec) -> dict[str, Any]:
    """The code that trains.

    Returns:
        `commit` and `dirty` of the repository that holds it (None outside git), and `digest`: a hash of the
        source of the trainer's top-level package, or of the script that a command names.
    """
    sources = trainer_sources(trainer)
    directory = sources[0].parent if sources else Path.cwd()
    repository, _ = find_repository(directory)
    commit = repository.commit if repository else None
    return {
        "commit": commit[:12] if commit else None,
        "dirty": repository.is_dirty() if repository else None,
        "digest": digest_of(sources, _common_folder(sources)) if sources else None,
    }


@lru_cache
def environment_identity() -> dict[str, Any]:
    """The interpreter, the machine's kind, CUDA and the packages that results depend on; and the host, which they don't.

    Read from files alone, so that no trial waits for torch: `cuda` is what torch was built for, `driver` what runs here.
    """
    cuda, driver = _torch_cuda(), _nvidia_driver()
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
        **{name: version for name in _PACKAGES if (version := _version(name)) is not None},
        **({"cuda": cuda} if cuda else {}),
        **({"driver": driver} if driver else {}),
        HOST: platform.node(),
    }


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


@lru_cache
def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def trainer_sources(trainer: TrainerSpec) -> list[Path]:
    """The Python files of the trainer's top-level package, or the scripts that a command names; none where unknown.

    The paths are absolute; links in them are not followed.
    """
    if trainer.run is None:
        words = (Path(word).absolute() for word in trainer.command or () if word.endswith(".py"))
        return [path for path in words if path.is_file()]
    with found_in(places_of(trainer), (trainer.run,)):
        found = util.find_spec(top_of(trainer.run))
    if found is None:
        return []
    roots = [Path(place).absolute() for place in found.submodule_search_locations or ()]
    if not roots:
        return [Path(found.origin).absolute()] if found.origin else []
    return sorted(path for root in roots for path in python_files(root))


def python_files(package: Path) -> Iterator[Path]:
    """The Python files below a package, but for those of environments and of copies that lie in it."""
    for folder, inner, names in os.walk(package):
        here = Path(folder)
        inner[:] = [
            name for name in inner if name not in SKIPPED and not (here / name / "pyvenv.cfg").exists()
        ]
        yield from (here / name for name in names if name.endswith(".py"))


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


def _common_folder(paths: Iterable[Path]) -> Path:
    return Path(os.path.commonpath([path.parent for path in paths]))
