"""Which code and which environment: what stands beside a run's fingerprint."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import HOST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweeps.spec.model import TrainerSpec

_PACKAGES = ("torch", "numpy", "mlflow", "optuna")


def code_identity(trainer: TrainerSpec) -> dict[str, Any]:
    """The code that trains.

    Returns:
        `commit` and `dirty` of the repository that holds it (None outside git), and `digest`: a hash of the
        source of the trainer's top-level package, or of the script that a command names.
    """
    sources = trainer_sources(trainer)
    directory = sources[0].parent if sources else Path.cwd()
    commit = git(directory, "rev-parse", "HEAD")
    changes = git(directory, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {
        "commit": commit[:12] if commit else None,
        "dirty": bool(changes) if changes is not None else None,
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
    top = trainer.run.partition(":")[0].partition(".")[0]
    found = util.find_spec(top)
    if found is None:
        return []
    roots = [Path(place).absolute() for place in found.submodule_search_locations or ()]
    if not roots:
        return [Path(found.origin).absolute()] if found.origin else []
    return sorted(path for root in roots for path in root.rglob("*.py"))


def digest_of(files: Iterable[Path], root: Path) -> str:
    """A hash of the files' names below `root` and of their contents, in the order given: 12 hexadecimal digits.

    Raises:
        OSError: A file cannot be read.
    """
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(json.dumps([str(path.relative_to(root)), content]).encode())
    return digest.hexdigest()[:12]


def _common_folder(paths: Iterable[Path]) -> Path:
    return Path(os.path.commonpath([path.parent for path in paths]))


def git(directory: Path, *arguments: str) -> str | None:
    """What a git command prints, without space around it; None where it fails, or there is no git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(directory), *arguments],  # noqa: S607 - git as the user's PATH has it
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
