"""The texts that a script makes before it prints them: `message = f"epoch {epoch} ..."`, then `logger.info(message)`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.syntax import Function

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.authoring.script import Script

_Branch: TypeAlias = "tuple[tuple[int, str], ...]"
"""The `if`, `for`, `try`, ... around a statement, the outermost first, each with the part of it."""
_BODIES = ("body", "orelse", "finalbody", "handlers")
_MOST_PARTS = 100
"""A text of more parts is left as it is: texts that are made of one another grow without bound."""
MOST = 4
"""No more texts of one name are told apart."""


@dataclass(frozen=True, slots=True)
class _Bound:
    """A statement that gives a name a text.

    Attributes:
        value: The text.
        branch: Where it stands.
        adds: Whether it adds to what the name has, as `+=`.
    """

    value: ast.expr
    branch: _Branch
    adds: bool = False


def with_texts(script: Script) -> Mapping[int, Sequence[ast.Call]]:
    """The calls that print a name, each as if the text stood there that the name has.

    Returns:
        By the id of a call: the same call once for each text that the name may have there.
    """
    found: dict[int, list[ast.Call]] = {}
    for node in script.nodes:
        if isinstance(node, ast.Module | Function):
            _look_through(node.body, (), {}, found)
    return found


def _look_through(
    body: Sequence[ast.stmt],
    branch: _Branch,
    known: dict[str, list[_Bound]],
    found: dict[int, list[ast.Call]],
) -> None:
    """Go through statements in their order, and note what names have, and what is printed of them."""
    for statement in body:
        if isinstance(statement, Function | ast.ClassDef):
            continue
        if isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call):
            spelled = list(_spelled(call, branch, known))
            if spelled:
                found[id(call)] = spelled
        _note(statement, branch, known)
        for part in _BODIES:
            for at, inner in enumerate(_statements(statement, part)):
                _look_through(inner, (*branch, (id(statement), f"{part}{at}")), known, found)


def _statements(statement: ast.stmt, part: str) -> Iterator[list[ast.stmt]]:
    inner = getattr(statement, part, [])
    if part == "handlers":
        yield from (handler.body for handler in inner)
    elif inner:
        yield inner


def _note(statement: ast.stmt, branch: _Branch, known: dict[str, list[_Bound]]) -> None:
    """What a statement makes of the texts of names."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            adds = False
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            adds = True
        case _:
            return
    if _is_text(value):
        value = _with_inner_texts(value, branch, known)
        known.setdefault(name, []).append(_Bound(value, branch, adds))
    elif not adds and not any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(value)):
        known.pop(name, None)  # what is made of the text itself mostly adds to it


def _with_inner_texts(value: ast.expr, branch: _Branch, known: Mapping[str, Sequence[_Bound]]) -> ast.expr:
    """A text with the texts of the names in it, as in `f"{first} {second}"` of two that were made before."""
    if not isinstance(value, ast.JoinedStr):
        return value
    parts: list[ast.expr] = []
    for part in value.values:
        shown = part.value if isinstance(part, ast.FormattedValue) else part
        texts = list(_texts(known.get(shown.id, ()) if isinstance(shown, ast.Name) else (), branch))[:MOST]
        if len(texts) == 1 and isinstance(texts[0], ast.JoinedStr):
            parts += texts[0].values
        else:
            parts.append(part)
    return ast.JoinedStr(parts) if len(parts) <= _MOST_PARTS else value


def _is_text(value: ast.expr) -> bool:
    """Whether an expression is surely a text with words."""
    match value:
        case ast.JoinedStr() | ast.Constant(value=str()):
            return True
        case ast.BinOp(left=left, op=ast.Mod()):
            return _is_text(left)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_text(left) or _is_text(right)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            return True
        case _:
            return False


def _spelled(call: ast.Call, branch: _Branch, known: Mapping[str, Sequence[_Bound]]) -> Iterator[ast.Call]:
    """The call with each text that the first of its names may have."""
    for at, argument in enumerate(call.args):
        if isinstance(argument, ast.Name) and argument.id in known:
            for text in list(_texts(known[argument.id], branch))[:MOST]:
                arguments = [*call.args[:at], text, *call.args[at + 1 :]]
                yield ast.Call(call.func, arguments, call.keywords, lineno=call.lineno, col_offset=0)
            return


def _texts(bound: Sequence[_Bound], branch: _Branch) -> Iterator[ast.expr]:
    """The texts that a name may have where it is used: the last that it surely gets there, and those of branches since."""
    added: list[ast.expr] = []
    for one in reversed(bound):
        if _excludes(one.branch, branch):
            continue
        is_sure = branch[: len(one.branch)] == one.branch
        if one.adds:
            added = [one.value, *added] if is_sure else added
            continue
        text = one.value
        for more in added:
            text = ast.BinOp(text, ast.Add(), more)
        yield text
        if is_sure:
            return


def _excludes(one: _Branch, other: _Branch) -> bool:
    """Whether two places are parts of one statement of which only one part runs."""
    parts = dict(one)
    return any(statement in parts and parts[statement] != part for statement, part in other)
