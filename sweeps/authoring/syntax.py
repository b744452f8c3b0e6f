"""Single nodes of Python's syntax: what an expression is called, what a call is given, what a function takes."""

from __future__ import annotations

import ast
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(node: ast.AST | None) -> str:
    """The last part of a dotted name: `out` of `out` and of `args.out`; empty: it is none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def owner_of(call: ast.Call) -> str:
    """The variable that a method is called of; empty: there is none."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
    return ""


def is_text(node: ast.AST | None) -> bool:
    """Whether an expression is a text as it stands."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_stored(node: ast.AST) -> bool:
    """Whether it is a variable that is given a value there."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def called(decorator: ast.expr) -> ast.expr:
    """What a decorator is, with or without arguments."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def argument(call: ast.Call, at: int, *names: str) -> ast.expr | None:
    """What a call gives a parameter by its place, or else by one of its names; None: nothing."""
    if len(call.args) > at:
        return call.args[at]
    return next((word.value for word in call.keywords if word.arg in names), None)


def keywords_of(call: ast.Call) -> dict[str, ast.expr]:
    """What a call gives by names."""
    return {word.arg: word.value for word in call.keywords if word.arg}


def arguments_of(call: ast.Call, *names: str) -> dict[str, ast.expr]:
    """What a call gives by names, and by its places to the parameters that have these names."""
    return {**dict(zip(names, call.args, strict=False)), **keywords_of(call)}


def parameters_of(function: Function | ast.Lambda, *, of_call: bool = False) -> list[str]:
    """The parameters of a function that a call may give by their places.

    Args:
        function: The function.
        of_call: Whether those are left out that a call of a method does not give: `self` and `cls`.
    """
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if of_call and names[:1] in (["self"], ["cls"]) else names
