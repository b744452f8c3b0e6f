"""The names under which a script logs its metrics, as far as its source tells them."""

from __future__ import annotations

import ast
from itertools import islice, product
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import value_of
from sweeps.authoring.script import in_order
from sweeps.rundir.store_limits import MAX_NAME, of_name, plain_name
from sweeps.sources.printed import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.authoring.script import Function, Script

_OF_ONE = ("log", "log_metric", "add_scalar", "scalar", "log_value", "track")
_OF_MANY = ("log", "log_dict", "log_metrics", "log_values")
_ROWS = ("writerow", "dumps", "DictWriter")
"""What takes the columns of a table, or the keys of a line."""
_COUNTING = frozenset({*COUNTERS, "timestamp"})
_OTHERS = frozenset({"math", "cmath", "numpy", "torch", "jax.numpy", "logging"})
"""What else has a function `log`."""
_MOST = 100
_MOST_PARTS = 50
_BOTH = frozenset({"on_step", "on_epoch"})
"""With both of them Lightning adds a word to each name."""
_Calls: TypeAlias = "Mapping[str, Sequence[ast.Call]]"


def logged_names(script: Script) -> tuple[str, ...]:
    """The names of what it logs, as they are recorded: literal ones, and those made of what a function is called with.

    In `self.log(f"{stage}_loss", ...)` the stage is each text that the function is called with anywhere in the source.
    Names of columns count, too. Those that only an option turns on, as below `if args.evaluate:`, count where there are no others.

    Args:
        script: The script.

    Returns:
        The names, in the order of the source; so many at most.
    """
    found: dict[str, bool] = {}
    inside, calls, optional = _functions_of(script), _calls_of(script), _below_flags(script)
    for node in script.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        ending = "_epoch" if _is_of_both(node) else ""
        for name in _names(node, script):
            texts = islice(_texts(name, inside.get(id(node)), script, calls), _MOST)
            for text in texts:
                if text.lower() not in _COUNTING:
                    recorded = _recorded(text + ending)
                    found[recorded] = found.get(recorded, True) and id(node) in optional
        if len(found) >= _MOST:
            break
    usual = [name for name, is_optional in found.items() if not is_optional]
    return tuple(usual or found)[:_MOST]


def _below_flags(script: Script) -> set[int]:
    """The nodes below an `if` that asks for one attribute alone, such as `if args.evaluate:`."""
    return {
        id(inner)
        for node in script.nodes
        if isinstance(node, ast.If) and isinstance(node.test, ast.Attribute)
        for statement in node.body
        for inner in in_order(statement)
    }


def _recorded(name: str) -> str:
    """The name as every store takes it."""
    name = name[: MAX_NAME + 1]
    return plain_name(name) if of_name(name) is not None else name


def _names(call: ast.Call, script: Script) -> list[ast.expr]:
    """The expressions that name metrics in a call: its first argument, or the keys of a mapping."""
    assert isinstance(call.func, ast.Attribute)  # noqa: S101 - asked only of methods
    if call.func.attr in _ROWS:
        return [name for part in call.args for name in _columns(part, script)]
    first = _bound(call.args[0], script)
    if isinstance(first, ast.Dict):
        return _columns(first, script) if call.func.attr in _OF_MANY else []
    first = call.args[0]
    is_one = call.func.attr in _OF_ONE and len(call.args) > 1 and not _is_text(call.args[1])
    return [first] if is_one and script.dotted(call.func.value) not in _OTHERS else []


def _bound(node: ast.expr, script: Script) -> ast.expr:
    """What a name stands for, if that is a constant; else the expression itself."""
    return script.constants.get(node.id, node) if isinstance(node, ast.Name) else node


def _columns(node: ast.expr, script: Script) -> list[ast.expr]:
    """The keys of a mapping, or the words of a list, that are written out."""
    match _bound(node, script):
        case ast.Dict(keys=parts):
            return [part for part in parts if part is not None]
        case ast.List(elts=words) | ast.Tuple(elts=words):
            return [word for word in words if _is_text(word)]
        case _:
            return []


def _is_text(node: ast.expr) -> bool:
    """Whether it is a text, such as a message, which no metric's value is."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_of_both(call: ast.Call) -> bool:
    on = {
        word.arg
        for word in call.keywords
        if isinstance(word.value, ast.Constant) and word.value.value is True
    }
    return on >= _BOTH


def _functions_of(script: Script) -> dict[int, Function]:
    """The function that a call stands in, the innermost one, by the call's id."""
    found: dict[int, Function] = {}
    for node in script.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.update({id(inner): node for inner in ast.walk(node) if isinstance(inner, ast.Call)})
    return found


def _calls_of(script: Script) -> _Calls:
    """The calls by the last word of what they call."""
    found: dict[str, list[ast.Call]] = {}
    for node in script.nodes:
        if isinstance(node, ast.Call):
            found.setdefault(script.dotted(node.func).rpartition(".")[2], []).append(node)
    return found


def _texts(node: ast.expr, function: Function | None, script: Script, calls: _Calls) -> Iterator[str]:
    """What a name may be; nothing where only a run would tell."""
    places = _places(function)
    constants = {name: value for name, value in script.constants.items() if name not in places}
    value = value_of(node, constants)
    if isinstance(value, str):
        yield value
        return
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    if len(parts) <= _MOST_PARTS:
        choices = [list(_choices(part, function, constants, calls)) for part in parts]
        yield from ("".join(chosen) for chosen in product(*choices))


def _choices(
    part: ast.expr, function: Function | None, constants: Mapping[str, ast.expr], calls: _Calls
) -> Iterator[str]:
    """What a part of a text may be: a literal, or what a parameter is given by the calls of its function."""
    if isinstance(part, ast.FormattedValue):
        if part.format_spec is not None or part.conversion != -1:
            return
        part = part.value
    value = value_of(part, constants)
    if _is_word(value):
        yield str(value)
    elif isinstance(part, ast.Name) and function is not None and part.id in _places(function):
        given = (_given(part.id, function, call) for call in calls.get(function.name, ()))
        values = [value_of(node, constants) for node in given]
        yield from dict.fromkeys(str(value) for value in values if _is_word(value))


def _is_word(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _places(function: Function | None) -> list[str]:
    """The parameters of a function that a call gives by their places."""
    if function is None:
        return []
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args)]


def _given(name: str, function: Function, call: ast.Call) -> ast.expr | None:
    """What a call gives a parameter, or what it is without; None: the source does not tell."""
    places = _places(function)
    is_bound = isinstance(call.func, ast.Attribute) and places[:1] in (["self"], ["cls"])
    at = places.index(name)
    said = next((word.value for word in call.keywords if word.arg == name), None)
    before = call.args[: at - is_bound + 1]
    if said is not None or any(isinstance(one, ast.Starred) for one in before):
        return said
    if 0 <= at - is_bound < len(call.args):
        return call.args[at - is_bound]
    if any(word.arg is None for word in call.keywords):
        return None
    defaults = function.args.defaults
    from_end = at - len(places)
    return defaults[from_end] if -from_end <= len(defaults) else None
