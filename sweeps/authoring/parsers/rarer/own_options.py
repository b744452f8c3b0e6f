"""Options that are the fields of a class, or the keys of a mapping of defaults: a script's own function reads them, or adds them to a parser."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, kind_of, without_repeats
from sweeps.authoring.origins import Origins
from sweeps.authoring.parsers import argparse_options
from sweeps.authoring.parsers.annotations import setting_of, with_default
from sweeps.authoring.parsers.dataclass_options import fields_of
from sweeps.authoring.parsers.rarer.own_spelling import Spelled, added_booleans
from sweeps.authoring.script import in_order
from sweeps.authoring.syntax import Function, called, is_stored, keywords_of, parameters_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sweeps.authoring.script import Script

KIND = "its own parser"
_OF_CLASS = ("fields", "asdict", "vars", "get_type_hints")
"""Functions that are asked for the fields of a class, or of an object, that they are given."""
_HELD = ("__dataclass_fields__", "__annotations__", "__dict__")
_DEEPEST = 6
_NUMBER = re.compile(r"-?\d+")


def read(script: Script) -> Interface | None:
    """What a function of a script takes from `sys.argv` by the names of fields or keys; None: it has no such function."""
    if not script.imports_from("sys"):
        return None
    for nodes in _readers(script):
        words = _Words(nodes, script)
        origins = Origins(script)
        own = without_repeats(
            option for node in nodes for option in _set_by_name(node, words, origins, script)
        )
        if not own:
            names = set(_holders(nodes, words, script))
            found: dict[str, Option] = {}  # what is called first stands around what it is called with
            for option in (option for node in script.nodes for option in _got(node, names, script)):
                found.setdefault(option.key, option)
            own = tuple(found.values())
        if own:
            said = Spelled.of(nodes)
            return Interface(KIND, "argparse", tuple(map(said.option, own)), join=said.join)
    return None


def read_added(script: Script) -> Interface | None:
    """What a script adds to argparse's parser in a loop over fields or keys; None: it has no such loop."""
    if not script.imports_from("argparse"):
        return None
    for loop in script.each(ast.For):
        nodes = list(ast.walk(loop))
        origins = Origins(script) if any(_adds(node, script) for node in nodes) else None
        own = without_repeats(_looped(loop.iter, origins, script)) if origins is not None else ()
        if own:
            booleans = added_booleans(nodes, script) if not _is_given(loop, script) else ("True", "False")
            said = replace(Spelled.of(nodes), is_dashed=True, join="", booleans=booleans)
            beside = (one for one in argparse_options.options_in(script) if one.flag)
            return Interface("argparse", "argparse", without_repeats([*beside, *map(said.option, own)]))
    return None


def _is_given(loop: ast.For, script: Script) -> bool:
    """Whether a loop goes through a mapping that its function is given, so that a type of its own has to read true and false."""
    function = script.scopes.get(id(loop))
    match loop.iter:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="items")) if function is not None:
            return name in parameters_of(function)
    return False


def _readers(script: Script) -> Iterator[Sequence[ast.AST]]:
    """The nodes of each function that goes through `sys.argv`, with those of functions that it calls, and of the module if that does."""
    for part in (script.source.tree, *script.functions.values()):
        nodes = list(_own_nodes(part))
        if any(_hands_on(node, script) for node in nodes):
            called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
            inner = [
                one for name in called if name in script.functions for one in in_order(script.functions[name])
            ]
            yield [*nodes, *inner]


def _own_nodes(part: ast.AST) -> Iterator[ast.AST]:
    """A function's nodes; of a module those that no function or class has."""
    if not isinstance(part, ast.Module):
        yield from in_order(part)
        return
    for statement in part.body:
        if not isinstance(statement, Function | ast.ClassDef):
            yield from in_order(statement)


def _hands_on(node: ast.AST, script: Script) -> bool:
    """Whether it takes all words of `sys.argv`, and not one of them."""
    match node:
        case ast.Subscript(value=value, slice=ast.Slice()) | ast.For(iter=value):
            return script.is_named(value, "sys.argv")
        case ast.Call(func=ast.Name(id="iter" | "enumerate" | "list"), args=[value, *_]):
            return script.is_named(value, "sys.argv")
        case _:
            return False


