"""The options of tyro and of Hugging Face's parser, where all of them are surely known: the fields of dataclasses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.parsers.annotations import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweeps.authoring.option import Interface
    from sweeps.authoring.script import Script

_KEYWORDS = frozenset({"default", "description", "prog"})
"""What `tyro.cli` may be given without a doubt about the options."""
_DEEPEST = 4


def options_of_tyro(script: Script, interface: Interface) -> frozenset[str] | None:
    """All options that `tyro.cli` takes of a dataclass, such as `--optim.lr`; None where that is not sure."""
    calls = list(script.calls("tyro.cli"))
    keywords = {keyword.arg for call in calls for keyword in call.keywords}
    if len(calls) != 1 or not calls[0].args or not keywords <= _KEYWORDS or _has_conf(script):
        return None
    return _names(interface) if _are_whole([_variable(calls[0].args[0])], script) else None


def options_of_hf(script: Script, interface: Interface) -> frozenset[str] | None:
    """All options that `HfArgumentParser` takes of dataclasses; None where that is not sure."""
    calls = list(script.calls("HfArgumentParser"))
    reads = list(script.calls("parse_args_into_dataclasses"))
    others = list(script.calls("add_argument", "TrlParser", "H4ArgumentParser"))
    if len(calls) != 1 or len(calls[0].args) != 1 or calls[0].keywords or others or not reads:
        return None
    if any(call.args or call.keywords for call in reads):
        return None
    node = calls[0].args[0]
    if isinstance(node, ast.Name) and node.id in script.constants:
        node = script.constants[node.id]
    parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return _names(interface) if _are_whole(map(_variable, parts), script) else None


def _names(interface: Interface) -> frozenset[str] | None:
    """The flags of what was read, with those that turn one off."""
    found = {"--help", "-h"}
    for option in interface.options:
        outer, dot, inner = option.key.rpartition(".")
        found |= {f"--{option.key}", f"--{outer}{dot}no_{inner}"}
    return frozenset(found) if interface.options else None


def _has_conf(script: Script) -> bool:
    """Whether names of options are changed by `tyro.conf`."""
    return any(origin.startswith("tyro.") for origin in script.imports.values()) or any(
        script.dotted(node).startswith("tyro.conf") for node in script.each(ast.Attribute)
    )


def _are_whole(names: Iterable[str], script: Script, depth: int = 0) -> bool:
    """Whether all fields of classes stand in the files of the script, and each is one option or a class of such."""
    for name in names:
        node = script.classes.get(name)
        if node is None or depth > _DEEPEST or not _is_dataclass(node):
            return False
        inner: list[str] = []
        for item in node.body:
            if not isinstance(item, ast.AnnAssign):
                continue
            said = said_by(item.annotation, script)
            known = [part.id for part in ast.walk(item.annotation) if isinstance(part, ast.Name)]
            held = [part for part in known if part in script.classes and said.kind != "enum"]
            if said.extra or (held and not (isinstance(said.node, ast.Name) and held == [said.node.id])):
                return False
            inner += held
        if not _are_whole([*map(_variable, node.bases), *inner], script, depth + 1):
            return False
    return True


def _variable(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in text_of(decorator) for decorator in node.decorator_list)
