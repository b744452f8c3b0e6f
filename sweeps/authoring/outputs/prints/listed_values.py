"""Patterns for lines that a script prints of a mapping, one for each entry: `for key, value in log.items(): print(key, value)`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.prints.line_patterns import lines_of, literal
from sweeps.authoring.outputs.prints.print_text import Hole, printed_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.outputs.prints.print_text import Piece
    from sweeps.authoring.script import Script

_NAME, _VALUE = r"(?P<name>[A-Za-z][\w/@.-]*?)", r"(?P<value>[-+.\w]+)"
_CONFIGS = re.compile(r"(?i)arg|conf|cfg|param|opt|vars|environ|setting|state_dict|header|attr")
"""What a mapping is called that holds no metrics."""


def listed_by(script: Script) -> list[FoundSource]:
    """The patterns, each once; a counter among the names, such as `epoch`, is the step of the others."""
    found = {
        text: FoundSource("stdout", text, told=text_of(call))
        for call, key, value in _calls(script)
        for line in lines_of(printed_text(call, script) or [])
        if (text := _pattern(line, key, value))
    }
    return list(found.values())


def _calls(script: Script) -> Iterator[tuple[ast.Call, str, str]]:
    """The calls in loops over the entries of a mapping, with what these loops call key and value."""
    for node in script.nodes:
        match node:
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=value)]),
                iter=ast.Call(func=ast.Attribute(value=mapping, attr="items")),
            ) if not _CONFIGS.search(text_of(mapping)):
                calls = (part for statement in node.body for part in ast.walk(statement))
                yield from ((call, key, value) for call in calls if isinstance(call, ast.Call))


def _pattern(line: Sequence[Piece], key: str, value: str) -> str:
    """The pattern of a line that shows a key and its value, and nothing else that changes; empty: it is another line."""
    holes = [piece for piece in line if isinstance(piece, Hole)]
    if [_shown(hole) for hole in holes] != [key, value]:
        return ""
    first, second = (at for at, piece in enumerate(line) if isinstance(piece, Hole))
    before = "".join(literal(str(piece)) for piece in line[:first])
    between = "".join(literal(str(piece)) for piece in line[first + 1 : second])
    if not between:
        return ""
    start = r"(?:^|\s)" if not before or before == r"\s+" else before
    end = r"\s*$" if second == len(line) - 1 else ""
    padded = r"\s*" if holes[0].spec and not between.startswith(r"\s+") else ""
    return f"{start}{_NAME}{padded}{between}{_VALUE}{end}"


def _shown(hole: Hole) -> str:
    """The name whose value a hole shows."""
    match hole.node:
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=name)]):
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr="item" | "mean" | "avg" | "upper"), args=[]
        ):
            return name
        case _:
            return ""
