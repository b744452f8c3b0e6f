"""Reads what a config file sets, as far as it stands there literally: YAML, JSON, TOML, and Python's assignments."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import yaml

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Formula
from sweeps.authoring.source_file import MOST_BYTES, read_source
from sweeps.authoring.syntax import is_stored
from sweeps.errors import ScriptError
from sweeps.program.config_file import ENDINGS, content_of, flat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sweeps.authoring.option import Default

_DEEPEST = 8
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")


def values_of_file(path: Path, constants: Mapping[str, ast.expr]) -> dict[str, Default] | None:
    """What a config file sets, by dotted keys; a value that it computes is a formula.

    Args:
        path: The file. Nothing of it is run.
        constants: What names stand for that a file of Python finds when the script runs it.

    Returns:
        The values; None: it cannot be read.
    """
    try:
        if path.suffix == ".py":
            return _assigned(read_source(path).tree, constants)
        if path.stat().st_size > MOST_BYTES:
            return None
        content = _content(path)
    except (OSError, ValueError, RecursionError, ScriptError):
        return None
    return values_of(content) if isinstance(content, dict) else None


def values_of(content: Mapping[Any, Any]) -> dict[str, Default]:
    """What a config sets, by dotted keys; a value that no setting can have is a formula."""
    return {key: value_in_file(value) for key, value in flat(content, _DEEPEST)}


def _content(path: Path) -> Any:
    """What a file says.

    Raises:
        ValueError: It is not what its ending says, or no format that is known.
    """
    if path.suffix not in ENDINGS:
        raise ValueError(path.suffix)
    try:
        return content_of(path)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def value_in_file(value: Any) -> Default:
    """A value as a file of ours has it; a text that looks like 1e-3 is the number that most readers take it for."""
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        return float(value)
    if isinstance(value, list):
        items = [value_in_file(item) for item in value]
        is_plain = all(isinstance(item, bool | int | float | str) for item in items)
        return items if is_plain else Formula(str(value))  # type: ignore[return-value]
    return value if isinstance(value, bool | int | float | str | None) else Formula(str(value))


def _assigned(tree: ast.Module, constants: Mapping[str, ast.expr]) -> dict[str, Default]:
    """The names that a module binds."""
    known = dict(constants)
    found: dict[str, Default] = {}
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found[name] = value_of(value, known)
                known[name] = value
            case _:
                bound = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and is_stored(part)]
                found.update({name: Formula("computed there") for name in bound})
                for name in bound:
                    known.pop(name, None)
    return found
