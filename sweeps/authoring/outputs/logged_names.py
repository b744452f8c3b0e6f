"""The names under which a script logs its metrics, as far as its source tells them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.outputs.mapping_keys import Mappings, joined
from sweeps.authoring.outputs.prints.call_places import call_places
from sweeps.authoring.outputs.prints.listed_values import SETTINGS
from sweeps.authoring.outputs.prints.number_names import STRONG
from sweeps.authoring.outputs.prints.printers import LEVELS, is_printer, is_to_file, printers_of
from sweeps.authoring.parsers.annotations import parameters
from sweeps.authoring.script import in_order
from sweeps.authoring.syntax import argument, is_text, keywords_of, parameters_of
from sweeps.rundir.store_limits import MAX_NAME, of_name, plain_name
from sweeps.sources.counters import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.authoring.outputs.mapping_keys import Entry
    from sweeps.authoring.outputs.prints.call_places import CallPlace
    from sweeps.authoring.script import Script
    from sweeps.authoring.syntax import Function

_OF_ONE = ("log", "log_metric", "add_scalar", "scalar", "log_value", "track")
_OF_MANY = ("log", "log_dict", "log_metrics", "log_values")
_ROWS = ("writerow", "writerows", "DictWriter")
"""What takes the columns of a table."""
_DUMPS = frozenset(f"{package}.{name}" for package in ("json", "ujson", "orjson", "simplejson") for name in ("dump", "dumps"))  # fmt: skip
_PRINTS = frozenset({"print", "pprint.pprint", "rich.print"})
_TABLES = ("pandas.DataFrame", "polars.DataFrame")
"""What makes a table of mappings, or of a list of them."""
_HEADER = re.compile(r"[A-Za-z][\w/@.-]*( ?, ?[A-Za-z][\w/@.-]*)+\n")
_SETTING = re.compile(
    r"(?i)(self\.)?(args?|conf(ig)?|cfg|hparams|hp|opts?|options|flags|settings?|params?|vars)\b"
)
"""How the value of a setting begins, such as `args.lr`."""
_DEEPEST = 3
"""So deep are mappings that stand in one another followed."""
_COUNTING = frozenset({*COUNTERS, "timestamp"})
_OTHERS = frozenset({"math", "cmath", "numpy", "torch", "jax.numpy", "logging"})
"""What else has a function `log`."""
_MOST = 100
_MOST_PARTS = 50
_BOTH = frozenset({"on_step", "on_epoch"})
"""With both of them Lightning adds a word to each name."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What a script logs.

    Attributes:
        names: The names, as they are recorded, in the order of the source; so many at most.
        once: Those of which a run has one value.
        printed: Those that it prints, and logs nowhere else, also not in a group such as `eval/`.
    """

    names: tuple[str, ...]
    once: frozenset[str]
    printed: frozenset[str] = frozenset()


def logged_by(script: Script) -> Logged:
    """The names of what it logs, as they are recorded: literal ones, and those made of what a function is called with.

    In `self.log(f"{stage}_loss", ...)` the stage is each text that the function is called with anywhere in the source.
    Names of columns count, too. Those that only an option turns on, as below `if args.evaluate:`, count where there are no others.

    What it logs outside every loop, as at its end, it logs once. Rows of tables and documents are left out there: a table that is
    written once may hold a row an epoch. So are methods that the source does not call: something else does, nobody knows how often.
    """
    calls: dict[str, list[ast.Call]] = {}
    for call, name in _logged(script):
        calls.setdefault(name, []).append(call)
    optional, places = _below_flags(script), script.once(call_places)
    usual = [name for name, by in calls.items() if any(id(call) not in optional for call in by)]
    once = frozenset(name for name, by in calls.items() if all(_is_once(call, places) for call in by))
    shown = _inside_prints(script)
    elsewhere = {_last_part(name) for name, by in calls.items() if any(id(call) not in shown for call in by)}
    printed = frozenset(name for name in calls if _last_part(name) not in elsewhere)
    return Logged(tuple(usual or calls)[:_MOST], once, printed)


def _last_part(name: str) -> str:
    """What a name says without the group that it stands in: `loss` of `train/loss`."""
    return name.rpartition("/")[2].lower()


def _inside_prints(script: Script) -> set[int]:
    """The nodes of what it prints, or hands to a logger of texts."""
    printers = script.once(printers_of)
    prints = (call for call in script.each(ast.Call) if _is_print(call.func, script, printers))
    return {id(inner) for call in prints for inner in ast.walk(call)}


def _is_print(func: ast.expr, script: Script, printers: frozenset[str]) -> bool:
    is_log = isinstance(func, ast.Attribute) and func.attr in LEVELS
    return is_log or script.dotted(func) in _PRINTS or is_printer(func, printers)


def _is_once(call: ast.Call, places: Mapping[int, CallPlace]) -> bool:
    """Whether a run comes once to a call that logs by a method."""
    place, method = places.get(id(call)), call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return place is not None and place.is_once and method in {*_OF_ONE, *_OF_MANY}


def _logged(script: Script) -> Iterator[tuple[ast.Call, str]]:
    """Each call that logs with a name under which it does, as it is recorded; so many names at most."""
    inside, mappings = script.scopes, script.once(Mappings)
    found: set[str] = set()
    for node in script.each(ast.Call):
        if not node.args:
            continue
        ending = "_epoch" if _is_of_both(node) else ""
        for name in _names(node, script, mappings):
            function = inside.get(id(name)) or inside.get(id(node))
            texts = islice(_texts(name, function, script), _MOST)
            recorded = [_recorded(text + ending) for text in texts if text.lower() not in _COUNTING]
            yield from ((node, text) for text in recorded)
            found.update(recorded)
        if len(found) >= _MOST:
            break


def _below_flags(script: Script) -> set[int]:
    """The nodes below an `if` that asks for one attribute alone, such as `if args.evaluate:`."""
    bodies = (node.body for node in script.each(ast.If) if isinstance(node.test, ast.Attribute))
    return {id(inner) for body in bodies for statement in body for inner in in_order(statement)}


def _recorded(name: str) -> str:
    """The name as every store takes it."""
    name = name[: MAX_NAME + 1]
    return plain_name(name) if of_name(name) is not None else name


def _names(call: ast.Call, script: Script, mappings: Mappings) -> Iterator[ast.expr]:
    """The expressions that name metrics in a call: its first argument, the keys of a mapping, or the columns of a table."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else script.last_word(call.func)
    first = call.args[0]
    if name in _ROWS or _shows_mapping(call, script):
        columns = [] if _is_of_settings(call, mappings) else list(_columns(call, mappings))
        if any(map(_tells, columns)):
            yield from columns
    elif name == "write":
        yield from _header(first)
    elif isinstance(call.func, ast.Attribute):
        if _is_mapping(first, mappings):
            yield from (key for key, _ in mappings.entries(first)) if name in _OF_MANY else ()
        elif name in _OF_ONE and len(call.args) > 1 and not _is_message(call.args[1]):
            yield from [first] if script.dotted(call.func.value) not in _OTHERS else []