def _adds(node: ast.AST, script: Script) -> bool:
    """Whether it adds an option whose name the source does not have as a text."""
    return (
        isinstance(node, ast.Call)
        and script.is_named(node.func, "add_argument")
        and bool(node.args)
        and not isinstance(node.args[0], ast.Constant)
    )


class _Words:
    """The names that hold words of the command line, or what was made of these, whichever of some functions they are in."""

    def __init__(self, nodes: Sequence[ast.AST], script: Script) -> None:
        self._script = script
        self._names: set[str] = set()
        before = -1
        while before < len(self._names):
            before = len(self._names)
            for node in nodes:
                self._note(node)

    def are_in(self, node: ast.AST) -> bool:
        """Whether an expression holds some; what an attribute of them is, nobody knows."""
        if isinstance(node, ast.Attribute):
            return False
        return any(
            (isinstance(part, ast.Name) and part.id in self._names) or _hands_on(part, self._script)
            for part in ast.walk(node)
        )

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value) if self.are_in(value):
                self._keep(*targets)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
            ) if self.are_in(value) or self._script.is_named(value, "sys.argv"):
                self._keep(target)
            case ast.Subscript(value=ast.Name(id=name), slice=key, ctx=ast.Store()) if self.are_in(key):
                self._names.add(name)
            case ast.Call(func=ast.Name(id=name), args=args) if name in self._script.functions:
                given = zip(parameters_of(self._script.functions[name]), args, strict=False)
                self._names |= {parameter for parameter, value in given if self.are_in(value)}

    def _keep(self, *targets: ast.expr) -> None:
        parts = (part for target in targets for part in ast.walk(target))
        self._names |= {part.id for part in parts if isinstance(part, ast.Name) and is_stored(part)}


def _set_by_name(node: ast.AST, words: _Words, origins: Origins, script: Script) -> Iterator[Option]:
    """The options of what is set by a name from the command line: `setattr(args, name, value)`, `Args(**values)`, `cfg[name] = value`."""
    owner: ast.expr | None = None
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[made, name, _]) if words.are_in(name):
            owner = made
        case ast.Call(func=func, args=args, keywords=keywords) if any(
            keyword.arg is None and words.are_in(keyword.value) for keyword in keywords
        ):
            owner = args[0] if args and script.is_named(func, "replace") else func
        case (
            ast.Subscript(value=made, slice=name, ctx=ast.Store())
            | ast.Call(
                func=ast.Name(id="type" | "isinstance"), args=[ast.Subscript(value=made, slice=name), *_]
            )
        ) if words.are_in(name):
            owner = made
    if owner is not None:
        yield from _held_by(owner, origins, script)


def _held_by(node: ast.expr, origins: Origins, script: Script) -> Iterator[Option]:
    """The fields of the class that an expression is, or is an object or a mapping of; or the entries of a mapping."""
    match node:
        case ast.Call(func=func, args=[made, *_]) if script.is_named(func, *_OF_CLASS):
            node = made
        case ast.Attribute(value=made, attr=name) if name in _HELD:
            node = made
    if name := _class_of(node, origins, script):
        made_class = script.classes[name]
        yield from (list(fields_of(made_class, script)) or _attributes(made_class, script))
        return
    bound = origins.bound_to(node) if isinstance(node, ast.Name) else []
    for value in bound:
        if isinstance(value, ast.Call) and script.is_named(value.func, *_OF_CLASS):
            yield from _held_by(value, origins, script)
            return
    for key, value in _entries(node, origins, script).items():
        yield setting_of(key, value, script.constants)


