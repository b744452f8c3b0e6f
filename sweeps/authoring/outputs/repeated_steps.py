"""Metrics of event files that a script logs several times at one step, as the returns of several environments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.syntax import argument, is_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sweeps.authoring.script import Script

_LOGGING = ("add_scalar", "scalar")


def repeated_names(script: Script) -> tuple[str, ...]:
    """The metrics that a loop logs again and again while their step stays the same.

    A loop that may end right after the value, as one that looks for the first episode's end, logs one. Names and steps
    that the source does not tell are left out, and so are loops of which a step could change by a call.

    Returns:
        Their names, in the order of the source.
    """
    found: dict[str, None] = {}
    for node in script.nodes:
        if isinstance(node, ast.For | ast.AsyncFor):
            changed = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and is_stored(part)}
            for call in _logged_in_each_round(node.body):
                name, step = (
                    value_of(call.args[0], script.constants),
                    argument(call, 2, "global_step", "step"),
                )
                if isinstance(name, str) and step is not None and _is_steady(step, changed):
                    found[name] = None
    return tuple(found)


def _logged_in_each_round(body: Sequence[ast.stmt]) -> Iterator[ast.Call]:
    """The values that a round of a loop logs and goes on after, those of loops in it left out."""
    if any(isinstance(statement, ast.Break | ast.Return) for statement in body):
        return
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Call() as call) if _is_scalar(call):
                yield call
            case ast.If(body=then, orelse=otherwise):
                yield from _logged_in_each_round(then)
                yield from _logged_in_each_round(otherwise)
            case ast.With(body=inner) | ast.Try(body=inner):
                yield from _logged_in_each_round(inner)


def _is_scalar(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in _LOGGING and bool(call.args)


def _is_steady(step: ast.expr, changed: Collection[str]) -> bool:
    """Whether a step is an expression of variables that a loop leaves alone, and of nothing that a call could change."""
    parts = [part for part in ast.walk(step) if isinstance(part, ast.Name | ast.Attribute | ast.Call)]
    return bool(parts) and all(isinstance(part, ast.Name) and part.id not in changed for part in parts)
