"""Where the calls of a script stand: in which loops, also those around the calls of their function, and what the loops count from."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import text_of, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a call stands.

    Attributes:
        in_loop: Whether it stands in a loop of its function.
        function: The name of its function; empty: the module.
        is_repeated: Whether its function is called in a loop.
        firsts: Loop variables, with the number each begins with.
        loops: The loops around it, the outermost first, also those around the calls of its function. A function that is
            handed over, such as the closure of an optimizer, is called again and again: that is a loop, too.
        order: The lines that lead to it, those of the calls of its function before its own.
        conditions: What has to hold in these loops for it to be reached.
        counts_on: The variables of the outermost loop.
        begins_anew: Those of the others: they begin anew while an outer loop goes on.
        is_called_back: Whether something calls it, nobody knows how often.
        is_reached: Whether the source shows how it is come to: not in a method that only others call.
    """

    in_loop: bool
    function: str
    is_repeated: bool
    firsts: dict[str, int]
    loops: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    conditions: frozenset[str] = frozenset()
    counts_on: frozenset[str] = frozenset()
    begins_anew: frozenset[str] = frozenset()
    is_called_back: bool = False
    is_reached: bool = True

    @property
    def is_once(self) -> bool:
        """Whether a run comes to it once: outside of every loop."""
        return self.is_reached and not self.loops and not self.is_repeated


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a node stands in its function: its line, the loops and the conditions around it.

    The name of a function among the loops: there it is handed over.
    """

    function: str
    line: int = 0
    loops: tuple[ast.AST | str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass
class _Functions:
    """The functions of a script, and where each is called or handed over."""

    plain: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    called: dict[str, list[_Spot]] = field(default_factory=dict)
    hooks: set[str] = field(default_factory=set)

    def is_hook(self, name: str) -> bool:
        """Whether a framework calls it, again and again."""
        return name in self.hooks or name.startswith("on_") or name.endswith(("_epoch_end", "_step"))


def call_places(script: Script) -> dict[int, CallPlace]:
    """Where each call of the script's own file and of used files stands."""
    firsts = dict(_firsts(script))
    spots = {id(node): (node, spot) for root in _roots(script) for node, spot in _spots(root)}
    functions = _functions(script, spots)
    ways: dict[str, tuple[_Spot, ...]] = {"": ()}
    places: dict[int, CallPlace] = {}
    for key, (_, spot) in spots.items():
        way = _way(spot.function, functions, ways)
        whole = (*way, spot)
        loops = tuple(loop for one in whole for loop in one.loops)
        places[key] = CallPlace(
            bool(spot.loops),
            spot.function,
            any(one.loops for one in way) or any(map(functions.is_hook, (one.function for one in whole))),
            firsts,
            tuple(hash(loop) if isinstance(loop, str) else id(loop) for loop in loops),
            tuple(one.line for one in whole),
            frozenset(condition for one in whole for condition in one.conditions),
            *_variables(loops),
            any(isinstance(loop, str) for loop in loops),
            bool(way) or spot.function not in functions.methods,
        )
    return places


def _roots(script: Script) -> Iterator[ast.Module | _Function]:
    for node in script.nodes:
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _spots(root: ast.Module | _Function) -> Iterator[tuple[ast.Call, _Spot]]:
    """The calls of a function, without those of functions in it."""
    name = "" if isinstance(root, ast.Module) else root.name
    waiting: list[tuple[ast.AST, _Spot]] = [(child, _Spot(name)) for child in root.body]
    while waiting:
        node, spot = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node, _Spot(name, node.lineno, spot.loops, spot.conditions)
        waiting += [(child, _inside(node, child, spot)) for child in ast.iter_child_nodes(node)]


def _inside(node: ast.AST, child: ast.AST, spot: _Spot) -> _Spot:
    """Where a node's child stands."""
    if isinstance(node, _LOOPS):
        return _Spot(spot.function, spot.line, (*spot.loops, node), spot.conditions)
    if isinstance(node, ast.If) and child is not node.test:
        told = text_of(node.test)
        condition = told if child in node.body else f"not {told}"
        return _Spot(spot.function, spot.line, spot.loops, (*spot.conditions, condition))
    return spot


def _functions(script: Script, spots: dict[int, tuple[ast.Call, _Spot]]) -> _Functions:
    found = _Functions()
    for node in script.nodes:
        if isinstance(node, ast.ClassDef):
            found.methods |= {
                one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.plain.add(node.name)
            if any(_is_handler(decorator) for decorator in node.decorator_list):
                found.hooks.add(node.name)
    modules = {origin.partition(".")[0] for origin in script.imports.values()}
    for call, spot in spots.values():
        top, _, _ = (dotted := script.dotted(call.func)).partition(".")
        name = dotted.rpartition(".")[2]
        is_plain = isinstance(call.func, ast.Name) or top in modules
        if name in (found.plain if is_plain else found.methods) and name != spot.function:
            found.called.setdefault(name, []).append(spot)
        for handed in _handed_over(call, found.plain):
            if spot.loops or _is_callback(call, handed):
                again = _Spot(spot.function, spot.line, (*spot.loops, handed), spot.conditions)
                found.called.setdefault(handed, []).append(again)
    return found


def _handed_over(call: ast.Call, functions: set[str]) -> Iterator[str]:
    """The functions that a call gets as arguments."""
    for value in (*call.args, *(keyword.value for keyword in call.keywords)):
        name = (
            value.attr
            if isinstance(value, ast.Attribute)
            else value.id
            if isinstance(value, ast.Name)
            else ""
        )
        if name in functions:
            yield name


def _is_callback(call: ast.Call, handed: str) -> bool:
    """Whether a call says of a function that it gets that it is called back."""
    return any(
        keyword.arg is not None
        and "callback" in keyword.arg
        and any(isinstance(part, ast.Name) and part.id == handed for part in ast.walk(keyword.value))
        for keyword in call.keywords
    )


def _way(name: str, functions: _Functions, known: dict[str, tuple[_Spot, ...]]) -> tuple[_Spot, ...]:
    """The spots of the calls that lead to a function, the outermost first: of several such ways the one through most loops."""
    if name not in known:
        known[name] = ()  # for functions that call each other
        ways = [(*_way(spot.function, functions, known), spot) for spot in functions.called.get(name, ())]
        known[name] = max(ways, key=lambda way: sum(len(spot.loops) for spot in way), default=())
    return known[name]


def _is_handler(decorator: ast.expr) -> bool:
    """Whether a decorator has it called at events, as `@trainer.on(...)`."""
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "on"
    )


def _variables(loops: tuple[ast.AST | str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The variables of the outermost loop, and those that only the others have."""
    names = [
        frozenset(part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name))
        if isinstance(loop, ast.For | ast.AsyncFor)
        else frozenset[str]()
        for loop in loops
    ]
    first = names[0] if names else frozenset[str]()
    return first, frozenset[str]().union(*names[1:]) - first


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
