"""Where the calls of a script stand: in a loop, in a function that a loop calls, and what the loops count from."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.script import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_LOOPS = (ast.For, ast.While, ast.AsyncFor)


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a call stands.

    Attributes:
        in_loop: Whether it stands in a loop of its function.
        function: The name of its function; empty: the module.
        is_repeated: Whether its function is called in a loop.
        firsts: Loop variables, with the number each begins with.
    """

    in_loop: bool
    function: str
    is_repeated: bool
    firsts: dict[str, int]


def call_places(script: Script) -> dict[int, CallPlace]:
    """Where each call of the script's own file and of used files stands."""
    called_in_loops = set(_called_in_loops(script))
    places: dict[int, CallPlace] = {}
    firsts = dict(_firsts(script))
    for root in script.nodes:
        if not isinstance(root, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        name = "" if isinstance(root, ast.Module) else root.name
        waiting: list[tuple[ast.AST, bool]] = [(child, False) for child in root.body]
        while waiting:
            node, in_loop = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Call):
                places[id(node)] = CallPlace(in_loop, name, name in called_in_loops or _is_hook(name), firsts)
            inside = in_loop or isinstance(node, _LOOPS)
            waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
    return places


def _called_in_loops(script: Script) -> Iterator[str]:
    """The last names of what loops call."""
    for node in script.nodes:
        for statement in node.body if isinstance(node, _LOOPS) else ():
            for inner in in_order(statement):
                if isinstance(inner, ast.Call):
                    yield script.dotted(inner.func).rpartition(".")[2]


def _is_hook(name: str) -> bool:
    """Whether a framework calls it, again and again."""
    return name.startswith("on_") or name.endswith(("_epoch_end", "_step"))


def _firsts(script: Script) -> Iterator[tuple[str, int]]:
    """The loop variables with the number that each begins with, where the source shows it."""
    for node in script.nodes:
        if not isinstance(node, ast.For | ast.AsyncFor):
            continue
        iterator = node.iter
        while (
            isinstance(iterator, ast.Call)
            and script.is_named(iterator.func, "tqdm", "trange", "track")
            and iterator.args
        ):
            if script.is_named(iterator.func, "trange"):
                break
            iterator = iterator.args[0]
        if not isinstance(iterator, ast.Call):
            continue
        if isinstance(node.target, ast.Name) and script.is_named(iterator.func, "range", "trange"):
            first = value_of(iterator.args[0], script.constants) if len(iterator.args) > 1 else 0
            yield node.target.id, first if isinstance(first, int) else 0
        elif (
            isinstance(node.target, ast.Tuple)
            and script.is_named(iterator.func, "enumerate")
            and isinstance(node.target.elts[0], ast.Name)
        ):
            start = (
                iterator.args[1]
                if len(iterator.args) > 1
                else next((k.value for k in iterator.keywords if k.arg == "start"), None)
            )
            first = value_of(start, {})
            yield node.target.elts[0].id, first if isinstance(first, int) else 0
