"""Finds the folders of Hydra's configs that sources and a command name, and the files that belong to a config there."""

from __future__ import annotations

import ast
import os
import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.named_paths import is_file, is_folder
from sweeps.trainer.code_files import MOST_BESIDE_BYTES, SKIPPED
from sweeps.trainer.code_tree import MOST_BYTES, MOST_IMPORTED
from sweeps.trainer.configs.defaults import defaults_of, entries_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sweeps.trainer.configs.defaults import Entry

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
_DEPENDS = re.compile(rb"^([ \t]*-|defaults:).*\$\{|^[ \t]*searchpath:", re.MULTILINE)
"""An entry of a list that a value decides about, or configs that lie elsewhere."""


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

    @property
    def primary(self) -> str:
        """The config that is taken, without ending."""
        return self.name.removesuffix(_OF_HYDRA[0])


def folders_of(command: Sequence[str], sources: Iterable[Path], base: Path) -> Iterator[Folder]:
    """The folders of Hydra's configs that the sources name, and the command, whose relative paths lead from a base."""
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


def names_folder(source: Path) -> bool:
    """Whether a source says where configs of Hydra are."""
    return bool(_calls(source))


def _calls(source: Path) -> Sequence[tuple[ast.Call, dict[str, str]]]:
    """The calls of a file that name a folder of Hydra's configs, with the file's constant texts."""
    try:
        found = source.stat()
    except (OSError, ValueError):
        return ()
    return _calls_in(source, found.st_mtime_ns, found.st_size) if found.st_size <= MOST_BYTES else ()


@lru_cache(maxsize=MOST_IMPORTED)
def _calls_in(source: Path, *state: int) -> Sequence[tuple[ast.Call, dict[str, str]]]:
    """The same, read once as long as the file's state stays."""
    del state
    try:
        text = source.read_bytes()
        tree = ast.parse(text) if b"hydra" in text else None
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    constants = {
        target.id: node.value.value
        for node in (tree.body if tree is not None else ())
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    return [
        (node, constants)
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.Call) and (_name(node.func) in _INITIALIZES or _is_main(node))
    ]


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
    """The configs of a folder: all, or where code or our own file lies there, too, those that its config is made of.

    The command's words may choose further files.
    """
    inside = [path for path in (folder.source, spec) if path is not None and path.is_relative_to(folder.path)]
    if not inside:
        return _below(folder.path)
    names = [folder.primary] if folder.name else []
    for word in command:
        group, equals, _ = word.lstrip("+").partition("=")
        if equals and not group.startswith(("-", "{", "hydra")):
            names += _every_file(folder.path, group.partition("@")[0])
    composed: dict[Path, None] = {}
    for name in names:
        _compose(folder.path, name, lambda entry: _every_file(folder.path, entry.group), composed)
    return composed


def is_known(folder: Folder) -> bool:
    """Whether the words of a trial tell which configs of a folder it is made of: no entry of defaults depends on a value."""
    return (folder.path / f"{folder.primary}{_OF_HYDRA[0]}").is_file() and not any(
        _DEPENDS.search(text) for text in map(_text_of, _below(folder.path)) if b"defaults:" in text
    )


def composed_of(folder: Folder, words: Sequence[str]) -> list[Path]:
    """The configs of a folder that `is_known` that a trial's is made of, by the words of its command."""
    chosen = _chosen(words, folder.path)
    overridden: dict[str, list[str]] = {}
    composed: dict[Path, None] = {}
    for _ in range(_DEEPEST):
        before, overridden, composed = overridden, {}, {}

        def files(
            entry: Entry, before: dict[str, list[str]] = before, after: dict[str, list[str]] = overridden
        ) -> list[str]:
            if entry.is_override:
                after[entry.name] = entry.files
            usual = before.get(entry.name, entry.files)
            return chosen.get(entry.name, usual)

        for name in [folder.primary, *(name for names in chosen.values() for name in names)]:
            _compose(folder.path, name, files, composed)
        if overridden == before:
            break
    return list(composed)


def _chosen(words: Sequence[str], home: Path) -> dict[str, list[str]]:
    """The files that words such as `model=large` choose of the folder's groups, by the group."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, choice = word.partition("=")
        group = name.lstrip("+~").removeprefix("/")
        inner = group.partition("@")[0]
        if equals and inner and not inner.startswith(("-", ".")) and is_folder(home / inner):
            names = (one.strip().strip("'\"") for one in choice.strip("[]").split(","))
            found[group] = [f"{inner}/{one.removesuffix(_OF_HYDRA[0])}" for one in names if one]
    return found


def _below(folder: Path) -> Iterator[Path]:
    """The files below a folder of configs."""
    count = 0
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_OF_HYDRA) and count < MOST_IMPORTED:
                count += 1
                yield Path(place, name)


def _compose(
    home: Path, name: str, files: Callable[[Entry], Iterable[str]], found: dict[Path, None], depth: int = 0
) -> None:
    """Add a config, and what its list of defaults brings in: of a group the files that an entry brings."""
    path = home / f"{name}{_OF_HYDRA[0]}"
    if path in found or depth > _DEEPEST or not is_file(path):
        return
    found[path] = None
    for listed in defaults_of(path):
        for entry in entries_of(listed, posixpath.dirname(name)):
            for inner in files(entry) if entry.group else entry.files:
                _compose(home, inner, files, found, depth + 1)


def _every_file(home: Path, group: str) -> list[str]:
    """The files of a group, from the folder of all configs, without ending."""
    folder = home / group
    if folder == home or not folder.is_relative_to(home) or not is_folder(folder):
        return []
    return [f"{group}/{path.stem}" for path in sorted(folder.glob(f"*{_OF_HYDRA[0]}"))]


def _text_of(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.stat().st_size <= MOST_BESIDE_BYTES else b""
    except OSError:
        return b""
