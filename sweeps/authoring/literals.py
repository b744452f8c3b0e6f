"""The value of an expression, where the source alone tells it. Nothing is evaluated but numbers and texts."""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING

from sweeps.authoring.option import Formula
from sweeps.authoring.syntax import name_of
from sweeps.spec.fields import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sweeps.authoring.option import Default
    from sweeps.spec.yaml_reader import Value

_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: lambda one, other: int(one) << int(other),
}
_LARGEST = 1 << 64
_MOST_EXPONENT = 64
_DEEPEST = 50
_LONGEST = 10_000
"""Characters of a text; texts that are made of one another grow without bound."""
_CASTS: Mapping[str, Callable[[float], float]] = {"int": int, "float": float}
_PATHS = {"Path", "PurePath", "str", "join", "expanduser", "abspath"}


def value_of(node: ast.expr | None, constants: Mapping[str, ast.expr], depth: int = 0) -> Default:
    """The value of an expression: a number, text, truth, None, or list or mapping of these.

    Args:
        node: The expression; None: there is none.
        constants: What the names of constants stand for.
        depth: How many expressions it stands in.

    Returns:
        The value, or the expression itself where only a run would tell.
    """
    if node is None:
        return None
    try:
        return _value(node, constants, depth)
    except (ValueError, TypeError, ArithmeticError, LookupError, _UnknownError):
        return Formula(text_of(node))


def number_or_text(text: str, *kinds: Callable[[str], int | float]) -> int | float | str:
    """A word as the first of these kinds of numbers that it is, or else as it is."""
    for read_as in kinds:
        try:
            return read_as(text)
        except ValueError:
            continue
    return text


def text_of(node: ast.AST) -> str:
    """An expression as the source has it, in one line."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return "..."
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."


def last_name(node: ast.AST) -> str:
    """The last part of a name: `out` of `out`, `args.out` and `config["out"]`; empty where it is none."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return name_of(node)


_MOST_SHOWN = 80


class _UnknownError(Exception):
    """The source does not tell the value."""


def _value(node: ast.expr, constants: Mapping[str, ast.expr], depth: int) -> Value:
    def inner(part: ast.expr) -> Value:
        return _value(part, constants, _deeper(depth))

    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.UnaryOp(op=op, operand=operand):
            return _signed(op, inner(operand))
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return list(map(inner, items))
        case ast.JoinedStr(values=items):
            return _joined(items, inner)
        case ast.Dict(keys=keys, values=values):
            return _mapping(keys, values, inner)
        case ast.Name(id=name):
            return inner(constants[name])
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(inner(left), op, inner(right))
        case ast.Call(func=func, args=[_, *_] as arguments, keywords=[]):
            return _call(func, [inner(argument) for argument in arguments])
    raise _UnknownError


def _deeper(depth: int) -> int:
    if depth > _DEEPEST:
        raise _UnknownError
    return depth + 1


def _constant(value: object) -> Value:
    if value is None or isinstance(value, bool | int | float | str):
        return _finite(value)
    raise _UnknownError


def _signed(op: ast.unaryop, number: Value) -> Value:
    if not is_number(number) or not isinstance(op, ast.USub | ast.UAdd):
        raise _UnknownError
    return -number if isinstance(op, ast.USub) else number


def _mapping(
    keys: Sequence[ast.expr | None], values: Sequence[ast.expr], inner: Callable[[ast.expr], Value]
) -> Value:
    names = [inner(key) if key is not None else None for key in keys]
    if not all(isinstance(name, str) for name in names):
        raise _UnknownError
    return {str(name): inner(value) for name, value in zip(names, values, strict=True)}


def _joined(parts: Sequence[ast.expr], inner: Callable[[ast.expr], Value]) -> str:
    text = ""
    for part in parts:
        text += _part(inner, part)
        if len(text) > _LONGEST:
            raise _UnknownError
    return text


def _part(inner: Callable[[ast.expr], Value], part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        if part.format_spec is not None or part.conversion != -1:
            raise _UnknownError
        return str(inner(part.value))
    return str(inner(part))


def _call(func: ast.expr, values: list[Value]) -> Value:
    """`int(1e6)`, `Path("runs")` and `os.path.join("a", "b")`."""
    name, first = name_of(func), values[0]
    if name in _CASTS and len(values) == 1 and isinstance(first, int | float | str):
        return _finite(_CASTS[name](first))  # type: ignore[arg-type]
    if name in _PATHS and all(isinstance(value, str) for value in values):
        return "/".join(str(value) for value in values)
    if name in {"list", "tuple"} and len(values) == 1 and isinstance(first, list):
        return first
    raise _UnknownError


def _computed(left: Value, op: ast.operator, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        if isinstance(op, ast.Add) and len(left) + len(right) <= _LONGEST:
            return left + right
        if isinstance(op, ast.Div):
            return f"{left}/{right}"
    if not isinstance(left, int | float) or not isinstance(right, int | float) or type(op) not in _OPERATIONS:
        raise _UnknownError
    if isinstance(op, ast.Pow | ast.LShift) and (abs(right) > _MOST_EXPONENT or abs(left) > _LARGEST):
        raise _UnknownError
    return _finite(_OPERATIONS[type(op)](left, right))


def _finite(value: Value) -> Value:
    """A number that a file can hold."""
    if is_number(value) and (not math.isfinite(value) or abs(value) > float(_LARGEST)):
        raise _UnknownError
    return value
