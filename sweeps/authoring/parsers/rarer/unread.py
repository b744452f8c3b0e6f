"""Command lines whose reader is not in the source, or is of a kind that nothing here reads: said, not guessed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.option import UNKNOWN, Interface
from sweeps.authoring.syntax import called

if TYPE_CHECKING:
    from sweeps.authoring.script import Script

_READERS = {
    "getopt.getopt": "getopt",
    "getopt.gnu_getopt": "getopt",
    "gin.parse_config_files_and_bindings": "gin",
    "gin.parse_config_file": "gin",
    "parse_known_args": "argparse",
    "parse_args": "argparse",
    "parse_args_and_config": "argparse",
    "parse_arguments": "a parser",
    "parse_args_into_dataclasses": "HfArgumentParser",
    "overridable_config_cli": "tyro",
    "subcommand_cli_from_dict": "tyro",
    "pyrallis.parse": "pyrallis",
    "cyclopts.run": "cyclopts",
    "cyclopts.App": "cyclopts",
    "call_parse": "fastcore",
    "plac.call": "plac",
    "defopt.run": "defopt",
    "clize.run": "clize",
    "run_cli": "a parser",
}
"""What reads a command line, by how it is called."""
_STYLES = {
    "argparse": "argparse",
    "HfArgumentParser": "hf",
    "tyro": "tyro",
    "pyrallis": "hf",
    "fastcore": "argparse",
}
_OF_PARSERS = ("parse_args", "parse_known_args")
"""Names of argparse's methods, which other parsers have, too."""
_TYPE = "type them behind the script, as in `sweep init ... -- --lr 0.1 --no-amp`, or"
_SETTABLE = f"{_TYPE} write each under `defaults:` at the top level of this file, as lr: 0.1 for --lr 0.1"
_SPELLED = "how the program spells them is said here, as {style: argparse, dashes: true, booleans: no-flag}: `sweep recipe the-programs-arguments`"
_WRITTEN_BY_HAND = f'{_TYPE} write each into the command, as "--lr", "{{lr}}", and its value under `defaults:` at the top level of this file'
_TELLING = ("len", "print", "join", "repr", "str", "info", "debug")
"""What is given the words of a command line only to say them."""


def read(script: Script) -> Interface | None:
    """What reads the command line of a script whose options no other reader found; None: nothing does."""
    for call in script.calls(*_READERS):
        name, kind = next((name, kind) for name, kind in _READERS.items() if script.is_named(call.func, name))
        if name in _OF_PARSERS and not script.imports_from("argparse"):
            return _unread(_own_kind(script), text_of(call.func), "argparse")
        return _unread(kind, text_of(call.func))
    for decorator in (one for node in script.each(ast.FunctionDef) for one in node.decorator_list):
        func = called(decorator)
        kind = next((kind for name, kind in _READERS.items() if script.is_named(func, name)), "")
        if kind:
            return _unread(kind, f"@{text_of(func)}")
    return _unread("sys.argv", "sys.argv") if _own_kind(script) != UNKNOWN else None


def _own_kind(script: Script) -> str:
    return "sys.argv" if any(_takes_words(node, script) for node in script.nodes) else UNKNOWN


def _takes_words(node: ast.AST, script: Script) -> bool:
    """Whether it hands on, or goes through, all words of the command line; a look at the script's own name does not."""
    match node:
        case ast.Subscript(value=value, slice=ast.Slice()) | ast.For(iter=value):
            words = [value]
        case ast.Call(func=func, args=arguments):
            name = text_of(func).rpartition(".")[2]
            words = [] if name in _TELLING else list(arguments)
        case _:
            return False
    return any(isinstance(one, ast.Attribute) and script.dotted(one) == "sys.argv" for one in words)


def _unread(kind: str, where: str, style: str = "") -> Interface:
    """An interface of which no option is known; those of a usual parser can be set all the same."""
    told = f"it reads its command line by {where}, whose options its source does not show here: "
    style = style or _STYLES.get(kind, "")
    remedy = f"{_SETTABLE}; {_SPELLED}" if style else _WRITTEN_BY_HAND
    return Interface(kind, style, comments=(told + remedy,))
