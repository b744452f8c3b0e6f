"""The options of click and typer, where all of them are surely known."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.parsers import click_options, typer_options
from sweeps.authoring.parsers.annotations import parameters, said_by
from sweeps.authoring.syntax import called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.script import Script

_PLAIN = frozenset({"pass_context", "pass_obj", "version_option", "help_option"})
_CHOICES = frozenset({"help_option_names", "show_default", "max_content_width", "auto_envvar_prefix"})
"""What `context_settings` may say without a doubt about the options."""
_OF_TYPER = frozenset({"--help", "--install-completion", "--show-completion"})


def options_of_click(script: Script) -> frozenset[str] | None:
    """All options of a command of click, such as `--lr` and `-b`; None where that is not sure."""
    found = click_options.command_of(script)
    if found is None:
        return None
    names = {"--help"}
    for decorator in found[0].decorator_list:
        call, func = decorator if isinstance(decorator, ast.Call) else None, called(decorator)
        kind = script.last_word(func)
        if kind == "command":
            if not _is_plain(call, script):
                return None
        elif call is not None and kind in {"option", "argument"} and _is_clicks(func, script):
            own = _flags(call, call.args, script)
            if own is None or not call.args:
                return None
            names |= own
        elif kind not in _PLAIN:
            return None
        elif kind == "version_option":
            names.add("--version")
    return frozenset(names)


def options_of_typer(script: Script) -> frozenset[str] | None:
    """All options of a command of typer; None where that is not sure."""
    found = typer_options.command_of(script)
    if found is None:
        return None
    function, decorator, _ = found
    if len(function.decorator_list) > (decorator is not None):
        return None
    if isinstance(decorator, ast.Call) and not _is_plain(decorator, script):
        return None
    names: set[str] = set(_OF_TYPER)
    for argument, default in parameters(function):
        own = _of_parameter(argument, default, script)
        if own is None:
            return None
        names |= own
    is_open = function.args.vararg is not None or function.args.kwarg is not None
    return None if is_open else frozenset(names)


def _of_parameter(argument: ast.arg, default: ast.expr | None, script: Script) -> set[str] | None:
    """The flags of a parameter; None where they are not sure."""
    said = said_by(argument.annotation, script)
    calls = [node for node in (default, *said.extra) if isinstance(node, ast.Call)]
    made = [call for call in calls if script.is_named(call.func, "typer.Option", "typer.Argument")]
    if len(made) != len(calls) or (isinstance(default, ast.Name) and default.id not in script.constants):
        return None
    if isinstance(default, ast.Name) and isinstance(script.constants[default.id], ast.Call):
        return None
    usual = f"--{argument.arg.lower().replace('_', '-')}"
    names = {usual, f"--no-{usual[2:]}"}
    for call in made:
        own = _flags(call, call.args[1:] if call is default else call.args, script)
        if own is None:
            return None
        names |= own
    return names


def _flags(call: ast.Call, given: Sequence[ast.expr], script: Script) -> set[str] | None:
    """The flags among texts that a call is given; None where only a run knows them, or the option is of another class."""
    texts = [value_of(node, script.constants) for node in given]
    if any(keyword.arg in {None, "cls"} for keyword in call.keywords):
        return None
    if any(not isinstance(text, str) for text in texts):
        return None
    parts = (part.strip() for text in texts for part in str(text).split("/"))
    return {part for part in parts if part.startswith("-")}


def _is_plain(call: ast.Call | None, script: Script) -> bool:
    """Whether a command refuses what it has no option for."""
    for keyword in call.keywords if call is not None else ():
        if keyword.arg in {None, "cls", "params"}:
            return False
        if keyword.arg == "context_settings":
            said = value_of(keyword.value, script.constants)
            if not isinstance(said, dict) or not said.keys() <= _CHOICES:
                return False
    return True


def _is_clicks(func: ast.expr, script: Script) -> bool:
    return script.dotted(func).partition(".")[0] in {"click", "rich_click"}