def _shows_mapping(call: ast.Call, script: Script) -> bool:
    """Whether a call writes a mapping as JSON, or prints what it is given as it is."""
    if script.dotted(call.func) in _PRINTS:
        return not is_to_file(call) and len(call.args) == 1 and not _is_message(call.args[0])
    return script.dotted(call.func) in _DUMPS or script.is_named(call.func, *_TABLES)


def _tells(key: ast.expr) -> bool:
    """Whether a key says that metrics stand beside it: it is a counter, or the name of a metric."""
    words = text_of(key).removeprefix("f").strip("'\"")
    return words.lower() in _COUNTING or STRONG.search(re.sub(r"\W+", "_", words)) is not None


def _columns(call: ast.Call, mappings: Mappings) -> Iterator[ast.expr]:
    """The keys of the mappings that a call writes, and the words of a table's head."""
    fields = keywords_of(call).get("fieldnames")
    for part in (*call.args, *([fields] if fields is not None else [])):
        yield from _keys(mappings.entries(part), mappings, _DEEPEST)
        yield from mappings.words(part)


def _keys(entries: Sequence[Entry], mappings: Mappings, depth: int) -> Iterator[ast.expr]:
    """The keys whose values may be measured; a key in another one's mapping stands behind it."""
    for key, value in entries:
        inner = mappings.entries(value) if value is not None and depth else []
        if inner and not mappings.is_list(value):
            yield from (joined(key, one) for one in _keys(inner, mappings, depth - 1))
        elif inner:
            yield from _keys(inner, mappings, depth - 1)
        elif value is None or not (_is_message(value) or _is_setting(value)):
            yield key


