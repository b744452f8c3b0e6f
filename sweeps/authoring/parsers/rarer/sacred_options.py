"""The config of a sacred experiment, which its command line sets behind `with`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, without_repeats
from sweeps.authoring.parsers.annotations import setting_of
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.syntax import argument, keywords_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_OBSERVED = "log_scalar gives its metrics to observers, which sweep does not read: print them, or log them with MLflow, too"


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
    for target, made in script.bindings():
        if not (isinstance(target, ast.Name) and isinstance(made, ast.Call)):
            continue
        if script.is_named(made.func, "Experiment"):
            yield target.id, ""
        elif script.is_named(made.func, "Ingredient"):
            path = value_of(argument(made, 0), script.constants)
            yield from [(target.id, f"{path}.")] if isinstance(path, str) else []


def _settings(script: Script, made: dict[str, str]) -> Iterator[Option]:
    """What the functions and mappings say that are the config of one of them."""
    for node in script.nodes:
        match node:
            case ast.FunctionDef(decorator_list=decorators):
                for decorator in decorators:
                    match decorator:
                        case ast.Attribute(value=ast.Name(id=owner), attr="config") if owner in made:
                            yield from _of_function(node, script, made[owner])
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="add_config")) if owner in made:
                yield from _of_mapping(node, script, made[owner])


def _of_function(node: Function, script: Script, prefix: str) -> Iterator[Option]:
    """The names that the body of a function binds: the last comment of a line says what each is for."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
                told = script.comment_at(node.name, statement.end_lineno or 0)
                yield setting_of(f"{prefix}{name}", value, script.constants, one_line(told))


def _of_mapping(call: ast.Call, script: Script, prefix: str) -> Iterator[Option]:
    for name, value in keywords_of(call).items():
        yield setting_of(f"{prefix}{name}", value, script.constants)
    given = argument(call, 0)
    if isinstance(given, ast.Dict):
        for key, value in zip(given.keys, given.values, strict=True):
            if isinstance(text := value_of(key, script.constants), str):
                yield setting_of(f"{prefix}{text}", value, script.constants)
