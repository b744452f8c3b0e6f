"""A copy of a folder to run a program in, so that what it writes there stays apart from the folder itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".sweep",
        ".venv",
        "venv",
        "__pycache__",
        "node_modules",
        "mlruns",
        "mlflow.db",
        "wandb",
        "runs",
        "lightning_logs",
        "outputs",
        "figures",
    }
)
"""Names of environments, records and outputs, which a program makes anew where it needs them."""
_COPIED_BYTES = 1 << 28
"""Files of more than this in all are linked."""
_MOST_FILES = 20_000
_MADE = (".pt", ".pth", ".ckpt", ".tar", ".safetensors", ".log", ".h5", ".keras", ".onnx")
"""Endings of what programs write themselves: through a link they would write over the file itself."""


def copy_folder(source: Path, target: Path) -> list[str]:
    """Copy a folder to where nothing is yet; large files are linked, environments and earlier outputs are left out.

    Returns:
        What was left out because it is too much to copy, and could be written over through a link.
    """
    left_out: list[str] = []
    copied = 0
    target.mkdir(parents=True)
    for at, (path, size) in enumerate(_files(source)):
        inner = path.relative_to(source)
        if at >= _MOST_FILES:
            left_out.append("more files")
            break
        place = target / inner
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            if copied + size <= _COPIED_BYTES:
                shutil.copy2(path, place)
                copied += size
            elif path.suffix in _MADE:
                left_out.append(str(inner))
            else:
                place.symlink_to(path.absolute())
        except OSError:
            left_out.append(str(inner))
    return left_out


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """The regular files below a folder with their sizes, small ones of each folder first; links to folders are not followed."""
    for here, inner, names in os.walk(folder):
        inner[:] = sorted(
            name for name in inner if name not in SKIPPED and not (Path(here) / name / "pyvenv.cfg").exists()
        )
        found = []
        for name in names:
            path = Path(here) / name
            if name not in SKIPPED and path.is_file():
                found.append((path.stat().st_size, path))
        yield from ((path, size) for size, path in sorted(found))
