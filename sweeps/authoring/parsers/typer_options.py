"""Options of typer: the parameters of the command that trains."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option
from sweeps.authoring.parsers.annotations import described, option_of, parameters, said_by
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.script import TRAINING
from sweeps.authoring.syntax import argument, called, keywords_of

if TYPE_CHECKING:
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function
    from sweeps.spec.trainer.arguments import Flag


def read(script: Script) -> Interface | None:
    """What a script takes through typer; None: it has none."""
    chosen = command_of(script)
    return None if chosen is None else _interface(chosen[0], script, chosen[2])


def command_of(script: Script) -> tuple[Function, ast.expr | None, tuple[str, ...]] | None:
    """The function that is the command which is typed, or which trains, with its decorator and its word among others.

    None: there is none.
    """
    if not script.imports_from("typer"):
        return None
    for call in script.calls("typer.run"):
        if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id in script.functions:
            return script.functions[call.args[0].id], None, ()
    commands: list[tuple[Function, ast.expr, str]] = []
    has_callback = False
    for node in script.definitions():
        for decorator in node.decorator_list:
            func = called(decorator)
            method = func.attr if isinstance(func, ast.Attribute) else ""
            has_callback |= method == "callback"
            if method == "command":
                named = value_of(argument(decorator, 0), {}) if isinstance(decorator, ast.Call) else None
                word = named if isinstance(named, str) else node.name.lower().replace("_", "-")
                commands.append((node, decorator, word))
    if not commands:
        return None
    words = [script.typed(word for _, _, word in commands), *TRAINING]
    function, decorator, word = next(
        (entry for name in words for entry in commands if entry[2] == name), commands[0]
    )
    return function, decorator, (word,) if len(commands) > 1 or has_callback else ()


def _interface(function: Function, script: Script, words: tuple[str, ...]) -> Interface:
    told = described(function)
    options = []
    for taken, default in parameters(function):
        said = said_by(taken.annotation, script)
        if said.kind == "Context":
            continue
        option = _option(taken.arg, taken.annotation, default, script)
        options.append(option if option.help else replace(option, help=one_line(told.get(taken.arg, ""))))
    return Interface("typer", "click", tuple(options), words)


def _option(name: str, annotation: ast.expr | None, default: ast.expr | None, script: Script) -> Option:
    said = said_by(annotation, script)
    info = next((extra for extra in said.extra if isinstance(extra, ast.Call)), None)
    is_argument = default is None
    if isinstance(default, ast.Call) and script.is_named(default.func, "typer.Option", "typer.Argument"):
        info = default
        is_argument = script.is_named(default.func, "typer.Argument")
        first = argument(default, 0, "default")
        default = None if isinstance(first, ast.Constant) and first.value is ... else first
    elif info is not None and default is None:
        is_argument = not script.is_named(info.func, "typer.Option")
    elif info is not None:
        is_argument = script.is_named(info.func, "typer.Argument")
    flag, negative, help_text = _spelled(info, script) if info is not None else ("", "", "")
    option = option_of(name, said, default, script)
    flag = flag or f"--{name.lower().replace('_', '-')}"
    return replace(
        option,
        key=name if is_argument else flag.lstrip("-"),
        flag="" if is_argument else flag,
        help=one_line(help_text),
        booleans=_booleans(flag, negative) if option.kind == "bool" else None,
        lists="repeat" if option.is_list and not is_argument else None,
        default=False
        if option.kind == "bool" and option.default is None and not option.is_required
        else option.default,
    )


def _spelled(info: ast.Call, script: Script) -> tuple[str, str, str]:
    """The option's own flag, the one that turns it off, and its help."""
    texts = [value for node in info.args if isinstance(value := value_of(node, script.constants), str)]
    flags = [text for text in texts if text.startswith("-")]
    long = next((text for text in flags if text.startswith("--")), flags[0] if flags else "")
    positive, _, negative = long.partition("/")
    help_text = value_of(keywords_of(info).get("help"), script.constants)
    return positive.strip(), negative.strip(), help_text if isinstance(help_text, str) else ""


def _booleans(flag: str, negative: str) -> Flag | None:
    """How a flag is turned off; one that the source names has no other than the usual `--no-`."""
    return None if negative and negative != f"--no-{flag.lstrip('-')}" else "no-flag"
