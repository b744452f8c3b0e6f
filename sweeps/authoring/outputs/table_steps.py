"""The column that counts the rows of a table which a script writes, where it is none that is taken for the step anyway."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.mapping_keys import Mappings
from sweeps.authoring.syntax import argument, keywords_of
from sweeps.sources.proposals.time_steps import COUNTING, TIMES
from sweeps.spec.trainer.source_model import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_FRAMES = ("DataFrame",)
_RANGES = frozenset({"range", "trange", "count", "arange"})
_DEEPEST = 4
"""So many functions and names stand between a table and what makes it, at most."""
WHY = "its first column, which counts"


def step_column(script: Script, call: ast.Call) -> str:
    """The first column of a table that a call writes, or opens, where it is called like a counter; empty: it is not, or nothing tells.

    Of a time that is so only where a loop counts it, as others are no whole numbers.
    """
    columns = next(_columns(script, call), [])
    first = columns[0] if len(columns) > 1 else ""
    if not first or set(columns) & set(STEP_NAMES):
        return ""
    word = first.lower()
    return first if word in COUNTING or (word in TIMES and _is_counted(script, first)) else ""


def _columns(script: Script, call: ast.Call) -> Iterator[list[str]]:
    """The columns of a table, as each place of the source has them that shows any."""
    mappings = script.once(Mappings)
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"to_csv", "write_csv"}:
        found = [_of_frame(call.func.value, script, mappings, _DEEPEST)]
    else:
        found = [_of_head(head, mappings) for head in _heads(script, call)]
    yield from (columns for columns in found if columns)


def _of_frame(node: ast.expr, script: Script, mappings: Mappings, depth: int) -> list[str]:
    """The columns of a data frame: `DataFrame(rows, columns=[...])`, its mappings' keys, or what a function of the script gives."""
    if depth == 0:
        return []
    if isinstance(node, ast.Name | ast.Attribute):
        inner = mappings.bound_to(node)
    elif isinstance(node, ast.Call) and script.is_named(node.func, *_FRAMES):
        given = keywords_of(node).get("columns") or argument(node, 0)
        return _of_head(given, mappings) if given is not None else []
    elif isinstance(node, ast.Call) and (made := script.functions.get(text_of(node.func))) is not None:
        inner = list(script.returns(made))
    else:
        return []
    found = (_of_frame(one, script, mappings, depth - 1) for one in inner)
    return next((columns for columns in found if columns), [])


def _of_head(node: ast.expr, mappings: Mappings) -> list[str]:
    """The columns that a head names: a list of texts, the keys of a mapping or of rows, or a text with commas."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [word.strip() for word in node.value.split(",")] if "," in node.value else []
    words = mappings.words(node) or [key for key, _ in mappings.entries(node)]
    return [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]


def _heads(script: Script, opened: ast.Call) -> Iterator[ast.expr]:
    """What may be the head of a file that is opened, in the order of the source."""
    files = {_at(script, target) for target, value in script.bindings() if value is opened}
    writers: set[tuple[int, str]] = set()
    for node in script.nodes if files else ():
        match node:
            case ast.Assign(targets=[target], value=ast.Call(args=[to, *_]) as made) if _at(
                script, to
            ) in files and script.is_named(made.func, "csv.writer", "csv.DictWriter"):
                writers.add(_at(script, target))
            case ast.Call(func=func, args=[to, *more]) if _at(script, to) in files and script.is_named(
                func, "csv.DictWriter"
            ):
                yield from [*(word.value for word in node.keywords if word.arg == "fieldnames"), *more[:1]]
            case ast.Call(func=ast.Attribute(value=to, attr="writerow"), args=[row]) if (
                _at(script, to) in writers
            ):
                yield row
            case ast.Call(func=ast.Attribute(value=to, attr="write"), args=[text]) if (
                _at(script, to) in files
            ):
                yield from _written(text, script)
            case ast.Call(func=ast.Name(id="print"), args=[text], keywords=words):
                if any(word.arg == "file" and _at(script, word.value) in files for word in words):
                    yield from _written(text, script)


def _written(text: ast.expr, script: Script) -> Iterator[ast.expr]:
    """What names columns in a text that is written: itself, or the mapping that it has as JSON."""
    if isinstance(text, ast.Constant):
        yield text
    for part in ast.walk(text):
        if isinstance(part, ast.Call) and part.args and script.is_named(part.func, "json.dumps"):
            yield part.args[0]


def _at(script: Script, node: ast.expr) -> tuple[int, str]:
    """The name of a file or a writer, with the function that it stands in."""
    return id(script.scopes.get(id(node))) if isinstance(node, ast.Name) else 0, text_of(node)


def _is_counted(script: Script, name: str) -> bool:
    """Whether a loop over whole numbers has this variable."""
    own = (node.iter for node in script.each(ast.For) if text_of(node.target) == name)
    return any(isinstance(one, ast.Call) and script.last_word(one.func) in _RANGES for one in own)
