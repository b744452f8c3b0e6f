"""Knows, of each kind of source, which files it reads and what reads them."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.sources.formats.documents import read_document
from sweeps.sources.formats.tables import read_csv, read_jsonl, read_program_metrics
from sweeps.sources.loggers.event_folders import prefixes
from sweeps.spec.trainer.source_model import LOGGERS, MLFLOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.rundir.paths import RunPaths
    from sweeps.sources.reader import Position, Reader
    from sweeps.spec.trainer.source_model import Source

_MAGIC = frozenset("*?[")


def reader_of(source: Source, *, half: bool = False) -> Reader:
    """What reads the files of a source.

    Args:
        source: The source.
        half: Whether it takes a last line without a line break, as nothing more is written.

    Raises:
        ImportError: A package that it needs is not installed.
    """
    if source.kind in LOGGERS:
        reader: Reader = _logger(source.kind).read
        return reader
    if source.kind == "json":
        return functools.partial(read_document, at=source.at)
    if source.kind == MLFLOW:
        return read_program_metrics
    return functools.partial(read_csv if source.kind == "csv" else read_jsonl, half=half)


def files_of(source: Source, directory: Path, paths: RunPaths) -> list[Path]:
    """The files of a source that are there, in the order in which they were changed last; event files by their names.

    Args:
        source: Its path may be a pattern; links to folders are not followed.
        directory: Where a path that is not absolute begins.
        paths: The run's files.
    """
    if source.kind == MLFLOW:
        return [paths.program_metrics] if paths.program_metrics.exists() else []
    found: dict[Path, tuple[int, str]] = {}
    for file in _below(source, directory) if source.kind in LOGGERS else _matching(directory / source.text):
        try:
            if file.is_file():
                # A folder of event files comes before those below it, which add to its name.
                is_by_depth = source.kind == "tensorboard"
                found[file] = (len(file.parts) if is_by_depth else file.stat().st_mtime_ns, str(file))
        except OSError:
            continue  # gone since it was listed
    return sorted(found, key=lambda file: found[file])


def beginnings(
    source: Source, found: Sequence[Path], known: Mapping[Path, Position]
) -> Mapping[Path, Position]:
    """Where the reading of files begins.

    Args:
        source: Their source.
        found: Its files of which nothing was read before, in the order in which they were found.
        known: How far its other files were read.
    """
    if source.kind != "tensorboard":
        return {}
    earlier = {path.parent: str(position.get("prefix", "")) for path, position in known.items()}
    by_folder = prefixes(found, earlier)
    return {path: {"prefix": by_folder[path.parent]} for path in found if by_folder[path.parent]}


def missing_package(source: Source) -> str:
    """What has to be installed before a source can be read, as a sentence; empty where nothing has. Imports no such package."""
    return str(_logger(source.kind).missing()) if source.kind in LOGGERS else ""


def _logger(kind: str) -> Any:
    return importlib.import_module(f"sweeps.sources.loggers.{kind}")


def _below(source: Source, directory: Path) -> Iterator[Path]:
    """The files of a logger that a path names, or that lie in the folders which it names."""
    is_mine = _logger(source.kind).is_mine
    for top in _matching(directory / source.text.removesuffix("/**")):
        if not top.is_dir():
            yield from (top,) if is_mine(top) else ()
            continue
        for folder, _, names in os.walk(top):
            yield from (path for name in names if is_mine(path := Path(folder, name)))


def _matching(pattern: Path) -> Iterator[Path]:
    for at, part in enumerate(pattern.parts):
        if _MAGIC & set(part):
            try:
                yield from Path(*pattern.parts[:at]).glob(str(Path(*pattern.parts[at:])))
            except OSError:
                return  # a folder that is gone since it was listed, or that may not be read
            return
    with contextlib.suppress(OSError):  # as of a name that is too long for a file
        if pattern.exists():
            yield pattern
