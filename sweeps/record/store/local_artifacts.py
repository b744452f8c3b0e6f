"""Artifacts in a folder of this machine, written as MLflow's own repository of such a folder writes them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UPLOADING = ".artifact.uploading."
"""How the names of files begin that are not whole yet; MLflow's UI does not list them."""
_PLAIN = re.compile(r"/[^%?#]*")


class UnusualError(Exception):
    """Something that is left to MLflow's client."""


def copy_file(location: str, path: Path, folder: str | None) -> None:
    """Store a file in a folder of artifacts.

    Raises:
        UnusualError: It is no folder of this machine, or no plain file.
        OSError: It cannot be written.
    """
    if not path.is_file():
        raise UnusualError
    target = _target(location, path.name, folder)
    if target.exists() and target.samefile(path):
        return
    with _uploaded(target) as new:
        shutil.copyfile(path, new)
        shutil.copystat(path, new)


def write_text(location: str, text: str, name: str) -> None:
    """Store a text as a file in a folder of artifacts; raises as `copy_file`."""
    inner = PurePosixPath(name)
    target = _target(location, inner.name, None if len(inner.parts) == 1 else inner.parent.as_posix())
    with _uploaded(target) as new:
        new.unlink()  # it is only its owner's; one that is made anew gets the mode that the user's mask gives
        with new.open("x", encoding="utf-8") as file:
            file.write(text)


def _target(location: str, name: str, folder: str | None) -> Path:
    """Where a file is to lie; its folder is made. Never outside of the location, whatever links lie there."""
    if not _PLAIN.fullmatch(location) or name.startswith(UPLOADING):
        raise UnusualError
    if folder is not None and (os.path.normpath(folder) != folder or folder.startswith(("/", "."))):
        raise UnusualError
    base = Path(location)
    target = base / (folder or "") / name
    if not target.resolve().is_relative_to(base.resolve()):
        raise UnusualError
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


@contextmanager
def _uploaded(target: Path) -> Iterator[Path]:
    """A new file beside the target that takes its place once it is whole."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=UPLOADING)
    os.close(handle)
    new = Path(name)
    try:
        yield new
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
