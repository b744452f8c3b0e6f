"""Settings that OmegaConf reads from the command line as `key=value`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.option import Interface, Option, without_repeats
from sweeps.authoring.parsers.dataclass_options import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_METHODS = ("get", "pop", "keys", "items", "copy", "update")


def read(script: Script) -> Interface | None:
    """What a script takes through `OmegaConf.from_cli()`; None: it has no such call."""
    for call in script.calls("OmegaConf.from_cli"):
        if call.args:
            continue  # words that something else has read before
        known = [replace(option, flag=option.key, is_quiet=True) for option in _structured(script)]
        asked = [option for option in _asked(call, script) if option.key not in {one.key for one in known}]
        comments = () if known else ("its settings are in a config file: which keys does it have?",)
        return Interface("OmegaConf", "hydra", without_repeats([*asked, *known]), comments=comments)
    return None


def _structured(script: Script) -> Iterator[Option]:
    """The fields of the class that the settings are checked by."""
    for call in script.calls("OmegaConf.structured"):
        given = call.args[0] if call.args else None
        node = given.func if isinstance(given, ast.Call) else given
        if isinstance(node, ast.Name) and node.id in script.classes:
            yield from fields_of(script.classes[node.id], script)


def _asked(call: ast.Call, script: Script) -> Iterator[Option]:
    """The words that the source takes from the command line itself, such as `cli.config`, the path of a file."""
    names = script.variables(lambda value: value is call)
    for node in script.each(ast.Attribute):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Load()) if owner in names:
                if name not in _METHODS:
                    yield Option(name, "str", flag=name, is_required=True)
