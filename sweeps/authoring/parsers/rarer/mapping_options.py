"""Options that a function of the script adds to its parser, one for each entry of a mapping of defaults."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, kind_of, without_repeats
from sweeps.authoring.parsers import argparse_options
from sweeps.authoring.parsers.annotations import with_default

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_DEEPEST = 4


def read(script: Script) -> Interface | None:
    """What a script takes through `for name, value in defaults.items(): parser.add_argument(f"--{name}", ...)`; None: it has no such loop."""
    adders = {name: place for name, one in script.functions.items() if (place := _place(one)) is not None}
    found: dict[str, ast.expr] = {}
    for function in _functions(script):
        for call in _calls(function):
            place = adders.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if place is not None and place < len(call.args):
                found.update(_entries(call.args[place], function.body, script))
    if not found:
        return None
    options = [_option(name, node, script) for name, node in found.items()]
    own = [one for one in argparse_options.options_in(script) if one.flag]
    return Interface("argparse", "argparse", without_repeats([*own, *options]))


def _functions(script: Script) -> Iterator[ast.Module | Function]:
    yield script.source.tree
    yield from script.functions.values()


def _calls(node: ast.Module | Function) -> Iterator[ast.Call]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Call))


def _place(function: Function) -> int | None:
    """Which argument of a function is the mapping whose entries become options; None: none is."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    for loop in (node for node in ast.walk(function) if isinstance(node, ast.For)):
        match loop:
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=key), *_]),
                iter=ast.Call(func=ast.Attribute(value=ast.Name(id=mapping), attr="items")),
            ) if mapping in names and any(_adds(part, key) for part in ast.walk(loop)):
                return names.index(mapping)
    return None


def _adds(node: ast.AST, key: str) -> bool:
    """Whether it adds the option `--KEY`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return False
    parts = [part for part in ast.walk(node.args[0]) if isinstance(part, ast.Name) and part.id == key]
    return node.func.attr == "add_argument" and bool(parts)


def _entries(
    node: ast.expr, body: Sequence[ast.stmt], script: Script, depth: int = 0
) -> Mapping[str, ast.expr]:
    """The entries of a mapping: of a literal, of `dict(...)`, of a function that returns one, of a name with its `update`s."""
    match node:
        case ast.Dict(keys=keys, values=values):
            names = [value_of(key, script.constants) for key in keys]
            return {name: value for name, value in zip(names, values, strict=True) if isinstance(name, str)}
        case ast.Call(func=ast.Name(id="dict"), keywords=words):
            return {word.arg: word.value for word in words if word.arg}
    parts: list[ast.expr] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in script.functions:
        body = script.functions[node.func.id].body
        parts = [part.value for part in body if isinstance(part, ast.Return) and part.value is not None]
    elif isinstance(node, ast.Name):
        parts = [made for statement in body if (made := _change(statement, node.id)) is not None]
    found: dict[str, ast.expr] = {}
    for part in parts if depth < _DEEPEST else ():
        found.update(_entries(part, body, script, depth + 1))
    return found


def _change(statement: ast.stmt, name: str) -> ast.expr | None:
    """What a statement makes of a mapping of this name: what it is bound to, or updated by."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
            return value
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr="update"), args=[given])
        ) if target == name:
            return given
        case _:
            return None


def _option(name: str, node: ast.expr, script: Script) -> Option:
    """The option of an entry; true and false are words of it, as a type of its own has to read them."""
    default = value_of(node, script.constants)
    is_bool = isinstance(default, bool)
    kind = kind_of(default)
    option = Option(name, kind, flag=f"--{name}", booleans=("True", "False") if is_bool else None)
    return with_default(option, default)
