"""Finds what a program wrote outside its run's directory, and which of those files two trials wrote."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.program.outputs.appended_files import end_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sweeps.program.outputs.appended_files import FileEnd

MOST_ENTRIES = 5000
"""A folder with more entries, those of its folders included, is not searched to its end."""
MOST_IN_FOLDER = 1000
"""A folder with more entries holds data, and is passed over."""
MOST_FILES = 50
"""So many files are kept of an attempt."""
CLOCK_NS = 20_000_000
"""A file's time may be so much older than the clock: the kernel's own ticks are coarse."""
_CACHES = frozenset({"__pycache__"})
_REPORT = frozenset({"manifest.json", "report.html", "report.md"})
"""The files by which a folder is one of `sweep report`, which may be drawn while trials run."""
_EDITED = frozenset(
    {
        *(".c", ".cfg", ".cpp", ".cu", ".gin", ".h", ".ini", ".ipynb", ".lock", ".md", ".py", ".pyc", ".pyi"),
        ".rst",
    }
    | {".sh", ".swp", ".toml", ".yaml", ".yml", "~"}
)
"""What people edit beside a running sweep; in the folder where a program runs it is not taken for its output."""


@dataclass(frozen=True, slots=True)
class Written:
    """What changed in some folders during an attempt. Links are not followed.

    Attributes:
        start_ns: When the attempt began, since the epoch.
        end_ns: When it ended.
        files: The files that changed, with the time of their last change; the paths are absolute.
        copied: Those of them that lie in the copy of the code.
        is_whole: Whether every entry was looked at, and every file kept.
        ends: What files outside the copy were when the attempt ended, as far as they could be read.
    """

    start_ns: int
    end_ns: int
    files: Mapping[str, int]
    copied: Collection[str] = ()
    is_whole: bool = True
    ends: Mapping[str, FileEnd] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        span = {"start_ns": self.start_ns, "end_ns": self.end_ns}
        return {
            **span,
            "files": dict(self.files),
            "copied": sorted(self.copied),
            "is_whole": self.is_whole,
            "ends": dict(self.ends),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Written:
        """Read what `to_json` gave.

        Raises:
            KeyError: Something is missing.
        """
        ends = {path: (int(size), str(digest)) for path, (size, digest) in kept.get("ends", {}).items()}
        return cls(
            int(kept["start_ns"]), int(kept["end_ns"]), kept["files"], kept["copied"], kept["is_whole"], ends
        )


def is_edited(name: str) -> bool:
    """Whether a file of this name is one that people edit, rather than one that a program writes."""
    return Path(name).suffix in _EDITED


def written_since(
    start_ns: int,
    end_ns: int,
    folder: str,
    copy: str,
    skipped: Collection[str],
    left_out: Collection[str] = (),
) -> Written:
    """Look for files that changed since a time.

    Args:
        start_ns: The time, since the epoch.
        end_ns: When what is looked for ended.
        folder: Where a program runs; empty: nowhere that matters.
        copy: Where the copy of the code lies; empty: there is none.
        skipped: Names of folders and files that are passed over.
        left_out: Paths of folders and files that are.
    """
    found: dict[str, int] = {}
    is_whole = True
    for place, names in ((copy, _CACHES), (folder, frozenset(skipped) | _CACHES)):
        seen = 0
        for entry in _files(place, names, left_out) if place else ():
            seen += 1
            if seen > MOST_ENTRIES:
                is_whole = False
                break
            if place == folder and is_edited(entry.name):
                continue
            time_ns = _time_ns(entry)
            if time_ns is not None and time_ns >= start_ns - CLOCK_NS:
                if len(found) >= MOST_FILES:
                    is_whole = False
                    break
                found[os.fsencode(entry.path).decode("utf-8", "backslashreplace")] = time_ns
    inside = [path for path in found if copy and Path(path).is_relative_to(copy)]
    ends = _ends(path for path in found if path not in inside)
    return Written(start_ns, end_ns, found, inside, is_whole, ends)


def _ends(paths: Iterable[str]) -> dict[str, FileEnd]:
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):  # gone again, or another's
            found[path] = end_of(path)
    return found


def open_beside() -> frozenset[str]:
    """The files that this process and those of its shell's pipeline have open, as in `sweep run | tee run.log`: not a trial's.

    Only Linux tells them; elsewhere there are none.
    """
    found: set[str] = set()
    group = os.getpgrp()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.update(os.readlink(link) for link in (folder / "fd").iterdir())  # noqa: PTH115 - as bytes go
        except OSError:
            continue
    return frozenset(path for path in found if path.startswith(os.sep))


def _files(folder: str, skipped: Collection[str], left_out: Collection[str]) -> Iterator[os.DirEntry[str]]:
    """Every entry below a folder, breadth first."""
    todo = [folder]
    while todo:
        try:
            entries = list(os.scandir(todo.pop(0)))
        except OSError:
            continue
        if len(entries) > MOST_IN_FOLDER or {entry.name for entry in entries} >= _REPORT:
            continue
        for entry in entries:
            if entry.name in skipped or entry.path in left_out:
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False):
                todo.append(entry.path)


def _time_ns(entry: os.DirEntry[str]) -> int | None:
    """When a file's content last changed; None where it is no file of its own."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns if entry.is_file(follow_symlinks=False) else None
    except OSError:
        return None


