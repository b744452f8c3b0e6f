"""Knows, of each kind of source, which files it reads and what reads them."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.sources.documents import read_document
from sweeps.sources.tables import read_csv, read_jsonl, read_program_metrics
from sweeps.spec.trainer.source_model import BY_PACKAGE, MLFLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.rundir.paths import RunPaths
    from sweeps.sources.reader import Reader
    from sweeps.spec.trainer.source_model import Source

_INSIDE = {"tensorboard": "*tfevents*", "wandb": "*.wandb"}
"""The files that are looked for where a path names a folder."""
_MAGIC = frozenset("*?[")


def reader_of(source: Source, *, half: bool = False) -> Reader:
    """What reads the files of a source.

    Args:
        source: The source.
        half: Whether it takes a last line without a line break, as nothing more is written.

    Raises:
        ImportError: A package that it needs is not installed.
    """
    if source.kind in BY_PACKAGE:
        reader: Reader = importlib.import_module(f"sweeps.sources.{source.kind}").read
        return reader
    if source.kind == "json":
        return functools.partial(read_document, at=source.at)
    if source.kind == MLFLOW:
        return read_program_metrics
    return functools.partial(read_csv if source.kind == "csv" else read_jsonl, half=half)


def files_of(source: Source, directory: Path, paths: RunPaths) -> list[Path]:
    """The files of a source that are there, in the order in which they were changed last.

    Args:
        source: Its path may be a pattern; links to folders are not followed.
        directory: Where a path that is not absolute begins.
        paths: The run's files.
    """
    if source.kind == MLFLOW:
        return [paths.program_metrics] if paths.program_metrics.exists() else []
    inside = _INSIDE.get(source.kind)
    pattern = directory / (source.text.removesuffix("/**") if inside else source.text)
    found: dict[Path, tuple[int, str]] = {}
    for path in _matching(pattern):
        for file in path.rglob(inside) if inside and path.is_dir() else (path,):
            try:
                if file.is_file():
                    found[file] = (file.stat().st_mtime_ns, str(file))
            except OSError:
                continue  # gone since it was listed
    return sorted(found, key=lambda file: found[file])


def _matching(pattern: Path) -> Iterator[Path]:
    for at, part in enumerate(pattern.parts):
        if _MAGIC & set(part):
            try:
                yield from Path(*pattern.parts[:at]).glob(str(Path(*pattern.parts[at:])))
            except OSError:
                return  # a folder that is gone since it was listed, or that may not be read
            return
    if pattern.exists():
        yield pattern