def _is_setting(node: ast.expr) -> bool:
    """Whether a value is a setting, such as `args.lr`, or a truth."""
    is_truth = isinstance(node, ast.Constant) and isinstance(node.value, bool)
    return is_truth or _SETTING.match(text_of(node)) is not None


def _is_of_settings(call: ast.Call, mappings: Mappings) -> bool:
    """Whether a call writes settings, by the name of what it is given, or of the file that it writes to."""
    into = [
        value for part in call.args[1:] if isinstance(part, ast.Name) for value in mappings.bound_to(part)
    ]
    names = [part for part in call.args[:1] if isinstance(part, ast.Name | ast.Attribute)]
    return any(SETTINGS.search(text_of(part)) for part in (*names, *call.args[1:], *into))


def _header(node: ast.expr) -> Iterator[ast.expr]:
    """The columns of a head that is written as text: `epoch,loss` and the end of its line."""
    match node:
        case ast.Constant(value=str(text)) if _HEADER.fullmatch(text):
            yield from (ast.Constant(word.strip()) for word in text.split(","))


def _is_mapping(node: ast.expr, mappings: Mappings) -> bool:
    return isinstance(node, ast.Dict) or bool(mappings.entries(node))


def _is_message(node: ast.expr) -> bool:
    """Whether it is a text, which no metric's value is."""
    return isinstance(node, ast.JoinedStr) or is_text(node)


def _is_of_both(call: ast.Call) -> bool:
    on = {name for name, value in keywords_of(call).items() if value_of(value, {}) is True}
    return on >= _BOTH


def _texts(node: ast.expr, function: Function | None, script: Script) -> Iterator[str]:
    """What a name may be; nothing where only a run would tell."""
    places = parameters_of(function) if function is not None else []
    constants = {name: value for name, value in script.constants.items() if name not in places}
    value = value_of(node, constants)
    if isinstance(value, str):
        yield value
        return
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    if len(parts) <= _MOST_PARTS:
        choices = [list(_choices(part, function, constants, script)) for part in parts]
        yield from ("".join(chosen) for chosen in product(*choices))


def _choices(
    part: ast.expr, function: Function | None, constants: Mapping[str, ast.expr], script: Script
) -> Iterator[str]:
    """What a part of a text may be: a literal, or what a parameter is given by the calls of its function."""
    if isinstance(part, ast.FormattedValue):
        if part.format_spec is not None or part.conversion != -1:
            return
        part = part.value
    value = value_of(part, constants)
    if _is_word(value):
        yield str(value)
    elif isinstance(part, ast.Name) and function is not None and part.id in parameters_of(function):
        given = (_given(part.id, function, call) for call in script.calls(function.name))
        values = [value_of(node, constants) for node in given]
        yield from dict.fromkeys(str(value) for value in values if _is_word(value))


def _is_word(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _given(name: str, function: Function, call: ast.Call) -> ast.expr | None:
    """What a call gives a parameter, or what it is without; None: the source does not tell."""
    is_method = isinstance(call.func, ast.Attribute)
    places = parameters_of(function, of_call=is_method)
    at = places.index(name) if name in places else len(call.args)
    if any(isinstance(one, ast.Starred) for one in call.args[: at + 1]):
        return keywords_of(call).get(name)
    given = argument(call, at, name)
    if given is not None or any(word.arg is None for word in call.keywords):
        return given
    return next((default for each, default in parameters(function) if each.arg == name), None)
