"""The paths that expressions make, as far as the source shows them: relative ones belong to where a script runs."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import last_name, value_of
from sweeps.authoring.syntax import arguments_of, name_of, parameters_of
from sweeps.program.template import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

UNKNOWN = "\0"
"""Stands for a part of a path that only a run would tell."""
_DEEPEST = 8
_ANYWHERE = -1
"""In place of a function: all of them, and the module."""
_FILLED = re.compile(r"%[-+ #0]*[\d*]*(?:\.\d+)?[a-zA-Z]|\{[^{}]*\}")
_JOINERS = ("join", "Path", "PurePath", "str", "joinpath")


@dataclass(frozen=True, slots=True)
class PathReader:
    """Reads the paths of a script.

    Attributes:
        constants: Names that a module binds once, with their expressions.
        bindings: What the names of variables are bound to in a function (0: in none), those that are bound once there.
        scopes: The innermost function that a node stands in, by the node's identity.
        given: What calls give the parameters of functions, by the function's identity and the name.
        places: Paths that names stand for wherever they are, such as those of options for outputs.
    """

    constants: Mapping[str, ast.expr]
    bindings: Mapping[tuple[int, str], ast.expr]
    scopes: Mapping[int, Function] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[tuple[int, str], Sequence[ast.expr]] = field(default_factory=dict)

    @classmethod
    def of(cls, script: Script, places: Mapping[str, str] | None = None) -> PathReader:
        """A reader that knows the script's variables, and paths that names stand for wherever they are."""
        constants = {name: node for name, node in script.constants.items() if name not in (places or {})}
        return replace(script.once(_plain), constants=constants, places=places or {})

    def paths(self, node: ast.expr) -> list[str]:
        """The paths that an expression makes: of a function's parameter those that its calls give, one of each."""
        if not isinstance(node, ast.Name) or self._bound(node) is not None:
            return [self.path(node)]
        given = self.given.get((self._scope_of(node), node.id), ())
        found = list(dict.fromkeys(map(self.path, given))) or [self.path(node)]
        # Several documents, or one of an unknown name, are what a script makes its data of.
        is_one = len(found) == 1 and UNKNOWN not in found[0].rpartition("/")[2]
        return [path for path in found if is_one or not path.endswith(".json")]

    def path(self, node: ast.expr | None, depth: int = 0) -> str:
        """The path that an expression makes; parts that are unknown are `UNKNOWN`."""
        if node is None or depth > _DEEPEST:
            return UNKNOWN
        known = self.places.get(last_name(node)) or value_of(node, self.constants)
        if isinstance(known, str):
            return known
        match node:
            case ast.JoinedStr(values=parts):
                return "".join(
                    str(part.value) if isinstance(part, ast.Constant) else self._inner(part, depth)
                    for part in parts
                )
            case (
                ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod())
                | ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"))
            ):
                return _FILLED.sub(UNKNOWN, text)
            case ast.BinOp(left=left, op=ast.Add() | ast.Div() as op, right=right):
                between = "/" if isinstance(op, ast.Div) else ""
                return f"{self.path(left, depth + 1)}{between}{self.path(right, depth + 1)}"
            case ast.Call(func=func, args=arguments) if (
                arguments and _name(func).rpartition(".")[2] in _JOINERS
            ):
                owner = [func.value] if isinstance(func, ast.Attribute) and func.attr == "joinpath" else []
                return "/".join(self.path(part, depth + 1) for part in (*owner, *arguments))
            case ast.Name() | ast.Attribute() if (bound := self._bound(node)) is not None:
                return self.path(bound, depth + 1)
            case _:
                return UNKNOWN

    def _bound(self, node: ast.expr) -> ast.expr | None:
        """What a name stands for: what its own function binds it to, else the only thing that it is bound to anywhere."""
        own = (self._scope_of(node), _name(node))
        return self.bindings.get(own) or self.bindings.get((_ANYWHERE, _name(node)))

    def _scope_of(self, node: ast.AST) -> int:
        function = self.scopes.get(id(node))
        return 0 if function is None else id(function)

    def _inner(self, part: ast.expr, depth: int) -> str:
        return self.path(part.value, depth + 1) if isinstance(part, ast.FormattedValue) else UNKNOWN


def _plain(script: Script) -> PathReader:
    """A reader to which no name stands for a path."""
    found: dict[tuple[int, str], list[ast.expr]] = {}
    scopes = script.scopes
    for node in script.each(ast.Assign):
        function = scopes.get(id(node))
        for target in node.targets:
            if isinstance(target, ast.Name | ast.Attribute):
                for scope in {0 if function is None else id(function), _ANYWHERE}:
                    found.setdefault((scope, _name(target)), []).append(node.value)
    bindings = {name: values[0] for name, values in found.items() if len(values) == 1}
    return PathReader(script.constants, bindings, scopes, {}, _given(script))


def is_relative(path: str) -> bool:
    """Whether a path surely leads to below where the script runs."""
    return bool(path) and not path.startswith((UNKNOWN, "/", "~", "..", "$")) and "://" not in path


def first_part(path: str) -> str:
    """The outermost part of a relative path."""
    return path.removeprefix("./").partition("/")[0]


def file_pattern(path: str) -> str:
    """The last part of a path as a pattern; empty where nothing of it is known."""
    last = path.rpartition("/")[2]
    return as_pattern(last) if last.replace(UNKNOWN, "").strip("._-") else ""


def as_pattern(path: str) -> str:
    """A path whose unknown parts are those of a pattern, as a placeholder's text has it."""
    plain = re.sub(f"{UNKNOWN}+", UNKNOWN, path).replace("*", "[*]")
    return escaped(plain).replace(UNKNOWN, "*")


def _given(script: Script) -> dict[tuple[int, str], list[ast.expr]]:
    """What calls give parameters of the script's functions, by their places or names; methods are known by their names alone."""
    functions: dict[str, list[Function]] = {}
    for node in script.definitions():
        functions.setdefault(node.name, []).append(node)
    found: dict[tuple[int, str], list[ast.expr]] = {}
    for call in script.each(ast.Call):
        made = functions.get(name_of(call.func), [])
        if len(made) == 1:
            for name, value in arguments_of(call, *parameters_of(made[0], of_call=True)).items():
                found.setdefault((id(made[0]), name), []).append(value)
    return found


def _name(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else ".".join(parts)