@dataclass
class SharedFiles:
    """Which files outside their runs' directories two trials wrote, as far as times prove it.

    A file that changed while only one trial ran is that trial's. Two trials wrote it where no single one was running at
    each of the times that it was seen to have changed at: trials that run side by side from their first moment to
    their last cannot be told apart, and nothing is said of them.
    """

    _running: dict[str, int] = field(default_factory=dict)
    _spans: list[tuple[str, int, int]] = field(default_factory=list)
    _seen: defaultdict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    _told: set[str] = field(default_factory=set)

    def begin(self, trial: str, start_ns: int) -> None:
        """Take note that an attempt begins, or began, no earlier than a time."""
        self._running.setdefault(trial, start_ns)

    def end(self, trial: str, end_ns: int) -> None:
        """Take note that an attempt has ended of which nothing else is known."""
        if (start_ns := self._running.pop(trial, None)) is not None:
            self._spans.append((trial, start_ns - CLOCK_NS, end_ns + CLOCK_NS))

    def add(self, trial: str, written: Written) -> list[tuple[str, str]]:
        """Take note of an attempt; returns the files that turn out to be shared now, each with another trial."""
        self._running.pop(trial, None)
        self._spans.append((trial, written.start_ns - CLOCK_NS, written.end_ns + CLOCK_NS))
        found = []
        for path, time_ns in written.files.items():
            self._seen[path].setdefault(time_ns, trial)
            if path not in self._told and (other := self._other(path, trial)) is not None:
                self._told.add(path)
                found.append((path, other))
        return found

    def of(self, trial: str, written: Written) -> dict[str, str]:
        """The shared files that changed during an attempt that was added, each with another trial; whether told before or not."""
        found = ((path, self._other(path, trial)) for path in written.files if path in self._told)
        return {path: other for path, other in found if other is not None}

    @property
    def shared(self) -> list[str]:
        """The files that two trials wrote, sorted."""
        return sorted(self._told)

    def _other(self, path: str, trial: str) -> str | None:
        """A trial that wrote the file beside this one, if that is certain."""
        explained = [
            {name for name, start_ns, end_ns in self._spans if start_ns <= time_ns <= end_ns}
            | {name for name, start_ns in self._running.items() if start_ns - CLOCK_NS <= time_ns}
            for time_ns in self._seen[path]
        ]
        if not explained or set.intersection(*explained):
            return None
        return next((name for name in self._seen[path].values() if name != trial), None)
