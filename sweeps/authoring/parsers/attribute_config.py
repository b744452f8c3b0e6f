"""Configs that a function fills attribute by attribute, such as `config.model.width = 64`: ml_collections, minGPT's CfgNode."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Interface, Option, asked, plain_name, without_repeats
from sweeps.authoring.parsers import argparse_options
from sweeps.authoring.parsers.annotations import setting_of
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.roles import is_output
from sweeps.authoring.syntax import keywords_of, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_DEEPEST = 4
_NODES = ("ConfigDict", "CfgNode", "ConfigNode", "EasyDict", "Namespace", "Munch")
_REST = ("...", "REMAINDER", "*", "+")
"""What `nargs` of argparse is for an option that takes all words which follow."""


def read(script: Script) -> Interface | None:
    """What a script takes through `config.merge_from_args(sys.argv[1:])`, or through yacs; None: it has no such call."""
    for call in script.calls("merge_from_args"):
        made = _made_by(call, script)
        if made is not None:
            options = without_repeats(settings_of(made, script.constants, script))
            return Interface(
                "its CfgNode",
                "literal",
                tuple(_taken(replace(option, flag=f"--{option.key}")) for option in options),
            )
    return _of_yacs(script)


def _of_yacs(script: Script) -> Interface | None:
    """What a script takes as `merge_from_list(args.opts)`: pairs of words, behind all other options."""
    taken = {
        part.attr
        for call in script.calls("merge_from_list")
        for argument in call.args
        for part in ast.walk(argument)
        if isinstance(part, ast.Attribute)
    }
    for call in script.calls("add_argument"):
        names = [text for argument in call.args if isinstance(text := value_of(argument, {}), str)]
        nargs = keywords_of(call).get("nargs")
        is_rest = nargs is not None and text_of(nargs).strip("'\"").rpartition("argparse.")[2] in _REST
        if is_rest and any(plain_name(name) in taken for name in names):
            flag = next((name for name in names if name.startswith("-")), "")
            options = (replace(option, flag=option.key, is_quiet=True) for option in _assigned(script))
            return Interface("yacs", "yacs", without_repeats([*_beside(script), *options]), rest_flag=flag)
    return None


def _beside(script: Script) -> Iterator[Option]:
    """The options of the parser itself that a command cannot do without: those that are required, and places for outputs."""
    for option in argparse_options.options_in(script):
        is_needed = option.is_required or (is_output(option) and not option.question)
        if option.flag and is_needed and "rank" not in option.key:  # which only a launcher gives
            yield option


def _assigned(script: Script) -> Iterator[Option]:
    """The settings of a config that modules fill, as `_C.MODEL.NAME = "resnet"`, with its defaults."""
    roots: dict[str, str] = {}
    for target, value in script.bindings():
        is_node = isinstance(value, ast.Call) and script_node(value, script)
        if is_node and isinstance(target, ast.Name):
            roots.setdefault(target.id, "")
        elif not is_node and isinstance(target, ast.Attribute) and (key := _dotted(target, roots)):
            yield setting_of(key, value, script.constants)


def _taken(option: Option) -> Option:
    """An option with a text that such a config reads back; it reads texts as Python, and ends at one that is none."""
    if isinstance(option.default, str):
        try:
            ast.parse(option.default, mode="eval")
        except (SyntaxError, ValueError):
            return asked(option, f"it is {option.default!r}, which merge_from_args cannot read")
    return option


def settings_of(
    function: Function,
    constants: Mapping[str, ast.expr],
    script: Script | None = None,
    prefix: str = "",
    depth: int = 0,
) -> Iterator[Option]:
    """The settings that a function gives the config that it returns, each with a dotted key.

    Args:
        function: The function.
        constants: What the names of constants stand for.
        script: Where other functions that make a part of the config are found; None: nowhere.
        prefix: What stands before each key.
        depth: How many functions it is called from.
    """
    returned = {
        node.value.id
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name)
    }
    roots = dict.fromkeys(returned, "")
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        keys = [key for target in node.targets if (key := _dotted(target, roots))]
        is_root = any(_dotted(target, roots) == "" for target in node.targets)
        if isinstance(node.value, ast.Call) and script_node(node.value, script):
            roots.update(
                {target.id: keys[0] for target in node.targets if isinstance(target, ast.Name) and keys}
            )
            for keyword in node.value.keywords if keys or is_root else ():
                if keyword.arg:
                    key = f"{keys[0]}.{keyword.arg}" if keys else keyword.arg
                    yield setting_of(f"{prefix}{key}", keyword.value, constants)
            continue
        made = _method(node.value, script) if script is not None and depth < _DEEPEST else None
        for key in keys:
            if made is not None:
                yield from settings_of(made, constants, script, f"{prefix}{key}.", depth + 1)
            else:
                is_own = script is not None and not depth
                told = script.comment_at(function.name, node.end_lineno or 0) if script and is_own else ""
                yield setting_of(f"{prefix}{key}", node.value, constants, one_line(told))


def script_node(call: ast.Call, script: Script | None) -> bool:
    """Whether a call makes an empty config."""
    name = script.dotted(call.func) if script is not None else text_of(call.func)
    return name.rpartition(".")[2] in _NODES


def _dotted(node: ast.expr, roots: dict[str, str]) -> str | None:
    """The key below the config that a target is; None: it is another's."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in roots:
        return None
    return ".".join(part for part in (roots[node.id], *parts) if part)


def _made_by(call: ast.Call, script: Script) -> Function | None:
    """The function whose config takes the arguments."""
    made = (_method(value, script) for value in script.bound_to(owner_of(call)))
    return next((function for function in made if function is not None), None)


def _method(node: ast.expr, script: Script) -> Function | None:
    """The function or the method of a class that an expression calls."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return script.functions.get(name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner in script.classes:
            methods = (one for one in script.classes[owner].body if isinstance(one, ast.FunctionDef))
            return next((method for method in methods if method.name == name), None)
    return None
