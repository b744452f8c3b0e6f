"""The parameters of functions and classes as options: Fire, jsonargparse's CLI, and functions of tyro."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, without_repeats
from sweeps.authoring.parsers.annotations import described, option_of, parameters, said_by
from sweeps.authoring.parsers.texts import one_line
from sweeps.authoring.script import TRAINING
from sweeps.authoring.syntax import argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.option import Option
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_PREFERRED = (*TRAINING, "__call__")
_JSONARGPARSE = ("jsonargparse.CLI", "jsonargparse.auto_cli")


def read_fire(script: Script) -> Interface | None:
    """What a script takes through `fire.Fire(...)`; None: it has none."""
    for call in script.calls("fire.Fire"):
        return _of_component(call, script, "Fire", "fire")
    return None


def read_jsonargparse(script: Script) -> Interface | None:
    """What a script takes through `jsonargparse.CLI(...)`; None: it has none."""
    for call in script.calls(*_JSONARGPARSE):
        found = _of_component(call, script, "jsonargparse", "jsonargparse")
        return replace(found, config_flags=("--config",))
    return None


def options_of(
    function: Function | ast.Lambda, script: Script, *, of_class: bool = False, prefix: str = ""
) -> list[Option]:
    """The parameters of a function as options, `self` left out where it is of a class, with a prefix before each key."""
    told = {} if isinstance(function, ast.Lambda) else described(function)
    found = []
    for taken, default in parameters(function, skip_first=of_class):
        option = option_of(f"{prefix}{taken.arg}", said_by(taken.annotation, script), default, script)
        found.append(replace(option, help=one_line(told.get(taken.arg, ""))))
    return found


def init_of(node: ast.ClassDef, script: Script) -> tuple[Function | None, ast.ClassDef]:
    """The constructor of a class, or of the class that it inherits it from, with the class that has it."""
    seen = set()
    while node.name not in seen:
        seen.add(node.name)
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                return item, node
        bases = [
            script.classes[base.id]
            for base in node.bases
            if isinstance(base, ast.Name) and base.id in script.classes
        ]
        if not bases:
            break
        node = bases[0]
    return None, node


def _of_component(call: ast.Call, script: Script, kind: str, style: str) -> Interface:
    component = argument(call, 0, "component", "components")
    words: tuple[str, ...] = ()
    if isinstance(component, ast.Dict):
        names = [str(value_of(key, script.constants)) for key in component.keys]
        word = _preferred(names, script)
        component = component.values[names.index(word)]
        words = (word,)
    elif isinstance(component, ast.List | ast.Tuple) and component.elts:
        names = [element.id for element in component.elts if isinstance(element, ast.Name)]
        if names:
            words = (_preferred(names, script),)
            component = ast.Name(words[0])
    elif component is None:
        own = [node.name for node in script.source.tree.body if isinstance(node, ast.FunctionDef)]
        if not own:
            return Interface(kind, style)
        words = (_preferred(own, script),)
        component = ast.Name(words[0])
    if isinstance(component, ast.Lambda):
        return Interface(kind, style, tuple(options_of(component, script)), words)
    component = component.func if isinstance(component, ast.Call) else component
    name = component.id if isinstance(component, ast.Name) else ""
    if name in script.functions:
        return Interface(kind, style, tuple(options_of(script.functions[name], script)), words)
    if name in script.classes:
        return _of_class(script.classes[name], script, kind, style, words)
    return Interface(
        kind,
        style,
        (),
        words,
        comments=(f"what {kind} calls is not in the files beside the script: which options does it take?",),
    )


def _of_class(node: ast.ClassDef, script: Script, kind: str, style: str, words: tuple[str, ...]) -> Interface:
    constructor, _ = init_of(node, script)
    options = options_of(constructor, script, of_class=True) if constructor is not None else []
    methods = [
        item
        for item in node.body
        if isinstance(item, ast.FunctionDef) and (not item.name.startswith("_") or item.name == "__call__")
    ]
    if methods:
        word = _preferred([method.name for method in methods], script)
        method = next(item for item in methods if item.name == word)
        if word != "__call__":
            words = (*words, word)
        options += options_of(method, script, of_class=True)
    return Interface(kind, style, without_repeats(options), words)


def _preferred(names: Sequence[str], script: Script) -> str:
    return script.typed(names) or next((name for name in _PREFERRED if name in names), names[0])
