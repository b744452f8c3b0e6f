"""The options of Fire and jsonargparse, where all of them are surely known: the parameters of functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.parsers.annotations import parameters
from sweeps.authoring.parsers.function_options import init_of
from sweeps.authoring.script import in_order

if TYPE_CHECKING:
    from sweeps.authoring.option import Interface
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_OF_JSONARGPARSE = frozenset({"--help", "-h", "--config", "--print_config"})
_KEYWORDS = frozenset({"component", "name", "as_positional", "fail_untyped", "config_help", "description"})
"""What the call may be given without a doubt about the options."""


def options_of_fire(script: Script, interface: Interface) -> frozenset[str] | None:
    """All options that Fire takes, such as `--lr`; None where that is not sure.

    It applies what no parameter takes to what the function returns, so that sure is a function that returns nothing.
    """
    functions = _functions(script, interface, "fire.Fire")
    if not functions or _returns(functions[-1]):
        return None
    names = [name for function in functions for name in _parameters(function)]
    flags = {f"--{form}{name}" for name in names for form in ("", "no")}
    shortcuts = {f"{dashes}{name[0]}" for name in names for dashes in ("-", "--")}
    return frozenset({*flags, *shortcuts, "--help"})


def options_of_jsonargparse(script: Script, interface: Interface) -> frozenset[str] | None:
    """All options that `jsonargparse.CLI` takes of a function; None where that is not sure."""
    functions = _functions(script, interface, "jsonargparse.CLI", "jsonargparse.auto_cli")
    if len(functions) != 1:
        return None
    return _OF_JSONARGPARSE.union(f"--{name}" for name in _parameters(functions[0]))


def _functions(script: Script, interface: Interface, *calls: str) -> list[Function]:
    """The functions whose parameters the options are, one after the other; none where that is not sure."""
    made = list(script.calls(*calls))
    if len(made) != 1 or any(keyword.arg not in _KEYWORDS for keyword in made[0].keywords):
        return []
    if made[0].args:
        name = made[0].args[0].id if isinstance(made[0].args[0], ast.Name) else ""
    else:
        name = interface.before[0] if len(interface.before) == 1 else ""
    if name in script.classes:
        found = _of_class(script.classes[name], script, interface)
    else:
        found = [script.functions[name]] if name in script.functions else []
    return found if all(map(_is_plain, found)) else []


def _of_class(node: ast.ClassDef, script: Script, interface: Interface) -> list[Function]:
    """The constructor of a class and the method that is called, where both stand in it."""
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    called = [item for item in methods if interface.before[-1:] == (item.name,)]
    constructor, owner = init_of(node, script)
    if len(called) != 1 or node.decorator_list or (node.bases and constructor is None) or owner is not node:
        return []
    return [*([constructor] if constructor is not None else []), *called]


def _is_plain(function: Function) -> bool:
    """Whether a function takes its own parameters and no others."""
    return not function.decorator_list and function.args.kwarg is None and function.args.vararg is None


def _parameters(function: Function) -> list[str]:
    return [argument.arg for argument, _ in parameters(function) if argument.arg != "self"]


def _returns(function: Function) -> bool:
    """Whether a function gives something back, or may."""
    return any(
        (isinstance(node, ast.Return) and node.value is not None)
        or isinstance(node, ast.Yield | ast.YieldFrom)
        for node in in_order(function)
    )
