"""Flags of absl, and the config file of ml_collections that one of them may name."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, asked, kind_of, without_repeats
from sweeps.authoring.parsers.annotations import with_default
from sweeps.authoring.parsers.attribute_config import settings_of
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.source_file import read_source
from sweeps.authoring.syntax import argument, arguments_of
from sweeps.errors import ScriptError
from sweeps.program.named_paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.option import Default
    from sweeps.authoring.script import Script

CONFIG_FLAGS = ("--flagfile",)
KINDS = {
    "DEFINE_float": "float",
    "DEFINE_integer": "int",
    "DEFINE_string": "str",
    "DEFINE_bool": "bool",
    "DEFINE_boolean": "bool",
    "DEFINE_enum": "str",
    "DEFINE_enum_class": "enum",
    "DEFINE_list": "str",
    "DEFINE_spaceseplist": "str",
    "DEFINE_multi_string": "str",
    "DEFINE_multi_integer": "int",
    "DEFINE_multi_float": "float",
    "DEFINE_multi_enum": "str",
}


def read(script: Script) -> Interface | None:
    """What a script takes through absl's flags; None: it has none."""
    if not script.imports_from("absl", "tensorflow", "ml_collections"):
        return None
    required = {
        name
        for call in script.calls("mark_flag_as_required", "mark_flags_as_required")
        for name in _names(call, script)
    }
    options = [
        option for call in script.calls(*KINDS) if (option := _option(call, script, required)) is not None
    ]
    for call in script.calls("DEFINE_config_file", "DEFINE_config_dict"):
        config = list(_config(call, script))
        if config:
            return _of_config(call, script, options, config)
        prefix, _ = _named(call, script)
        if prefix in required:
            told = one_line(value_of(argument(call, 2), script.constants))
            options.insert(0, Option(prefix, "str", help=told, flag=f"--{prefix}", is_required=True))
        flags = (f"--{prefix}", *CONFIG_FLAGS)
        return Interface("absl", "absl", without_repeats(options), config_flags=flags)
    own = Interface("absl", "absl", without_repeats(options), config_flags=CONFIG_FLAGS)
    return own if options else None


def _names(call: ast.Call, script: Script) -> list[str]:
    value = value_of(argument(call, 0), script.constants)
    return [str(name) for name in (value if isinstance(value, list) else [value])]


def _option(call: ast.Call, script: Script, required: set[str]) -> Option | None:
    what = script.last_word(call.func)
    said = arguments_of(call, "name", "default", *(["enum_values"] if "enum" in what else []), "help")
    name = value_of(said.get("name"), script.constants)
    if not isinstance(name, str):
        return None
    choices = value_of(said.get("enum_values"), script.constants)
    is_many = "list" in what or "multi" in what
    option = Option(
        name,
        KINDS[what],
        choices=tuple(choices) if isinstance(choices, list) else (),
        help=one_line(value_of(said.get("help"), script.constants)),
        flag=f"--{name}",
        is_required=name in required or value_of(said.get("required"), {}) is True,
        lists="repeat" if "multi" in what else "comma" if is_many else None,
        is_list=is_many,
    )
    default = value_of(said.get("default"), script.constants)
    if isinstance(default, str) and is_many:
        default = [part.strip() for part in default.split(",") if part.strip()]
    option = with_default(option, default)
    if isinstance(default, list) and not default:
        return asked(option, "its default is an empty list")
    return option


def _config(call: ast.Call, script: Script) -> Iterator[Option]:
    """The keys that the default config file sets, each with a dotted name."""
    _, path = _named(call, script)
    tree = None
    if isinstance(path, str):
        file = path.partition(":")[0]  # behind it stands what get_config is given
        places = (script.folder / file, script.folder.parent / file, Path(file))
        found = list(filter(is_file, places))
        try:
            tree = read_source(found[0]).tree if found else None
        except ScriptError:
            return
    if tree is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "get_config":
            yield from settings_of(node, script.constants)


def _of_config(call: ast.Call, script: Script, flags: list[Option], config: list[Option]) -> Interface:
    """A config file's keys behind `--config.`, with the script's own flags as words of the command."""
    prefix, path = _named(call, script)
    words = tuple(
        f"--{option.key}={option.default}"
        for option in flags
        if not option.is_required
        and not option.question
        and option.default is not None
        and not isinstance(option.default, bool | list)
    )
    typed = (replace(one, kind=kind_of(one.default), flag=f"--{prefix}.{one.key}") for one in config)
    needed = [option for option in flags if option.is_required and option.key != prefix]
    comments = []
    if prefix != "config":
        comments.append(f"its config is the flag --{prefix}: say prefix: --{prefix}. beside the style")
    if isinstance(path, str) and path == _usual_file(script):
        comments.append(f"--{prefix} has no default: is it {path}?")
    before = (*words, *((f"--{prefix}={path}",) if isinstance(path, str) and path else ()))
    return Interface(
        "ml_collections",
        "ml_collections",
        (*needed, *without_repeats(typed)),
        before,
        comments=tuple(comments),
        config_flags=CONFIG_FLAGS,
    )


def _named(call: ast.Call, script: Script) -> tuple[str, Default]:
    """The name of the flag that names the config file, and the file: the one that is typed, else its default."""
    name, default = (value_of(argument(call, at), script.constants) for at in (0, 1))
    name = name if isinstance(name, str) else "config"
    return name, script.typed_value(f"--{name}") or default or _usual_file(script)


def _usual_file(script: Script) -> str | None:
    """The config file that lies beside the script under its usual name; None: there is none."""
    path = script.folder / "configs" / "default.py"
    return path.as_posix() if path.is_file() else None
