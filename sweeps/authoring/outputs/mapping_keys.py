"""Follows mappings to the keys that a script gives them: written out, set one by one, or those of the mapping that a name stands for."""

from __future__ import annotations

import ast
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import text_of
from sweeps.authoring.origins import Origins
from sweeps.authoring.syntax import is_text, keywords_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.script import Script

Entry: TypeAlias = "tuple[ast.expr, ast.expr | None]"
"""The expressions of a key and of its value; None: the source does not tell the value."""
_COPIES = frozenset(
    {"dict", "list", "tuple", "sorted", "keys", "copy", "deepcopy", "OrderedDict", "DataFrame"}
)
"""What gives a mapping with the same keys, or these keys."""
_EMPTY = frozenset({"defaultdict", "Counter"})
_MOST = 200
_MOST_FOLLOWED, _MOST_IN_ALL = 1000, 100_000
"""No more expressions are followed for one mapping, and for all of a script."""


class Mappings:
    """The mappings of a script; `script.once(Mappings)` shares one among all that ask for them."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._origins = script.once(Origins)
        self._set: dict[tuple[int, str], list[Entry]] = {}
        self._held: dict[tuple[int, str], list[ast.expr]] = {}
        self._known: dict[int, tuple[ast.expr, list[Entry]]] = {}
        self._left = self._left_in_all = _MOST_IN_ALL
        for node in script.nodes:
            self._note(node)

    def entries(self, node: ast.expr) -> list[Entry]:
        """The entries of a mapping, or of the rows of a list, as far as the source tells them; each key once, in its order."""
        if id(node) in self._known:
            return self._known[id(node)][1]
        found: dict[str, Entry] = {}
        self._left = min(_MOST_FOLLOWED, self._left_in_all)
        for key, value in islice(self._of(node, frozenset()), _MOST):
            found.setdefault(text_of(key), (key, value))
        self._known[id(node)] = node, list(found.values())  # held, so that no other node has its identity
        return self._known[id(node)][1]

    def words(self, node: ast.expr) -> list[ast.expr]:
        """The texts of a list that is written out, such as the columns of a table."""
        bound = self.bound_to(node) if isinstance(node, ast.Name) else [node]
        lists = (part.elts for part in bound if isinstance(part, ast.List | ast.Tuple))
        return [word for words in lists for word in words if isinstance(word, ast.JoinedStr) or is_text(word)]

    def is_list(self, node: ast.expr | None) -> bool:
        """Whether it is a list, of rows, and no mapping."""
        bound = self.bound_to(node) if isinstance(node, ast.Name | ast.Attribute) else [node]
        return any(isinstance(part, ast.List | ast.ListComp) for part in bound)

    def bound_to(self, node: ast.Name | ast.Attribute) -> list[ast.expr]:
        """What a name stands for, as far as the source shows it."""
        return self._origins.bound_to(node)

    def _note(self, node: ast.AST) -> None:
        """Keep what a statement sets in a mapping, or puts into a list."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._note_target(target, value)
            case ast.Call(func=ast.Attribute(value=owner, attr="update"), args=args, keywords=words):
                entries = [(ast.Constant(word.arg), word.value) for word in words if word.arg]
                self._set.setdefault(self._place(owner), []).extend(entries)
                self._held.setdefault(self._place(owner), []).extend(args[:1])
            case ast.Call(func=ast.Attribute(value=ast.Subscript(value=owner, slice=key), attr="append")):
                self._set.setdefault(self._place(owner), []).append((key, None))
            case ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[value]):
                self._held.setdefault(self._place(owner), []).append(value)

    def _note_target(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Subscript):
            self._set.setdefault(self._place(target.value), []).append((target.slice, value))
        elif isinstance(target, ast.Tuple):
            for inner in target.elts:
                self._note_target(inner, None)

    def _place(self, node: ast.expr) -> tuple[int, str]:
        return self._origins.scope_of(node) if isinstance(node, ast.Name) else 0, text_of(node)

    def _of(self, node: ast.expr, above: frozenset[int]) -> Iterator[Entry]:
        if id(node) in above or self._left <= 0:
            return
        self._left -= 1
        self._left_in_all -= 1
        above |= {id(node)}
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    yield from self._of(value, above) if key is None else [(key, value)]
            case ast.DictComp(key=key, generators=[ast.comprehension(target=target, iter=source)]):
                yield from self._renamed(key, target, source, above)
            case ast.Call():
                yield from self._of_call(node, above)
            case ast.Name() | ast.Attribute():
                bound = self._origins.bound_to(node)
                if bound and all(map(self._is_other, bound)):
                    return
                for value in (*bound, *self._held.get(self._place(node), ())):
                    yield from self._of(value, above)
                yield from self._set.get(self._place(node), ())
            case _:
                for inner in _parts(node):
                    yield from self._of(inner, above)

    def _is_other(self, node: ast.expr) -> bool:
        """Whether it is an object that is no mapping of Python's, such as a logger with a method `update`."""
        if not isinstance(node, ast.Call):
            return False
        name = node.func.attr if isinstance(node.func, ast.Attribute) else text_of(node.func)
        return name not in _COPIES | _EMPTY and name not in self._script.functions

    def _of_call(self, call: ast.Call, above: frozenset[int]) -> Iterator[Entry]:
        """The keys of `dict(loss=x)`, of a copy, and of what a function of the script gives."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else text_of(call.func)
        if name in _COPIES:
            is_method = name in {"keys", "copy"} and not call.args and isinstance(call.func, ast.Attribute)
            for value in [call.func.value] if is_method and isinstance(call.func, ast.Attribute) else call.args[:1]:  # fmt: skip
                yield from self._of(value, above)
            if name == "dict":
                yield from ((ast.Constant(name), value) for name, value in keywords_of(call).items())
                for word in call.keywords:
                    yield from self._of(word.value, above) if word.arg is None else ()
        elif (made := self._script.functions.get(name)) is not None:
            for value in self._script.returns(made):
                yield from self._of(value, above)

    def _renamed(
        self, key: ast.expr, target: ast.expr, source: ast.expr, above: frozenset[int]
    ) -> Iterator[Entry]:
        """The keys of `{f"val/{k}": v for k, v in found.items()}`."""
        match target, source:
            case (
                ast.Tuple(elts=[ast.Name(id=name), _]),
                ast.Call(func=ast.Attribute(value=inner, attr="items")),
            ):
                for old, value in self._of(inner, above):
                    yield _filled(key, name, old), value


def joined(*keys: ast.expr) -> ast.expr:
    """The key that stands for one in another, as JSON's are recorded: `val/loss` of `{"val": {"loss": x}}`."""
    parts = [part for key in keys for part in (ast.Constant("/"), *_words(key))]
    return ast.JoinedStr(parts[1:])


def _filled(key: ast.expr, name: str, old: ast.expr) -> ast.expr:
    """A key with what its loop's variable stands for."""
    if isinstance(key, ast.Name):
        return old if key.id == name else key
    if not isinstance(key, ast.JoinedStr):
        return key
    parts: list[ast.expr] = []
    for part in key.values:
        is_name = isinstance(part, ast.FormattedValue) and text_of(part.value) == name
        parts += _words(old) if is_name else [part]
    return ast.JoinedStr(parts)


def _words(key: ast.expr) -> Sequence[ast.expr]:
    """A key as parts of a text."""
    if isinstance(key, ast.JoinedStr):
        return key.values
    return [key if isinstance(key, ast.Constant) else ast.FormattedValue(key, -1)]


def _parts(node: ast.expr) -> Sequence[ast.expr]:
    """The expressions that have the keys of another: rows, either of two, both of `a | b`."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.BitOr(), right=other):
            return [one, other]
        case ast.ListComp(elt=inner):
            return [inner]
        case _:
            return []
