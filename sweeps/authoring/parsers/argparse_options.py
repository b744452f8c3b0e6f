"""Options of argparse: `add_argument` in the script, in its functions and in the files beside it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Formula, Interface, Option, asked, without_repeats
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.script import TRAINING
from sweeps.authoring.syntax import argument, is_text, keywords_of, name_of, owner_of
from sweeps.authoring.truths import truth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sweeps.authoring.option import Default
    from sweeps.authoring.script import Script

_SKIPPED = ("help", "version")
_FLAGS = ("store_true", "store_false", "store_const", "BooleanOptionalAction")
_ADDERS = ("add_argument", "add_option")  # optparse's is like it
_TRUTH = re.compile(r"(?i)bool|boolean|str2b|true_?false")
_GROUPS = ("add_argument_group", "add_mutually_exclusive_group")
_PLAIN = ("int", "float", "str", "")
UNTYPED = "its default is no text, and without a type= a value from the command line arrives as text"


def read(script: Script) -> Interface | None:
    """What a script takes through argparse, or through what looks like it; None: nothing."""
    words = _subcommands(script)
    chosen = _chosen(script, list(words.values()))
    options: list[Option] = []
    outer: list[Option] = []
    changed = _set_defaults(script)
    exclusive = script.variables(_makes_exclusive_group)
    for call in _add_argument_calls(script):
        option = _option(call, script)
        if option is None:
            continue
        if option.key in changed:
            option = _set_default(option, changed[option.key], call, script)
        if owner_of(call) in exclusive and option.kind != "bool" and not option.question:
            option = asked(option, "it excludes others of its group")
        word = words.get(id(call), "")
        if word in {"", chosen}:
            (options if word == chosen else outer).append(option)
    if not options and not outer:
        return None
    comments = [
        f"{option.flag or option.key} stands before `{chosen}`; the script takes it with its default"
        for option in outer
        if not option.is_required
    ]
    return Interface(
        "argparse",
        "argparse",
        without_repeats(options),
        (chosen,) if chosen else (),
        comments=tuple(comments),
    )


def options_in(script: Script) -> list[Option]:
    """The options of its `add_argument`s, whichever parser has them."""
    return [option for call in _add_argument_calls(script) if (option := _option(call, script)) is not None]


def _add_argument_calls(script: Script) -> Iterator[ast.Call]:
    aliases = script.variables(lambda value: isinstance(value, ast.Attribute) and value.attr == _ADDERS[0])
    for call in script.each(ast.Call):
        names = aliases if isinstance(call.func, ast.Name) else _ADDERS
        if name_of(call.func) in names and is_text(argument(call, 0)):
            yield call


def _makes_exclusive_group(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(attr="add_mutually_exclusive_group")):
            return True
    return False


def _subcommands(script: Script) -> dict[int, str]:
    """The words of subcommands, by the calls that make their parsers, or add to these or to groups of them, in the order of the source.

    A variable may hold the parser of one after that of another.
    """
    held: dict[str, str] = {}
    found: dict[int, str] = {}
    early: list[tuple[str, ast.Call]] = []
    bound: Counter[str] = Counter()
    for node in script.nodes:
        if isinstance(node, ast.Assign) and isinstance(made := node.value, ast.Call):
            word = _word_of(made, held, script)
            for name in [target.id for target in node.targets if isinstance(target, ast.Name)]:
                if word:
                    held[name] = found[id(made)] = word
                    bound[name] += 1
                elif name in held:
                    del held[name]
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ADDERS
        ):
            owner = owner_of(node)
            if owner in held:
                found[id(node)] = held[owner]
            else:
                early.append((owner, node))
    later = {id(node): held[owner] for owner, node in early if owner in held and bound[owner] == 1}
    return found | later


def _word_of(made: ast.Call, held: Mapping[str, str], script: Script) -> str:
    """The word of the subcommand whose parser a call makes, or a group of it; empty: it makes neither."""
    if not isinstance(made.func, ast.Attribute):
        return ""
    if made.func.attr in _GROUPS:
        return held.get(owner_of(made), "")
    word = value_of(argument(made, 0), script.constants) if made.func.attr == "add_parser" else ""
    return word if isinstance(word, str) else ""


def _chosen(script: Script, words: Sequence[str]) -> str:
    """The subcommand that is typed, else the one that trains, else the first; empty: there is none."""
    wanted = [script.typed(words), *TRAINING]
    return next((word for word in wanted if word in words and word), words[0] if words else "")


def _set_defaults(script: Script) -> dict[str, Default]:
    return {
        name: value_of(value, script.constants)
        for call in script.calls("set_defaults")
        for name, value in keywords_of(call).items()
    }


def _set_default(option: Option, default: Default, call: ast.Call, script: Script) -> Option:
    """The option with what `set_defaults` says of it; a flag that is on then has none that turns it off."""
    if option.is_flag and option.booleans is None:
        return asked(replace(option, default=True), "set_defaults turns it on") if default is True else option
    return _with_default(
        replace(option, is_required=False, question=""), default, keywords_of(call).get("type"), script
    )


def _type_of(node: ast.expr | None) -> str:
    if node is None or isinstance(node, ast.Lambda):
        return "" if node is None else "lambda"
    return text_of(node).rpartition(".")[2].strip("'\"")


def _option(call: ast.Call, script: Script) -> Option | None:
    """The option that an `add_argument` makes; None: it is one that no sweep sets."""
    names = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    said = keywords_of(call)
    match said.get("action"):
        case None:
            how = ""
        case ast.Constant(value=value):
            how = str(value)
        case action:
            how = text_of(action).rpartition(".")[2]
    if how in _SKIPPED:
        return None
    flag = next(
        (name for name in names if name.startswith("--")), names[0] if names[0].startswith("-") else ""
    )
    option = Option(
        key=(flag or names[0]).lstrip("-"),
        kind=_type_of(said.get("type")),
        help=one_line(value_of(said.get("help"), script.constants)),
        flag=flag,
        metavar=one_line(value_of(said.get("metavar"), script.constants)),
        aliases=tuple(name for name in names if name.startswith("-") and name != flag),
        choices=_choices(said.get("choices"), script),
        is_required=(not flag and _is_needed(said.get("nargs")))
        or value_of(said.get("required"), {}) is True,
    )
    default = value_of(said.get("default"), script.constants)
    if how in _FLAGS:
        return _flag(option, how, default)
    if how == "count":
        return asked(
            replace(option, kind="count", default=0),
            "it counts how often it is given; write it into the command",
        )
    if how == "append":
        option = replace(option, lists="repeat", is_list=True)
    elif how == "extend" or ("nargs" in said and value_of(said["nargs"], {}) != "?"):
        option = replace(option, is_list=True)
    return _with_default(option, default, said.get("type"), script)


def _is_needed(nargs: ast.expr | None) -> bool:
    return nargs is None or value_of(nargs, {}) not in ("?", "*")


def _choices(node: ast.expr | None, script: Script) -> tuple[str | int | float | bool | None, ...]:
    """The choices, where they stand in the source as a list."""
    match node:
        case ast.Call(func=ast.Name(id="sorted" | "list" | "tuple"), args=[given, *_]):
            node = given
    found = value_of(node, script.constants)
    return tuple(found) if isinstance(found, list | dict) else ()  # type: ignore[arg-type]


def _flag(option: Option, how: str, default: Default) -> Option:
    if how == "BooleanOptionalAction":
        option = replace(
            option, kind="bool", booleans="no-flag", default=default if isinstance(default, bool) else None
        )
        return option if not isinstance(default, Formula) else asked(option, default.text)
    if how == "store_true" and default is True:
        return asked(replace(option, kind="bool", default=True), "it is on with the option and without")
    return replace(option, kind="bool", default=False)


def _with_default(option: Option, default: Default, node: ast.expr | None, script: Script) -> Option:
    """The option with its default, as the words of a command give it back; or with the reason why they cannot."""
    kind, truth = _type_of(node), truth_of(node, script)
    if truth is not None and not option.is_list and (truth.is_plain or isinstance(default, bool)):
        return _true_or_false(replace(option, kind="bool", booleans=truth.words), default, truth.of)
    if kind and _TRUTH.search(kind):
        words = ("True", "") if kind == "bool" else ("True", "False")
        option = replace(option, kind="bool", booleans=words)
        return _true_or_false(option, default, lambda text: text.lower() in {"true", "yes", "1"})
    if default is None:
        return option
    if isinstance(default, Formula):
        return asked(option, default.text)
    option = replace(option, default=default)
    items = default if isinstance(default, list) else [default]
    if isinstance(default, list) != option.is_list:
        return asked(option, f"its default is {default!r}")
    if isinstance(default, list) and not default and option.lists is None:
        return asked(option, "its default is an empty list")
    typed = [_typed(item, kind) for item in items]
    if any(item is None for item in typed):
        return asked(option, UNTYPED if not kind else f"{kind} makes its value")
    return replace(option, default=typed if isinstance(default, list) else typed[0])  # type: ignore[arg-type]


def _true_or_false(option: Option, default: Default, of: Callable[[str], bool | None]) -> Option:
    """The option with its default as true or false; a text is what its type makes of it, as argparse has it."""
    value = of(default) if isinstance(default, str) else default
    if isinstance(value, int) and value in (0, 1):
        value = bool(value)
    if isinstance(value, bool) or default is None:
        return replace(option, default=value)
    return asked(option, text_or(default))


def _typed(value: Default, kind: str) -> str | int | float | None:
    """A default as its type reads it; None: the words of a command do not give it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        if kind == "int":
            return int(value) if not isinstance(value, float) or value.is_integer() else None
        if kind == "float":
            return float(value)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def text_or(value: Default) -> str:
    """An expression's text, or the value as Python writes it."""
    return value.text if isinstance(value, Formula) else repr(value)