def _looped(node: ast.expr, origins: Origins, script: Script) -> Iterator[Option]:
    """The options of what a loop goes through: `fields(Args)`, `vars(Args()).items()`, `DEFAULTS.items()`, `DEFAULTS`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        node = node.func.value
    yield from _held_by(node, origins, script)


def _holders(nodes: Sequence[ast.AST], words: _Words, script: Script) -> Iterator[str]:
    """The names of mappings that the words of the command line are made: `{...}` that is filled, or what a function gives."""
    readers = {
        name
        for name, function in script.functions.items()
        if any(_hands_on(node, script) for node in in_order(function))
    }
    for node in script.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made), args=args)):
                if made in readers or any(_hands_on(given, script) for given in args):
                    yield name
    for node in nodes:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.DictComp() | ast.Call(func=ast.Name(id="dict")) as value,
            ) if any(
                words.are_in(part) or script.is_named(part, "sys.argv")
                for part in ast.walk(value)
                if isinstance(part, ast.expr)
            ):
                yield name
            case ast.Subscript(value=ast.Name(id=name), slice=key, ctx=ast.Store()) if words.are_in(key):
                yield name


def _got(node: ast.AST, names: Collection[str], script: Script) -> Iterator[Option]:
    """An option that is got by its name from what was made of the command line: `float(values.get("lr", 0.1))`, `values["lr"]`."""
    kind = ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        kind = node.func.id if node.func.id in {"int", "float", "str"} else ""
        node = node.args[0] if kind else node
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name() as owner, attr="get" | "pop"),
            args=[ast.Constant(value=str(key)), *defaults],
        ) if owner.id in names:
            default = value_of(defaults[0], script.constants) if defaults else None
        case ast.Subscript(value=ast.Name() as owner, slice=ast.Constant(value=str(key)), ctx=ast.Load()) if (
            owner.id in names
        ):
            default = None
        case _:
            return
    if kind in {"int", "float"} and isinstance(default, str) and _NUMBER.fullmatch(default):
        default = int(default) if kind == "int" else float(default)
    option = Option(key.lstrip("-"), kind or kind_of(default), flag=f"--{key.lstrip('-')}")
    yield replace(with_default(option, default), is_required=isinstance(node, ast.Subscript))


def _class_of(node: ast.expr, origins: Origins, script: Script) -> str:
    """Which class of the script an expression is, or is an object of; empty: none."""
    node = called(node)
    if not isinstance(node, ast.Name):
        return ""
    named = (called(bound) for bound in [node, *origins.bound_to(node)])
    return next((one.id for one in named if isinstance(one, ast.Name) and one.id in script.classes), "")


def _attributes(made: ast.ClassDef, script: Script) -> list[Option]:
    """What a class that is no dataclass binds, itself or in its `__init__`."""
    found: dict[str, ast.expr] = {}
    starts = [part for part in made.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
    for statement in (*made.body, *(inner for start in starts for inner in start.body)):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
                found[name] = value
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                found[name] = value
    return [setting_of(name, value, script.constants) for name, value in found.items()]


def _entries(node: ast.expr, origins: Origins, script: Script, depth: int = 0) -> Mapping[str, ast.expr]:
    """The entries of a mapping: of a literal, of `dict(lr=0.1)`, of a copy of one, of what a function gives, with its `update`s."""
    found: dict[str, ast.expr] = {}
    inner: list[ast.expr] = []
    match node:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if key is None:
                    found.update(_entries(value, origins, script, depth + 1))
                elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found[key.value] = value
        case ast.Call(func=ast.Name(id="dict"), args=args):
            return {**(_entries(args[0], origins, script, depth + 1) if args else {}), **keywords_of(node)}
        case ast.Call(func=ast.Name(id=name)) if name in script.functions:
            inner = [*script.returns(script.functions[name])]
        case (
            ast.Call(func=ast.Attribute(value=value, attr="copy"))
            | ast.Call(func=ast.Attribute(attr="copy" | "deepcopy"), args=[value])
        ):
            inner = [value]
        case ast.Name():
            inner = [*origins.bound_to(node), *_updates(node, origins, script)]
    for value in inner if depth < _DEEPEST else ():
        found.update(_entries(value, origins, script, depth + 1))
    return found


def _updates(node: ast.Name, origins: Origins, script: Script) -> Iterator[ast.expr]:
    """What a mapping of this name is updated by in its function."""
    for call in script.calls(f"{node.id}.update"):
        if origins.scope_of(call) == origins.scope_of(node):
            yield from call.args[:1]
