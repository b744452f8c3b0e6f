"""Finds the folders of Hydra's configs that sources and a command name, and the files that belong to a config there."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.trainer.code_files import MOST_BESIDE_BYTES, SKIPPED
from sweeps.trainer.code_tree import MOST_BYTES, MOST_IMPORTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_OF_HYDRA = (".yaml", ".yml")
_INITIALIZES = frozenset({"initialize", "initialize_config_dir"})
_BESIDE = "."
"""Where Hydra's config is where nothing says it: beside the script, as up to Hydra 1.1."""
_UNSAID = "config"
"""What Hydra's config is called where only the command says where it is."""
_FOLDER_FLAGS, _ADDED_FLAGS, _NAME_FLAGS = (
    ("--config-path", "-cp"),
    ("--config-dir", "-cd"),
    ("--config-name", "-cn"),
)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of Hydra's configs.

    Attributes:
        path: The folder.
        name: The config in it that is taken; empty: that is not known.
        source: The file that names it; None: the command does.
    """

    path: Path
    name: str
    source: Path | None


def folders_of(command: Sequence[str], sources: Iterable[Path], base: Path) -> Iterator[Folder]:
    """The folders of Hydra's configs that the sources and the command name.

    Args:
        command: The command's words; none of a Python function.
        sources: Its code, and what that imports: absolute paths.
        base: Where the relative paths of the command lead from.
    """
    typed, added = _typed(command, _FOLDER_FLAGS), _typed(command, _ADDED_FLAGS)
    named = _typed(command, _NAME_FLAGS)
    for source in sources:
        for call, constants in _calls(source):
            is_main = _name(call.func) == "main"
            said = dict(zip(("config_path", "config_name"), call.args, strict=False))
            said.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})
            path = _text(said.get("config_path", said.get("config_dir")), constants)
            name = _text(said.get("config_name"), constants) or ""
            beside = _BESIDE if "config_path" not in said else path
            path, name = (typed or path or beside, named or name) if is_main else (path, "")
            if path and "://" not in path:
                yield Folder(Path(os.path.normpath(source.parent / path)), name, source)
            if added and is_main:
                yield Folder(Path(os.path.normpath(base / added)), name or _UNSAID, None)


def _typed(command: Sequence[str], flags: Sequence[str]) -> str | None:
    """What stands behind one of the options of Hydra itself."""
    for word, following in zip(command, (*command[1:], ""), strict=False):
        name, equals, value = word.partition("=")
        if name in flags and (text := value if equals else following) and "{" not in text:
            return text
    return None


def _calls(source: Path) -> Iterator[tuple[ast.Call, dict[str, str]]]:
    """The calls of a file that name a folder of Hydra's configs, with the file's constant texts."""
    try:
        text = source.read_bytes() if source.stat().st_size <= MOST_BYTES else b""
        tree = ast.parse(text) if b"hydra" in text else None
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    constants = {
        target.id: node.value.value
        for node in (tree.body if tree is not None else ())
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and (_name(node.func) in _INITIALIZES or _is_main(node)):
            yield node, constants


def _is_main(call: ast.Call) -> bool:
    """Whether it is `hydra.main(...)`, or a `main(...)` that is told of a config."""
    func = call.func
    if isinstance(func, ast.Attribute):
        return func.attr == "main" and _name(func.value) == "hydra"
    told = {keyword.arg for keyword in call.keywords}
    return _name(func) == "main" and not told.isdisjoint({"config_path", "config_name"})


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr | None, constants: dict[str, str]) -> str | None:
    """A text that the source tells."""
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def files_of(folder: Folder, command: Sequence[str], spec: Path) -> Iterable[Path]:
    """The configs of a folder: all, or where code or the spec lies there, too, those that its config is made of.

    Args:
        folder: The folder.
        command: The command's words, which may choose further files.
        spec: Our own file.
    """
    inside = [path for path in (folder.source, spec) if path is not None and path.is_relative_to(folder.path)]
    if not inside:
        return _below(folder.path)
    composed: dict[Path, None] = {}
    if folder.name:
        name = folder.name.removesuffix(_OF_HYDRA[0])
        _compose(folder.path, folder.path / f"{name}{_OF_HYDRA[0]}", composed, 0)
    for word in command:
        group, equals, _ = word.lstrip("+").partition("=")
        if equals and not group.startswith(("-", "{", "hydra")):
            _compose_group(folder.path, folder.path / group.partition("@")[0], composed, 0)
    return composed


def _below(folder: Path) -> Iterator[Path]:
    """The files below a folder of configs."""
    count = 0
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_OF_HYDRA) and count < MOST_IMPORTED:
                count += 1
                yield Path(place, name)


def _compose(home: Path, path: Path, found: dict[Path, None], depth: int) -> None:
    """Add a config, and what its list of defaults may bring in: of a group each file."""
    if path in found or depth > _DEEPEST or not path.is_file():
        return
    found[path] = None
    for entry in _defaults(path):
        if isinstance(entry, str):
            inner = home / entry[1:] if entry.startswith("/") else path.parent / entry
            _compose(home, inner.with_name(f"{inner.name.partition('@')[0]}.yaml"), found, depth + 1)
        for words in entry if isinstance(entry, dict) else ():
            group = str(words).replace("override ", "").replace("optional ", "").strip().partition("@")[0]
            folder = home / group[1:] if group.startswith("/") else path.parent / group
            _compose_group(home, folder, found, depth + 1)


def _compose_group(home: Path, folder: Path, found: dict[Path, None], depth: int) -> None:
    if folder != home and folder.is_relative_to(home) and folder.is_dir():
        for path in sorted(folder.glob("*.yaml")):
            _compose(home, path, found, depth)


def _defaults(path: Path) -> list[Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_bytes()) if path.stat().st_size <= MOST_BESIDE_BYTES else None
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return []
    entries = content.get("defaults") if isinstance(content, dict) else None
    return entries if isinstance(entries, list) else []
