"""Arguments that a script takes from `sys.argv` itself, by their places."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option
from sweeps.authoring.origins import Origins
from sweeps.authoring.parsers.annotations import with_default

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

_MOST = 30
_KINDS = {"int", "float", "str", "bool", "Path"}


def read(script: Script) -> Interface | None:
    """What a script reads as `sys.argv[1]`, `sys.argv[2]`, ...; None: nothing."""
    found: dict[int, Option] = {}
    for target, value in (pair for node in script.nodes for pair in _bindings(node)):
        for name, expression in _pairs(target, value, script):
            place, kind, default = _taken(expression, script)
            if 0 < place <= _MOST:
                option = Option(name, kind, is_required=default is None)
                found.setdefault(place, with_default(option, value_of(default, script.constants)))
    origins = script.once(Origins) if script.imports_from("sys") else None
    places = {origins.place_of(node) for node in script.nodes} if origins is not None else set()
    from_end = -min(places, default=0)  # `sys.argv[-1]` of a script that takes one word is its first
    highest = max(*found, *places, from_end, 0)
    for place in range(1, min(highest, _MOST) + 1):
        found.setdefault(place, Option(f"argument_{place}", is_required=True))
    return (
        Interface("sys.argv", "argparse", tuple(found[place] for place in sorted(found))) if found else None
    )


def _bindings(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        return [(target, node.value) for target in node.targets]
    return [(node.target, node.value)] if isinstance(node, ast.AnnAssign) and node.value is not None else []


def _pairs(target: ast.expr, value: ast.expr, script: Script) -> list[tuple[str, ast.expr]]:
    """Names with what each is bound to, of `a, b = sys.argv[1:3]` too."""
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    names = [element.id if isinstance(element, ast.Name) else "" for element in target.elts]
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names):
        return [(name, element) for name, element in zip(names, value.elts, strict=True) if name]
    begin, owner = 0, value
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        first = value_of(value.slice.lower, {})
        begin, owner = first if isinstance(first, int) else 0, value.value
    if not script.is_named(owner, "sys.argv"):
        return []
    return [(name, ast.Subscript(owner, ast.Constant(begin + at))) for at, name in enumerate(names) if name]


def _taken(node: ast.expr, script: Script) -> tuple[int, str, ast.expr | None]:
    """Which word of the command an expression is, as which type, and what stands for it where there is none."""
    default: ast.expr | None = None
    if isinstance(node, ast.IfExp) and "argv" in ast.dump(node.test):
        default = node.orelse
        node = node.body
    kind = ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        kind = node.func.id if node.func.id in _KINDS else ""
        node = node.args[0]
    return _place(node, script), kind, default


def _place(node: ast.AST, script: Script) -> int:
    if isinstance(node, ast.Subscript) and script.is_named(node.value, "sys.argv"):
        place = value_of(node.slice, {})
        return place if isinstance(place, int) else 0
    return 0
