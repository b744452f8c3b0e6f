"""Finds which libraries a trainer imports that are safe to have before a fork; its own modules are read, never imported."""

from __future__ import annotations

import ast
import filecmp
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.trainer.imports import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

SAFE = frozenset(
    {"numpy", "scipy", "torch", "torchvision", "torchaudio", "sklearn", "matplotlib", "PIL", "pydantic"}
)
"""Libraries that are slow to import, and whose import starts no thread and opens nothing that a fork would break."""
OWN_TRAINER = "cvae"
"""The trainer that comes with sweep; its modules are as safe, where they are those of this installation or equal copies."""
_INSTALLED = ("site-packages", "dist-packages")
_MOST_READ = 500
"""So many modules are read at most; a trainer has a few dozen."""


def safe_libraries(modules: Sequence[str], path: Sequence[str]) -> list[str]:
    """The modules of `SAFE` libraries that trainers import, anywhere in their own modules, in the order found.

    Of `OWN_TRAINER` it is the trainer itself.
    """
    places = [*path, *sys.path]
    own_places = {Path(place).resolve() for place in path}
    own_names = {name.partition(".")[0] for name in modules}
    found: dict[str, None] = {}
    left, seen, read, is_ours = list(modules), set(modules), 0, True
    while left and read < _MOST_READ:
        name = left.pop(0)
        top = name.partition(".")[0]
        source = None if top in sys.stdlib_module_names else source_of(name, places)
        if source is None:
            continue
        if top not in own_names and not _is_below(source, own_places):
            if top in SAFE:
                found[name] = None
            continue
        read += 1
        is_ours = is_ours and _is_ours(source, name)
        new = [imported for imported in dict.fromkeys(_imports(source, name)) if imported not in seen]
        seen.update(new)
        left += new
    return list(modules if read and is_ours else found)


def _is_ours(source: Path, name: str) -> bool:
    """Whether a module is one of `OWN_TRAINER`, or a copy of it as a snapshot has."""
    ours = source_of(name, [str(HOME)]) if name.partition(".")[0] == OWN_TRAINER else None
    return ours is not None and filecmp.cmp(source, ours, shallow=False)


def source_of(name: str, places: Sequence[str]) -> Path | None:
    """The Python file of a module, found as Python would, but without importing the packages that it is in."""
    folders, found = [os.fspath(place) for place in places], None
    for part in name.split("."):
        inside, found = [], None
        for folder in folders:
            package = os.path.join(folder, part)  # noqa: PTH118 - a few thousand times before the first trial
            if os.path.isfile(f"{package}/__init__.py"):  # noqa: PTH113 - False where a folder cannot be read
                inside, found = [package], Path(package, "__init__.py")
                break
            if os.path.isfile(f"{package}.py"):  # noqa: PTH113
                inside, found = [], Path(f"{package}.py")
                break
            inside.append(package)
        folders = inside
    return found


def _is_below(source: Path, places: AbstractSet[Path]) -> bool:
    """Whether a file is the user's own: below one of the places, and not in an environment that lies there, too."""
    parents = source.resolve().parents
    return not places.isdisjoint(parents) and not any(folder.name in _INSTALLED for folder in parents)


def _imports(source: Path, name: str) -> Iterator[str]:
    """The modules that a module's source names, and the packages that it is in itself."""
    package = name if source.name == "__init__.py" else name.rpartition(".")[0]
    if package and package != name:
        yield package
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError):
        return  # the trial says what is wrong with it
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
            )
            origin = ".".join(filter(None, (base, node.module)))
            yield origin
            if origin.partition(".")[0] not in SAFE:
                yield from (f"{origin}.{alias.name}" for alias in node.names)
