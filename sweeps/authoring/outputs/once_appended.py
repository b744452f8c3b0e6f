"""Files that a script appends to once, as a row of results of each run to a table of all runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.outputs.prints.call_places import call_places

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

ONCE = "it appends to this file once a run: does it hold metrics that are not printed?"
"""What to ask about such a file."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
_MANY = ("writerows", "writelines")


def appended_once(script: Script) -> frozenset[int]:
    """The calls that open a file to append to it, outside every loop and with none inside: `with open(path, "a") as f:`."""
    found = frozenset(
        id(call)
        for node in script.nodes
        if isinstance(node, ast.With) and not any(map(_is_again, ast.walk(node)))
        for item in node.items
        if isinstance(call := item.context_expr, ast.Call) and _appends(call, script)
    )
    places = call_places(script) if found else {}
    return frozenset(call for call in found if call in places and places[call].is_once)


def _is_again(node: ast.AST) -> bool:
    """Whether it does something again and again, or writes many rows at once."""
    is_many = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MANY
    return is_many or isinstance(node, _LOOPS)


def _appends(call: ast.Call, script: Script) -> bool:
    """Whether a call opens a file to append: `open(path, "a")`, `path.open(mode="a")`."""
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == "open"
    if not is_method and not (isinstance(call.func, ast.Name) and call.func.id == "open"):
        return False
    said = next((word.value for word in call.keywords if word.arg == "mode"), None)
    places = call.args[0 if is_method else 1 :]
    mode = value_of(said if said is not None else next(iter(places), None), script.constants)
    return isinstance(mode, str) and "a" in mode
