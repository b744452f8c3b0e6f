"""Types and defaults of parameters and fields, as annotations say them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.option import Formula, Option, asked, kind_of
from sweeps.spec.fields import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.authoring.option import Default
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function
    from sweeps.spec.yaml_reader import Value

_LISTS = ("list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set", "Set")
_OPTIONAL = ("Optional",)
_WRAPPERS = ("Annotated", "Final", "ClassVar", "Positional", "Fixed", "Suppress")
_NUMBERS = {"int": int, "float": float}


@dataclass(frozen=True, slots=True)
class Said:
    """What an annotation says.

    Attributes:
        kind: The type's name.
        choices: The values it allows.
        is_list: Whether it is a list of the type.
        is_optional: Whether None is allowed.
        node: The type's own expression, behind `Optional`, `Annotated` and the like; None: there is no annotation.
        extra: What an `Annotated` says beside the type.
    """

    kind: str = ""
    choices: tuple[str | int | float | bool | None, ...] = ()
    is_list: bool = False
    is_optional: bool = False
    node: ast.expr | None = None
    extra: tuple[ast.expr, ...] = ()


def said_by(node: ast.expr | None, script: Script) -> Said:
    """Read an annotation; one in quotes is read as if it stood without them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
        try:
            node = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Said(text)
    if node is None:
        return Said()
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in _sides(node) if not _is_none(side)]
        inner = said_by(sides[0], script) if len(sides) == 1 else Said(text_of(node), node=node)
        return replace(inner, is_optional=len(sides) < len(_sides(node)))
    if isinstance(node, ast.Subscript):
        return _subscript(node, script)
    name = text_of(node).rpartition(".")[2]
    if name in _LISTS:
        return Said(is_list=True, node=node)
    if name in script.classes and (members := _members(script.classes[name], script)):
        return Said("enum", members, node=node)
    return Said(name, node=node)


def _subscript(node: ast.Subscript, script: Script) -> Said:
    name = text_of(node.value).rpartition(".")[2]
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _OPTIONAL:
        return replace(said_by(parts[0], script), is_optional=True)
    if name == "Union":
        sides = [side for side in parts if not _is_none(side)]
        inner = said_by(sides[0], script) if len(sides) == 1 else Said(text_of(node), node=node)
        return replace(inner, is_optional=len(sides) < len(parts))
    if name in _WRAPPERS:
        inner = said_by(parts[0], script)
        return replace(inner, extra=(*inner.extra, *parts[1:]))
    if name == "Literal":
        values = tuple(value_of(part, script.constants) for part in parts)
        kind = kind_of(values[0]) if values else ""
        return Said(kind, values, node=node)  # type: ignore[arg-type]
    if name in _LISTS:
        return replace(said_by(parts[0], script), is_list=True)
    return Said(text_of(node), node=node)


def _sides(node: ast.expr) -> list[ast.expr]:
    """The types of `A | B | None`, one after the other."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        found.insert(0, node.right)
        node = node.left
    return [node, *found]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _members(node: ast.ClassDef, script: Script) -> tuple[str | int | float | bool | None, ...]:
    """The values of an enum's members; none of a class that is no enum."""
    if not any("Enum" in text_of(base) for base in node.bases):
        return ()
    values = [value_of(item.value, script.constants) for item in node.body if isinstance(item, ast.Assign)]
    return tuple(value for value in values if isinstance(value, str | int))


def option_of(key: str, said: Said, default: ast.expr | None, script: Script) -> Option:
    """The option of a parameter or a field, by its annotation and its default; without one it is required."""
    value = value_of(default, script.constants)
    if isinstance(value, Formula) and said.kind == "enum" and isinstance(default, ast.Attribute):
        value = _member(default, script)
    kind = said.kind or kind_of(value)
    option = Option(
        key,
        kind,
        choices=said.choices,
        flag=f"--{key}",
        is_required=default is None,
        is_list=said.is_list or isinstance(value, list),
    )
    return with_default(option, value)


def _member(node: ast.Attribute, script: Script) -> Default:
    owner = script.classes.get(text_of(node.value))
    for item in owner.body if owner is not None else ():
        if isinstance(item, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == node.attr for t in item.targets
        ):
            return value_of(item.value, script.constants)
    return Formula(text_of(node))


def with_default(option: Option, value: Default) -> Option:
    """The option with a default that its type takes, or with the reason why it is no setting."""
    if isinstance(value, Formula):
        return asked(option, value.text)
    if isinstance(value, dict):
        return asked(option, f"its default is {value!r}")
    if isinstance(value, list):
        if any(isinstance(item, list | dict) for item in value):
            return asked(option, f"its default is {value!r}")
        return replace(option, default=[_typed(item, option.kind) for item in value])
    return replace(option, default=_typed(value, option.kind))


def setting_of(key: str, node: ast.expr, constants: Mapping[str, ast.expr], told: str = "") -> Option:
    """The option of a name, or a key, that the source gives a value, of whose type it is."""
    default = value_of(node, constants)
    return with_default(Option(key, kind_of(default), help=told, is_list=isinstance(default, list)), default)


def _typed(value: Value, kind: str) -> Value:
    """A whole number of an annotation `float` as a float."""
    if kind == "float" and is_whole(value):
        return float(value)
    if kind == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def parameters(
    function: Function | ast.Lambda, *, skip_first: bool = False
) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """The parameters of a function, without `self` where the first is skipped, each with its default; None: it has none."""
    arguments = function.args
    usual = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(usual) - len(arguments.defaults)), *arguments.defaults]
    yield from list(zip(usual, defaults, strict=True))[skip_first:]
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def described(function: Function | ast.ClassDef) -> dict[str, str]:
    """What a docstring says of each parameter, in Google's, numpy's or Sphinx's style: its first line."""
    found: dict[str, str] = {}
    lines = (ast.get_docstring(function) or "").splitlines()
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        words = line.strip()
        for beginning in (":param ", "@param "):
            words = words.removeprefix(beginning)
        name, colon, rest = words.partition(":")
        name = name.replace("(", " ").split(" ")[0].strip("`*")
        if colon and name.isidentifier() and name not in found:
            found[name] = rest.strip() if rest.strip() and " : " not in words else after.strip()
    return found
