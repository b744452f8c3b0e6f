"""Options of click: the decorators of the command that trains."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Interface, Option, asked, kind_of
from sweeps.authoring.parsers.annotations import with_default
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.script import TRAINING
from sweeps.authoring.syntax import argument, called, keywords_of, name_of

if TYPE_CHECKING:
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_KINDS = {
    "INT": "int",
    "FLOAT": "float",
    "BOOL": "bool",
    "STRING": "str",
    "IntRange": "int",
    "FloatRange": "float",
    "Path": "str",
}


def read(script: Script) -> Interface | None:
    """What a script takes through click's decorators; None: it has none."""
    chosen = command_of(script)
    if chosen is None:
        return None
    function, word = chosen
    found = [
        option for decorator in function.decorator_list if (option := _option(decorator, script)) is not None
    ]
    return Interface("click", "click", tuple(found), () if word is None else (word,))


def command_of(script: Script) -> tuple[Function, str | None] | None:
    """The function that is the command which is typed, or which trains, with its word in a group; None: there is none."""
    if not script.imports_from("click", "rich_click"):
        return None
    commands: list[tuple[Function, str | None]] = []
    for node in script.definitions():
        for decorator in node.decorator_list:
            name, owner, said = _command(decorator)
            if name == "command":
                is_alone = script.imports.get(owner, owner) in {"click", "rich_click", "click.command", ""}
                commands.append((node, None if is_alone else said or node.name.lower().replace("_", "-")))
    if not commands:
        return None
    alone = [function for function, word in commands if word is None]
    return (alone[-1], None) if alone else _preferred(commands, script)


def _command(decorator: ast.expr) -> tuple[str, str, str]:
    """A decorator's method, the name before it, and the command's name that it says."""
    func = called(decorator)
    if not isinstance(func, ast.Attribute):
        return name_of(func), "", ""
    word = value_of(argument(decorator, 0, "name"), {}) if isinstance(decorator, ast.Call) else ""
    return func.attr, text_of(func.value), word if isinstance(word, str) else ""


def _preferred(commands: list[tuple[Function, str | None]], script: Script) -> tuple[Function, str | None]:
    words = [script.typed(word for _, word in commands if word), *TRAINING]
    return next((entry for word in words for entry in commands if entry[1] == word), commands[0])


def _option(decorator: ast.expr, script: Script) -> Option | None:
    if not isinstance(decorator, ast.Call) or not script.is_named(decorator.func, "option", "argument"):
        return None
    names = [value for node in decorator.args if isinstance(value := value_of(node, script.constants), str)]
    said = keywords_of(decorator)
    if not names:
        return None
    is_option = script.is_named(decorator.func, "option")
    flags = [name for name in names if name.startswith("-")]
    long = next((name for name in flags if name.startswith("--")), flags[0] if flags else "")
    positive, slash, negative = long.partition("/")
    kind, choices = _type(said.get("type"), script)
    default = value_of(said.get("default"), script.constants)
    is_pair = bool(slash) and negative.strip().startswith("--")
    is_flag = (
        is_pair
        or value_of(said.get("is_flag"), {}) is True
        or (isinstance(default, bool) and "type" not in said)
    )
    is_many = value_of(said.get("multiple"), {}) is True
    nargs = value_of(said.get("nargs"), {})
    positive = positive.strip()
    option = Option(
        key=positive.lstrip("-") if is_option else names[0],
        kind="bool" if is_flag else kind or kind_of(default),
        choices=choices,
        help=one_line(value_of(said.get("help"), script.constants)),
        flag=positive if is_option else "",
        metavar=one_line(value_of(said.get("metavar"), script.constants)),
        aliases=tuple(name for name in flags if name != long),
        is_required=value_of(said.get("required"), {}) is True
        or (not is_option and "default" not in said and value_of(said.get("required"), {}) is not False),
        booleans=("no-flag" if negative.strip() == f"--no-{positive.lstrip('-')}" else None)
        if is_pair
        else None,
        lists="repeat" if is_many else None,
        is_list=is_many or (isinstance(nargs, int) and nargs != 1),
    )
    if is_flag:
        if is_pair and option.booleans is None and default is not False:
            return asked(option, f"{negative.strip()} turns it off")
        return replace(option, default=bool(default) if is_pair or isinstance(default, bool) else False)
    if kind == "bool":
        option = replace(option, booleans=("true", "false"))
    return with_default(option, default)


def _type(node: ast.expr | None, script: Script) -> tuple[str, tuple[str | int | float | bool | None, ...]]:
    if node is None:
        return "", ()
    name = text_of(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    if name == "Choice" and isinstance(node, ast.Call) and node.args:
        choices = value_of(node.args[0], script.constants)
        return "str", tuple(choices) if isinstance(choices, list) else ()  # type: ignore[arg-type]
    return _KINDS.get(name, name), ()
