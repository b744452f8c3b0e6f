"""Finds the pictures that a run left: among its artifacts, and in its own folder where that is on this machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.results.pictures.shrunk import LARGEST_BYTES, as_png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analysis.results.pictures.artifacts import Artifacts

MOST_PICTURES = 4
"""Pictures of one run."""
MOST_FILES, DEEPEST = 5000, 4
"""How many files of a folder are looked at, and how many folders deep."""
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_LOGGED = re.compile(r"(.+?)[+%]step[+%](\d+)[+%]timestamp[+%]\d+[+%][^+%/]+(\.\w+)")
"""How MLflow's `log_image` names a picture."""
_SMALL_COPY = re.compile(r".+[+%]timestamp[+%]\d+[+%][^/]+[+%]compressed\.\w+")
"""How it names the small copy that it makes of each."""


@dataclass(frozen=True)
class Picture:
    """A picture of a run.

    Attributes:
        name: Where the run left it, below its folder or among its artifacts; of one that was logged with a step its name and that.
        png: It, as a PNG.
    """

    name: str
    png: bytes


def pictures_of(run_id: str, files: Artifacts, folder: Path | None) -> tuple[Picture, ...]:
    """Return what a run left, at most `MOST_PICTURES`: of files whose names differ in numbers alone the last, the highest folders first.

    Args:
        run_id: The run.
        files: The artifacts of its record.
        folder: Its own folder; None where that is not on this machine.
    """
    own = {name: _reader(folder / name) for name in pictures_below(folder)} if folder is not None else {}
    logged = {
        name: _fetcher(files, run_id, name) for name in files.below(run_id, DEEPEST) if _is_picture(name)
    }
    readers: dict[str, Callable[[], bytes]] = {**logged, **own}
    found: dict[bytes, Picture] = {}
    for name in last_of_series(readers):
        content = readers[name]()
        # What lies in the folder may have been logged as well.
        if content not in found and (png := as_png(content)):
            found[content] = Picture(_shown(name), png)
        if len(found) == MOST_PICTURES:
            break
    return tuple(found.values())


def last_of_series(names: Iterable[str]) -> list[str]:
    """Return names of pictures without those that a later one of the same series stands for: by how deep they lie, and by name."""
    last: dict[str, tuple[list[int], str]] = {}
    for name in names:
        logged = _LOGGED.fullmatch(name)
        text = f"{logged[1]} {logged[2]}" if logged else name
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        key = re.sub(r"\d+", "#", text)
        last[key] = max(last.get(key, ([], "")), (numbers, name))
    return sorted((name for _, name in last.values()), key=lambda name: (name.count("/"), name))


def pictures_below(folder: Path) -> list[str]:
    """Return the paths of pictures below a folder, of its first `MOST_FILES` files; links are not followed, hidden folders left out."""
    return [name for name in islice(_files_below(folder), MOST_FILES) if _is_picture(name)]


def _files_below(folder: Path) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if depth < DEEPEST else []
        for name in sorted(names):
            path = Path(here) / name
            if not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _is_picture(name: str) -> bool:
    return name.lower().endswith(ENDINGS) and not _SMALL_COPY.fullmatch(name)


def _shown(name: str) -> str:
    logged = _LOGGED.fullmatch(name)
    return (
        f"{logged[1].removeprefix('images/').replace('#', '/')}{logged[3]}, step {logged[2]}"
        if logged
        else name
    )


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else b""
        except OSError:
            return b""

    return read


def _fetcher(files: Artifacts, run_id: str, name: str) -> Callable[[], bytes]:
    return lambda: files.content(run_id, name, most=LARGEST_BYTES)
