"""Finds the files of the trainer's code that are not as in the copy of it that a run had."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.trainer.code_files import CODE, CONFIG, SKIPPED, shown
from sweeps.trainer.code_tree import find_code, trainer_sources
from sweeps.trainer.git import find_repository
from sweeps.trainer.provenance import parts_of
from sweeps.trainer.snapshot import copy_in, digests_of, listing_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.rundir.paths import StateDir
    from sweeps.spec.trainer.model import TrainerSpec


@dataclass(frozen=True, slots=True)
class Changed:
    """The files of code that are not as they were.

    Attributes:
        words: Each with what became of it, as `train.py (changed)`.
        command: A shell command that shows how the first that is otherwise was before; empty: no copy tells.
    """

    words: tuple[str, ...] = ()
    command: str = ""


def changed_files(
    trainer: TrainerSpec, digest: str, state: StateDir, *, with_all_configs: bool = False
) -> Changed:
    """The files that count as the trainer's code and are otherwise in a copy; empty where there is no such copy.

    Args:
        trainer: The trainer.
        digest: The copy's digest, as the run's `sweeps.code` names it.
        state: Where copies are.
        with_all_configs: Whether those configs count, too, that count for some trials only.
    """
    tree = find_code(trainer, {state.root})
    copy = copy_in(tree, digest, state) if tree is not None else None
    if tree is None or copy is None or not copy.is_dir():
        return Changed()
    root = tree.files.root
    sources = trainer_sources(trainer)
    repository, _ = find_repository(sources[0].parent)
    parts = parts_of(trainer, sources, repository)
    configs = parts.config if with_all_configs else parts.config_of_all
    counted = {path.resolve() for path in (*sources, *parts.imports, *configs)}
    inside = sorted(path.relative_to(root) for path in counted if path.is_relative_to(root))
    found = {path: _change(copy / path, root / path) for path in inside}
    found |= dict.fromkeys(_gone(copy, root, {folder for path in inside for folder in path.parents}), "gone")
    changes = [(path, change) for path, change in sorted(found.items()) if change]
    first = next((path for path, change in changes if change == "changed"), None)
    words = tuple(f"{shown(path)} ({change})" for path, change in changes)
    return Changed(words, _diff(copy / first, root / first) if first is not None else "")


def _diff(then: Path, now: Path) -> str:
    """The command that shows the difference of two files, as they are named from here."""
    return shlex.join(["diff", "-u", *(os.path.relpath(path) for path in (then, now))])


def changed_in_place(trainer: TrainerSpec, digest: str, state: StateDir) -> Changed:
    """The same of code that ran where it is, by what was listed then; empty where nothing was."""
    try:
        then = json.loads(listing_in(digest, state).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Changed()
    tree = find_code(trainer, {state.root})
    now = digests_of(tree) if tree is not None else {}
    return Changed(
        tuple(f"{shown(Path(path))} ({change})" for path, change in what_became(then, now).items())
    )


def what_became(then: Mapping[str, object], now: Mapping[str, object]) -> dict[str, str]:
    """What became of entries, sorted by their names: `new`, `changed` or `gone`; nothing of those that are the same."""
    return {
        name: "new" if name not in then else "gone" if name not in now else "changed"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    }


def _change(then: Path, now: Path) -> str:
    """What has become of a file since; empty where that is nothing, or not known."""
    if then.is_symlink():  # which leads to the file as it is now
        return ""
    try:
        return "" if then.read_bytes() == now.read_bytes() else "changed"
    except FileNotFoundError:
        return "new"
    except OSError:
        return ""


def _gone(copy: Path, root: Path, folders: set[Path]) -> Iterator[Path]:
    """The code and configs of the copy that are no more, beside what counts, or in a folder that is no more."""
    for place, inner, names in os.walk(copy):
        folder = Path(place).relative_to(copy)
        inner[:] = [name for name in inner if name not in SKIPPED]
        if folder not in folders and (root / folder).exists():
            continue
        for name in names:
            path = folder / name
            is_code = path.suffix in CODE or path.suffix in CONFIG
            if is_code and not (copy / path).is_symlink() and not (root / path).exists():
                yield path
