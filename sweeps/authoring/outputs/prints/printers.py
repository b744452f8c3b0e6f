"""Functions that print what they are given: those of a script, and those of libraries that only one process calls."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.syntax import keywords_of, name_of, parameters_of

if TYPE_CHECKING:
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_OF_ONE_PROCESS = re.compile(
    r"(print|log)_?(rank_?(0|zero)|0|main|master|once|on_(main|master|rank_?0))(_only)?|"
    r"(rank_?(0|zero)|main|master|dist)_(print|log|info)"
)
LEVELS = ("debug", "info", "warning", "warn", "critical")
"""The methods of a logger that print."""
_STREAMS = ("sys.stdout", "sys.stderr", "None")


def printers_of(script: Script) -> frozenset[str]:
    """The names of the script's functions that hand their first argument on to `print`, or to a logger."""
    return frozenset(function.name for function in script.definitions() if _hands_on(function))


def is_printer(func: ast.expr, printers: frozenset[str]) -> bool:
    """Whether what is called prints its arguments: `print0`, `accelerator.print`, or one of the script's own."""
    if isinstance(func, ast.Attribute) and func.attr == "print":
        return True
    return name_of(func) in printers or _OF_ONE_PROCESS.fullmatch(name_of(func)) is not None


def is_to_file(call: ast.Call) -> bool:
    """Whether a `print` goes to a file: `print(..., file=f)`."""
    given = keywords_of(call).get("file")
    return given is not None and text_of(given) not in _STREAMS


def _hands_on(function: Function) -> bool:
    names = parameters_of(function, of_call=True)
    first = names[0] if names else function.args.vararg.arg if function.args.vararg is not None else ""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return bool(first) and any(_prints(call, first) for call in calls)


def _prints(call: ast.Call, name: str) -> bool:
    """Whether a call prints what has this name, as it is."""
    func = call.func
    is_print = isinstance(func, ast.Name) and func.id == "print"
    is_log = isinstance(func, ast.Attribute) and func.attr in LEVELS
    if not (is_print or is_log) or is_to_file(call):
        return False
    plain = [argument.value if isinstance(argument, ast.Starred) else argument for argument in call.args]
    return any(isinstance(argument, ast.Name) and argument.id == name for argument in plain)
