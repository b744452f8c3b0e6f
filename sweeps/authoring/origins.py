"""Follows the values of expressions back to the words of a command line that they come from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import value_of
from sweeps.authoring.syntax import arguments_of, name_of, parameters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_PASSES_ON = {
    *("open", "str", "Path", "PurePath", "abspath", "expanduser", "realpath", "fspath", "normpath", "join"),
    *("read", "read_text", "read_bytes", "resolve", "absolute", "as_posix", "decode", "strip", "pop"),
}
"""Functions and methods whose result is a file, its text or its path, as what they are given is."""
_JOINERS = {"join", "Path", "PurePath"}
"""Functions that make one path of several, of which the last one is the file."""
_MOST = 500
"""No more expressions are followed for one."""
Origin: TypeAlias = int | str
"""A place in `sys.argv`, counted from its end where it is negative, or the name of an option."""


class Origins:
    """The bindings and the calls of a script, by which expressions are followed."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._scope = dict(script.scopes)  # with parts of values that no source has
        self._bound: dict[tuple[int, str], list[ast.expr]] = {}
        self._held: dict[str, list[ast.expr]] = {}
        self._calls: dict[str, list[ast.Call]] = {}
        for node in script.nodes:
            self._note(node)

    def of(self, node: ast.expr) -> Iterator[Origin]:
        """Where the value of an expression, or the file that it opens, comes from; nothing where nobody knows."""
        yield from self._of(node, set())

    def place_of(self, node: ast.AST) -> int:
        """Which word of `sys.argv` an element of a list is, counted from its end where it is negative; 0: none."""
        if not isinstance(node, ast.Subscript) or not isinstance(index := value_of(node.slice, {}), int):
            return 0
        begin = self._argv_from(node.value, set())
        return 0 if begin is None else index if index < 0 else begin + index

    def first_bound(self, node: ast.Name) -> ast.expr | None:
        """What a name is bound to first."""
        bound = self._bound.get((self.scope_of(node), node.id)) or self._bound.get((0, node.id), [])
        return bound[0] if bound else None

    def bound_to(self, node: ast.Name | ast.Attribute) -> list[ast.expr]:
        """What a name, or an attribute of whatever object, is bound to anywhere in its function, or is given as a parameter."""
        if isinstance(node, ast.Name):
            return [*self._values_of(node), *self._keywords(node)]
        return self._held.get(node.attr, [])

    def scope_of(self, node: ast.AST) -> int:
        """The identity of the function that a node stands in; 0: in none."""
        function = self._scope.get(id(node))
        return 0 if function is None else id(function)

    def _note(self, node: ast.AST) -> None:
        """Keep what a node binds to names, and which function it calls."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
            ):
                self._bind(target, value)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                self._calls.setdefault(name, []).append(node)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._bound.setdefault((self.scope_of(target), target.id), []).append(value)
        elif isinstance(target, ast.Attribute):
            self._held.setdefault(target.attr, []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            for at, inner in enumerate(target.elts):
                part = ast.Subscript(value, ast.Constant(at), ast.Load())
                if (function := self._scope.get(id(target))) is not None:
                    self._scope[id(part)] = function
                self._bind(inner, part)

    def _of(self, node: ast.expr, seen: set[int]) -> Iterator[Origin]:
        if id(node) in seen or len(seen) > _MOST:
            return
        seen.add(id(node))
        inner = _either(node)
        match node:
            case ast.Subscript(value=owner, slice=index):
                yield from self._of_item(owner, value_of(index, {}), seen)
            case ast.Attribute(attr=name):
                yield name
                inner = self._held.get(name, [])
            case ast.Name(id=name):
                yield from self._of_name(node, name, seen)
            case ast.Call():
                yield from self._of_call(node, seen)
        for value in inner:
            yield from self._of(value, seen)

    def _of_item(self, owner: ast.expr, index: object, seen: set[int]) -> Iterator[Origin]:
        """Where an element comes from: of `sys.argv`, of a part of it, of options as a mapping, of several values."""
        if isinstance(index, str):
            yield index
        elif isinstance(index, int) and (begin := self._argv_from(owner, set())) is not None:
            yield index if index < 0 else begin + index
        elif isinstance(index, int) and isinstance(owner, ast.Tuple | ast.List) and index < len(owner.elts):
            yield from self._of(owner.elts[index], seen)

    def _argv_from(self, node: ast.expr, seen: set[int]) -> int | None:
        """Which place of `sys.argv` a list begins with; None: it is another list."""
        if id(node) in seen or len(seen) > _MOST:
            return None
        seen.add(id(node))
        if self._script.is_named(node, "sys.argv"):
            return 0
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            first = value_of(node.slice.lower, {})
            begin = self._argv_from(node.value, seen)
            return begin + (first or 0) if begin is not None and isinstance(first, int | None) else None
        inner = self._values_of(node) if isinstance(node, ast.Name) else _either(node)
        found = [self._argv_from(value, seen) for value in inner]
        return next((begin for begin in found if begin is not None), None)

    def _of_name(self, node: ast.Name, name: str, seen: set[int]) -> Iterator[Origin]:
        values = self._values_of(node)
        function = self._scope.get(id(node))
        if not values and function is not None and name in _parameters(function):
            yield name  # as click, Fire and the like call it
        for value in values:
            yield from self._of(value, seen)

    def _values_of(self, node: ast.Name) -> list[ast.expr]:
        """What a name is bound to where it stands, and what calls give a parameter of that name."""
        function = self._scope.get(id(node))
        bound = self._bound.get((self.scope_of(node), node.id), [])
        if function is None:
            return bound
        if node.id in _parameters(function):
            return [*bound, *self._arguments(function, node.id)]
        return bound or self._bound.get((0, node.id), [])

    def _arguments(self, function: Function, name: str) -> Iterator[ast.expr]:
        """What calls give a parameter of a function; those of a class are given to its `__init__`."""
        owner = next((each.name for each in self._script.classes.values() if function in each.body), "")
        called = owner if owner and function.name == "__init__" else function.name
        own = parameters_of(function, of_call=bool(owner))
        for call in self._calls.get(called, ()):
            given = arguments_of(call, *own).get(name)
            yield from [given] if given is not None else []

    def _keywords(self, node: ast.Name) -> Iterator[ast.expr]:
        """What calls give a function as `**name`: a mapping each."""
        function = self._scope.get(id(node))
        if function is None or function.args.kwarg is None or function.args.kwarg.arg != node.id:
            return
        own = _parameters(function)
        for call in self._calls.get(function.name, ()):
            words = [word for word in call.keywords if word.arg not in own]
            keys: list[ast.expr | None] = [ast.Constant(word.arg) if word.arg else None for word in words]
            yield ast.Dict(keys, [word.value for word in words])

    def _of_call(self, call: ast.Call, seen: set[int]) -> Iterator[Origin]:
        is_method = isinstance(call.func, ast.Attribute)
        last = name_of(call.func) if is_method else self._script.last_word(call.func)
        if last in _PASSES_ON:
            if isinstance(call.func, ast.Attribute) and not self._is_imported(call.func.value):
                yield from self._of(call.func.value, seen)
            for argument in call.args[-1:] if last in _JOINERS else call.args[:1]:
                yield from self._of(argument, seen)
        elif (made := self._script.functions.get(last)) is not None:
            for value in self._script.returns(made):
                yield from self._of(value, seen)

    def _is_imported(self, node: ast.expr) -> bool:
        """Whether an expression is a module, or something of one, such as `os.path`."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._script.imports


def _either(node: ast.expr) -> list[ast.expr]:
    """The expressions one of which is the value of another, or the end of the path that it joins."""
    match node:
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BinOp(op=ast.Div(), right=file):
            return [file]
        case ast.BoolOp(values=values):
            return values
    return []


def _parameters(function: Function) -> list[str]:
    return [*parameters_of(function), *(part.arg for part in function.args.kwonlyargs)]
