"""The names that a configurator takes, where an unknown one surely ends the script, as in nanoGPT."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.parsers.configurator_options import place_of
from sweeps.authoring.source_file import read_source
from sweeps.authoring.syntax import Function, is_stored
from sweeps.errors import ScriptError
from sweeps.program.named_paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sweeps.authoring.script import Script
    from sweeps.authoring.source_file import SourceFile

_CHANGED = ("update", "setdefault")


def options_of(script: Script, here: Path) -> frozenset[str] | None:
    """All options of a script, such as `--lr`; None where that is not sure.

    Any name is one that the script has bound when it reads the command line, itself or through a config file.
    """
    reader = reader_of(script, here)
    at = place_of(script)
    if reader is None or at is None or not _is_strict(reader):
        return None
    files = [word for word in script.words if "=" not in word]
    read = [_source(name, script, here) for name in files]
    if any(file is None for file in read):
        return None
    trees = [reader.tree, *(file.tree for file in read if file is not None)]
    statements = [*script.source.tree.body[:at], *(node for tree in trees for node in tree.body)]
    names = _bound(statements)
    return None if names is None else frozenset(f"--{name}" for name in names)


def reader_of(script: Script, here: Path) -> SourceFile | None:
    """The file that is run to read the command line; None: it is not known which."""
    at = place_of(script)
    calls = ast.walk(script.source.tree.body[at]) if at is not None else ()
    for node in calls:
        match node:
            case ast.Call(func=ast.Name(id="open"), args=arguments):
                name = value_of(arguments[0], script.constants) if arguments else None
                return _source(name, script, here) if isinstance(name, str) else None
    return None


def compares_types(reader: SourceFile) -> bool:
    """Whether a value has to have the very type of what it replaces."""
    return any(
        isinstance(node, ast.Assert) and ast.dump(node).count("id='type'") == 2  # noqa: PLR2004 - both sides
        for node in ast.walk(reader.tree)
    )


def _source(name: str, script: Script, here: Path) -> SourceFile | None:
    for path in (here / name, script.folder / name):
        if is_file(path):
            try:
                return read_source(path)
            except ScriptError:
                return None
    return None


def _is_strict(reader: SourceFile) -> bool:
    """Whether it asks for a name among the globals, and raises for one that is not there."""
    return any(
        isinstance(node, ast.If)
        and "'globals'" in ast.dump(node.test)
        and any(isinstance(inner, ast.Raise) for part in node.orelse for inner in ast.walk(part))
        for node in ast.walk(reader.tree)
    )


def _bound(statements: Iterable[ast.stmt]) -> set[str] | None:
    """All names that statements bind; None where they may bind others."""
    names: set[str] = set()
    for node in (inner for statement in statements for inner in ast.walk(statement)):
        if isinstance(node, ast.Name) and is_stored(node):
            names.add(node.id)
        elif isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Attribute) and node.attr in _CHANGED and "globals" in ast.dump(node.value):
            return None
    return None if "*" in names else names
