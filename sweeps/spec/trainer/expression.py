"""Arithmetic in the file, such as `(epoch - 1) * of + batch`: parsed into a tree of few kinds, and never run as Python."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

MAX_LENGTH = 500
"""Characters of an expression."""
FUNCTIONS: Mapping[str, tuple[Callable[..., float], int, int]] = {
    "min": (min, 2, 99),
    "max": (max, 2, 99),
    "abs": (abs, 1, 1),
    "round": (round, 1, 1),
    "int": (math.trunc, 1, 1),
    "float": (float, 1, 1),
    "log": (math.log, 1, 2),
    "exp": (math.exp, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
}
"""Each with the fewest and the most arguments that it takes."""

_Values: TypeAlias = Mapping[str, float]
_Part: TypeAlias = Callable[[_Values], float]
_QUOTED = re.compile("`([^`]+)`")
_OPERATORS: Mapping[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_ALLOWED = "it may have numbers, names, + - * / // % **, " + ", ".join(FUNCTIONS)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Attributes:
        text: As it is written.
        names: What it asks for, in the order in which it does.
    """

    text: str
    names: tuple[str, ...]
    _root: _Part

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read an expression. Names that are no words stand in backquotes, or as `name["a/b"]`.

        Raises:
            ValueError: It is none; the message says what is wrong, and what may be written.
        """
        if len(text) > MAX_LENGTH:
            message = f"has {len(text)} characters, and {MAX_LENGTH} are read; shorten it"
            raise ValueError(message)
        quoted = _QUOTED.findall(text)
        numbers = iter(range(len(quoted)))
        plain = _QUOTED.sub(lambda _: f" _quoted_{next(numbers)}_ ", text)
        try:
            tree = ast.parse(plain.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            message = f"{text!r} is no expression; {_ALLOWED}, odd names in backquotes"
            raise ValueError(message) from None
        names: dict[str, None] = {}
        try:
            root = _part(tree, {f"_quoted_{at}_": name for at, name in enumerate(quoted)}, names)
        except RecursionError:
            message = "is nested too deeply; write it flatter"
            raise ValueError(message) from None
        return cls(text, tuple(names), root)

    def value(self, values: _Values) -> float | None:
        """Its value, of whole numbers that floating point would round a whole one; None where it has none: a name is missing, a division by zero, a logarithm of nothing.

        Args:
            values: What its names stand for.
        """
        try:
            value = self._root(values)
            return value if isinstance(value, int) else float(value)
        except (ArithmeticError, ValueError, KeyError, TypeError):
            return None


def _part(node: ast.AST, quoted: Mapping[str, str], names: dict[str, None]) -> _Part:
    """What computes a node, its names noted in `names`.

    Raises:
        ValueError: The node is of no kind that is allowed.
    """
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            constant = _constant(number)
            return lambda _: constant
        case ast.Name(id=name):
            return _name(quoted.get(name, name), names)
        case ast.Subscript(value=ast.Name(id="name"), slice=ast.Constant(value=str(name))):
            return _name(name, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _applied(_OPERATORS[type(op)], (left, right), quoted, names)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _applied(_OPERATORS[type(op)], (operand,), quoted, names)
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]) if function in FUNCTIONS:
            call, fewest, most = FUNCTIONS[function]
            if not fewest <= len(arguments) <= most:
                message = f"{function}() takes {fewest}{'' if fewest == most else ' or more'}, not {len(arguments)} values"
                raise ValueError(message)
            return _applied(call, tuple(arguments), quoted, names)
    message = f"{ast.unparse(node)!r} is not allowed; {_ALLOWED}"
    raise ValueError(message)


def _constant(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        message = "holds a number that is too large"
        raise ValueError(message) from None


def _name(name: str, names: dict[str, None]) -> _Part:
    names[name] = None
    return lambda values: values[name]


def _applied(
    call: Callable[..., float],
    arguments: tuple[ast.AST, ...],
    quoted: Mapping[str, str],
    names: dict[str, None],
) -> _Part:
    parts = tuple(_part(argument, quoted, names) for argument in arguments)
    return lambda values: float(call(*(part(values) for part in parts)))
