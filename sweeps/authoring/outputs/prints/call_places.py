"""Where the calls of a script stand: in which loops, also those around the calls of their function, and what the loops count from."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.syntax import Function, argument, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_Root: TypeAlias = ast.Module | Function


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
    roots = (node for node in script.nodes if isinstance(node, _Root))
    spots = {id(node): (node, spot) for root in roots for node, spot in _spots(root)}
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


def _spots(root: _Root) -> Iterator[tuple[ast.Call, _Spot]]:
    """The calls of a function, without those of functions in it."""
    name = "" if isinstance(root, ast.Module) else root.name
    waiting: list[tuple[ast.AST, _Spot]] = [(child, _Spot(name)) for child in root.body]
    while waiting:
        node, spot = waiting.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node, replace(spot, line=node.lineno)
        waiting += [(child, _inside(node, child, spot)) for child in ast.iter_child_nodes(node)]


def _inside(node: ast.AST, child: ast.AST, spot: _Spot) -> _Spot:
    """Where a node's child stands."""
    if isinstance(node, _LOOPS):
        return replace(spot, loops=(*spot.loops, node))
    if isinstance(node, ast.If) and child is not node.test:
        told = text_of(node.test)
        condition = told if child in node.body else f"not {told}"
        return replace(spot, conditions=(*spot.conditions, condition))
    return spot


def _functions(script: Script, spots: dict[int, tuple[ast.Call, _Spot]]) -> _Functions:
    definitions, bodies = list(script.definitions()), (node.body for node in script.each(ast.ClassDef))
    found = _Functions(
        plain={node.name for node in definitions},
        methods={one.name for body in bodies for one in body if isinstance(one, Function)},
        hooks={node.name for node in definitions if any(map(_is_handler, node.decorator_list))},
    )
    modules = {origin.partition(".")[0] for origin in script.imports.values()}
    for call, spot in spots.values():
        top, _, _ = (dotted := script.dotted(call.func)).partition(".")
        name = dotted.rpartition(".")[2]
        is_plain = isinstance(call.func, ast.Name) or top in modules
        if name in (found.plain if is_plain else found.methods) and name != spot.function:
            found.called.setdefault(name, []).append(spot)
        for handed in _handed_over(call, found.plain):
            if spot.loops or _is_callback(call, handed):
                again = replace(spot, loops=(*spot.loops, handed))
                found.called.setdefault(handed, []).append(again)
    return found


def _handed_over(call: ast.Call, functions: set[str]) -> Iterator[str]:
    """The functions that a call gets as arguments."""
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return (name for name in map(name_of, given) if name in functions)


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
    match decorator:
        case ast.Call(func=ast.Attribute(attr="on")):
            return True
    return False


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
    for node in (one for one in script.nodes if isinstance(one, ast.For | ast.AsyncFor)):
        call = node.iter
        while isinstance(call, ast.Call) and script.is_named(call.func, "tqdm", "track") and call.args:
            call = call.args[0]
        match node.target, call:
            case ast.Name(id=name), ast.Call(func=func, args=args) if script.is_named(
                func, "range", "trange"
            ):
                first = value_of(args[0], script.constants) if len(args) > 1 else 0
            case ast.Tuple(elts=[ast.Name(id=name), *_]), ast.Call() if script.is_named(
                call.func, "enumerate"
            ):
                first = value_of(argument(call, 1, "start"), {})
            case _:
                continue
        yield name, first if isinstance(first, int) else 0
