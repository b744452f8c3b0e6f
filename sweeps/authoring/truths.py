"""Which words a function of a script takes for true and false, as a `type=` of argparse: its source is read, nothing is run."""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Formula
from sweeps.authoring.syntax import Function, parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sweeps.authoring.script import Script

COMMON_WORDS = (("True", "False"), ("true", "false"), ("1", "0"), ("yes", "no"), ("y", "n"), ("on", "off"))
"""The first of these that the function tells apart is how the command spells true and false."""
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
_FALSE = frozenset({"n", "no", "f", "false", "off", "0"})
_PYTHON = ("eval", "literal_eval")
_JSON = ("json.loads", "yaml.safe_load", "yaml.load")
_COMPARED: Mapping[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda one, many: one in many,  # type: ignore[operator]
    ast.NotIn: lambda one, many: one not in many,  # type: ignore[operator]
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_OF_TEXTS = frozenset({"lower", "upper", "strip", "casefold", "title", "capitalize", "startswith"})
_DEEPEST = 30
_LONGEST = 200
"""Statements of a function that are followed."""


class _UnknownError(Exception):
    """The source does not tell what comes out, or the function refuses the word."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A function that makes true or false of a word.

    Attributes:
        words: The words for true and false that it takes.
        of: What it makes of a word; None: it refuses it, or the source does not tell.
        is_plain: Whether what it gives is true or false, or 1 or 0, whatever its default is.
    """

    words: tuple[str, str]
    of: Callable[[str], bool | None]
    is_plain: bool = True


def truth_of(node: ast.expr | None, script: Script) -> Truth | None:
    """Which words a function takes for true and false: one that is named, of the script or of a library, or a lambda.

    Returns:
        The words; None where it is no such function, or its source does not tell.
    """
    if node is None or isinstance(node, ast.Constant):
        return None
    reader = _Reader(script)

    def given(word: str) -> object:
        try:
            return reader.called(node, [word], 0)
        except (_UnknownError, TypeError, ValueError, LookupError, AttributeError):
            return None

    def of(word: str) -> bool | None:
        found = given(word)
        return bool(found) if isinstance(found, bool | int) else None

    words = next((pair for pair in COMMON_WORDS if (of(pair[0]), of(pair[1])) == (True, False)), None)
    if words is None:
        return None
    are_truths = all(isinstance(given(word), bool) for word in words)
    is_plain = (are_truths or script.is_named(node, "strtobool")) and not script.is_named(
        node, *_PYTHON, *_JSON
    )
    return Truth(words, of, is_plain)


class _Reader:
    """Follows the few expressions that such functions are made of."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def called(self, function: ast.expr, values: Sequence[object], depth: int) -> object:
        """What a function gives for values."""
        if depth > _DEEPEST:
            raise _UnknownError
        if isinstance(function, ast.Lambda):
            return self._value(function.body, _named(function, values), depth)
        name = self._script.dotted(function)
        if (made := self._script.functions.get(name)) is not None:
            return self._returned(made.body, _named(made, values), depth)
        word = values[0] if len(values) == 1 else None
        if name.rpartition(".")[2] == "strtobool" and isinstance(word, str):
            if word.lower() in _TRUE | _FALSE:
                return int(word.lower() in _TRUE)
        elif name in {"bool", "int", "str"} and (name != "bool" or depth):  # `type=bool` is true for any text
            return {"bool": bool, "int": int, "str": str}[name](word)
        elif self._script.is_named(function, *_PYTHON) and word in ("True", "False", "1", "0"):
            return {"True": True, "False": False}.get(str(word), word == "1")
        elif self._script.is_named(function, *_JSON) and word in ("true", "false"):
            return word == "true"
        raise _UnknownError

    def _returned(self, body: Sequence[ast.stmt], names: Mapping[str, object], depth: int) -> object:
        names = dict(names)
        for statement in _run(body, lambda test: bool(self._value(test, names, depth + 1))):
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self._value(value, names, depth + 1)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    names[name] = self._value(value, names, depth + 1)
                case ast.Expr(value=ast.Constant()):  # its docstring
                    continue
                case _:
                    raise _UnknownError
        raise _UnknownError

    def _value(self, node: ast.expr, names: Mapping[str, object], depth: int) -> object:
        def inner(part: ast.expr) -> object:
            if depth > _DEEPEST:
                raise _UnknownError
            return self._value(part, names, depth + 1)

        match node:
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.Call(func=ast.Name(id="isinstance"), args=[value, ast.Name(id=kind)]):
                return type(inner(value)).__name__ == kind
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=args, keywords=[]) if (
                method in _OF_TEXTS
            ):
                return getattr(str(inner(owner)), method)(*map(inner, args))
            case ast.Call(func=func, args=args, keywords=[]):
                return self.called(func, [inner(part) for part in args], depth + 1)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return [inner(part) for part in parts]
            case ast.UnaryOp(op=ast.Not()) | ast.BoolOp() | ast.IfExp() | ast.Compare() | ast.Subscript():
                return _decided(node, inner)
        known = value_of(node, self._script.constants)
        if isinstance(known, Formula):
            raise _UnknownError
        return known


def _decided(node: ast.expr, inner: Callable[[ast.expr], object]) -> object:
    """What a condition gives, or a table of words."""
    match node:
        case ast.Subscript(value=ast.Dict(keys=keys, values=values), slice=key):
            found = dict(zip(map(inner, filter(None, keys)), map(inner, values), strict=True))
            return found[inner(key)]
        case ast.UnaryOp(operand=operand):
            return not inner(operand)
        case ast.BoolOp(op=op, values=parts):
            some = map(inner, parts)
            return any(some) if isinstance(op, ast.Or) else all(some)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return inner(body if inner(test) else orelse)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return _COMPARED[type(op)](inner(left), inner(right))
    raise _UnknownError


def _run(body: Sequence[ast.stmt], test: Callable[[ast.expr], bool]) -> Iterator[ast.stmt]:
    """The statements that run, one after the other."""
    waiting = list(body)
    for _ in range(_LONGEST):
        if not waiting:
            return
        statement = waiting.pop(0)
        if isinstance(statement, ast.If):
            waiting = [*(statement.body if test(statement.test) else statement.orelse), *waiting]
        else:
            yield statement


def _named(function: ast.Lambda | Function, values: Sequence[object]) -> dict[str, object]:
    names = parameters_of(function)
    if len(names) < len(values):
        raise _UnknownError
    return dict(zip(names, values, strict=False))
