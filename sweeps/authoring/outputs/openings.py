"""The calls of a script that open a file to write to it, or write one at once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.syntax import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_TABLE_METHODS = frozenset({"to_csv", "write_csv"})
_FILE_METHODS = frozenset({"open", "write_text", "write_bytes"})


@dataclass(frozen=True, slots=True)
class Opening:
    """A call that opens a file to write to it, or writes one at once.

    Attributes:
        call: The call.
        place: The expression that names the file.
        mode: The mode in which it is opened.
    """

    call: ast.Call
    place: ast.expr
    mode: str


def openings(script: Script) -> Iterator[Opening]:
    """The calls, in the order of the source: `open(path, "w")`, `path.open("a")`, `path.write_text(x)`, `frame.to_csv(path)`."""
    for node in script.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr=method), args=[place, *_]) if method in _TABLE_METHODS:
                yield Opening(node, place, "w")
            case ast.Call(func=ast.Attribute(value=place, attr=method) as func) if method in _FILE_METHODS:
                mode = write_mode(node, 0, script) if method == "open" else "w"
                if mode and not script.is_named(func, "os.open"):
                    yield Opening(node, place, mode)
            case ast.Call(func=ast.Name(id="open"), args=[place, *_]):
                if mode := write_mode(node, 1, script):
                    yield Opening(node, place, mode)


def write_mode(call: ast.Call, at: int, script: Script) -> str:
    """The mode that a file is opened in where it is written to, else nothing; it stands at a place among the arguments."""
    mode = value_of(argument(call, at, "mode"), script.constants)
    return mode if isinstance(mode, str) and set(mode) & set("wax+") else ""
