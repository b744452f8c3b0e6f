"""Files that a script appends to once, as a row of results of each run to a table of all runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.outputs.openings import openings
from sweeps.authoring.outputs.prints.call_places import call_places

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

ONCE = "it appends to this file once a run: does it hold metrics that are not printed?"
"""What to ask about such a file."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
_MANY = ("writerows", "writelines")


def appended_once(script: Script) -> frozenset[int]:
    """The calls that open a file to append to it, outside every loop and with none inside: `with open(path, "a") as f:`."""
    appending = {id(one.call) for one in openings(script) if "a" in one.mode}
    found = {
        id(item.context_expr)
        for node in script.nodes
        if isinstance(node, ast.With) and not any(map(_is_again, ast.walk(node)))
        for item in node.items
        if id(item.context_expr) in appending
    }
    places = script.once(call_places) if found else {}
    return frozenset(call for call in found if call in places and places[call].is_once)


def _is_again(node: ast.AST) -> bool:
    """Whether it does something again and again, or writes many rows at once."""
    is_many = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MANY
    return is_many or isinstance(node, _LOOPS)
