"""The config of a sacred experiment, which its command line sets behind `with`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, kind_of, without_repeats
from sweeps.authoring.parsers.annotations import with_default
from sweeps.authoring.parsers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Function, Script

_OBSERVED = "log_scalar gives its metrics to observers, which sweep does not read: print them, or log them with MLflow, too"
_MAKERS = ("Experiment", "Ingredient")


def read(script: Script) -> Interface | None:
    """What a script takes behind `with`; None: it is no experiment of sacred."""
    if not script.imports_from("sacred"):
        return None
    made = dict(_made(script))
    if "" not in made.values():
        return None
    found = [Option("seed", "int", help="sacred seeds Python and numpy with it"), *_settings(script, made)]
    options = without_repeats(replace(option, flag=option.key) for option in found)
    comments = (_OBSERVED,) if any(script.calls("log_scalar")) else ()
    return Interface("sacred", "literal", options, rest_flag="with", comments=comments)


def _made(script: Script) -> Iterator[tuple[str, str]]:
    """The names of experiments and ingredients, each with what stands before its keys."""
    for node in script.nodes:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        if not script.is_named(node.value.func, *_MAKERS):
            continue
        is_whole = script.is_named(node.value.func, "Experiment")
        path = value_of(node.value.args[0] if node.value.args else None, script.constants)
        if is_whole or isinstance(path, str):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, "" if is_whole else f"{path}."


def _settings(script: Script, made: dict[str, str]) -> Iterator[Option]:
    """What the functions and mappings say that are the config of one of them."""
    for node in script.nodes:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                owner = (
                    decorator.value
                    if isinstance(decorator, ast.Attribute) and decorator.attr == "config"
                    else None
                )
                if isinstance(owner, ast.Name) and owner.id in made:
                    yield from _of_function(node, script, made[owner.id])
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "add_config"
        ):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in made:
                yield from _of_mapping(node, script, made[owner.id])


def _of_function(node: Function, script: Script, prefix: str) -> Iterator[Option]:
    """The names that the body of a function binds: the last comment of a line says what each is for."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
            if isinstance(target, ast.Name) and not target.id.startswith("_"):
                told = script.comment_at(node.name, statement.end_lineno or 0)
                yield _option(f"{prefix}{target.id}", value, script, one_line(told))


def _of_mapping(call: ast.Call, script: Script, prefix: str) -> Iterator[Option]:
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield _option(f"{prefix}{keyword.arg}", keyword.value, script)
    given = call.args[0] if call.args else None
    if isinstance(given, ast.Dict):
        for key, value in zip(given.keys, given.values, strict=True):
            if isinstance(name := value_of(key, script.constants), str):
                yield _option(f"{prefix}{name}", value, script)


def _option(key: str, value: ast.expr, script: Script, told: str = "") -> Option:
    default = value_of(value, script.constants)
    kind = kind_of(default)
    return with_default(Option(key, kind, help=told, is_list=isinstance(default, list)), default)
