"""Reads the lists of defaults by which Hydra puts a config together of several files."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sweeps.trainer.code_files import MOST_BESIDE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SELF = "_self_"
"""The entry that stands for the config itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry of a list of defaults brings in.

    Attributes:
        group: The folder that a file is chosen of, from the folder of all configs; empty: a file is named.
        written: The group as it is written, from the folder of the config that has the list, or with a slash from that of all.
        choice: What is chosen of the group: a name, several, `???`, or None; of a file its path without ending.
        package: What stands behind `@`: where its keys go; None: nothing does.
        is_override: Whether it says what another entry chooses.
        is_optional: Whether there need be no such file.
    """

    group: str
    written: str
    choice: Any
    package: str | None = None
    is_override: bool = False
    is_optional: bool = False

    @property
    def name(self) -> str:
        """The group as words of a command call it: `model`, `data@train`."""
        return self.group if self.package is None else f"{self.group}@{self.package}"

    @property
    def is_of_hydra(self) -> bool:
        """Whether it sets up Hydra itself."""
        return self.written.startswith(("hydra/", "/hydra/"))

    @property
    def files(self) -> list[str]:
        """The files that it names, from the folder of all configs, without ending."""
        if not self.group:
            return [self.choice]
        several = self.choice if isinstance(self.choice, list) else [self.choice]
        names = (one for one in several if isinstance(one, str) and one != "???" and "$" not in one)
        return [f"{self.group}/{name.removesuffix('.yaml')}" for name in names]


def list_of(content: Any) -> list[Any]:
    """The list of defaults of a config that is read; empty where it has none."""
    entries = content.get("defaults") if isinstance(content, dict) else None
    return entries if isinstance(entries, list) else []


def entries_of(entry: Any, folder: str) -> Iterator[Entry]:
    """What an entry of a list of defaults says; nothing of `SELF`.

    Args:
        entry: The entry, as YAML has it.
        folder: The folder of the config that has the list, from the folder of all configs.
    """
    if isinstance(entry, str) and entry != SELF:
        path, at, package = entry.partition("@")
        yield Entry("", "", _from(folder, path), package if at else None)
    for words, choice in entry.items() if isinstance(entry, dict) else ():
        *marks, whole = str(words).split() or [""]
        path, at, package = whole.partition("@")
        yield Entry(
            _from(folder, path),
            path,
            choice,
            package if at else None,
            "override" in marks,
            "optional" in marks,
        )


def _from(folder: str, path: str) -> str:
    return posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path))


def defaults_of(path: Path) -> Sequence[Any]:
    """The list of defaults of a file; empty where it has none that can be read."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return _read(path, found.st_mtime_ns, found.st_size) if found.st_size <= MOST_BESIDE_BYTES else ()


@lru_cache(maxsize=1024)
def _read(path: Path, *state: int) -> Sequence[Any]:
    """The same, read once as long as the file's state stays."""
    import yaml

    del state
    try:
        return list_of(yaml.safe_load(path.read_bytes()))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return ()
