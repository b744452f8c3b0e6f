"""Patterns for mappings that a script prints: a line for each entry, or all in one line as JSON or as Python shows them."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of, value_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.mapping_keys import Mappings
from sweeps.authoring.outputs.prints.line_groups import groups_of
from sweeps.authoring.outputs.prints.line_patterns import lines_of, literal, pattern_of
from sweeps.authoring.outputs.prints.number_names import STRONG
from sweeps.authoring.outputs.prints.print_text import Hole, printed_text
from sweeps.authoring.outputs.prints.printers import printers_of
from sweeps.sources.counters import COUNTERS
from sweeps.spec.trainer.source_model import ALL, STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.outputs.mapping_keys import Entry
    from sweeps.authoring.outputs.prints.print_text import Piece
    from sweeps.authoring.script import Script

_NAME, _VALUE = r"(?P<name>[A-Za-z][\w/@.-]*?)", r"(?P<value>[-+.\w]+)"
SETTINGS = re.compile(r"(?i)arg|conf|cfg|param|opt|vars|environ|setting|state_dict|header|attr")
"""What holds settings, and no metrics, by its name."""
_NAMED = re.compile(r"[A-Za-z][\w/@.-]*")
_MOST = 20
"""A row of more entries has too many to write them out."""
_SHOWN = 20


def listed_by(script: Script) -> list[FoundSource]:
    """The patterns, each once; a counter among the names, such as `epoch`, is the step of the others."""
    found = {
        text: FoundSource("stdout", text, told=text_of(call))
        for call, key, value in _calls(script)
        for line in lines_of(printed_text(call, script) or [])
        if (text := _pattern(line, key, value))
    }
    return [*found.values(), *_in_one_line(script)]


def _in_one_line(script: Script) -> Iterator[FoundSource]:
    """The patterns of `print(json.dumps(row))` and `print(row)`, where all keys of the mapping are known."""
    mappings, printers = script.once(Mappings), script.once(printers_of)
    for node in script.each(ast.Call):
        shown = printed_text(node, script, printers) or []
        for at, hole in enumerate(shown):
            if not isinstance(hole, Hole) or hole.node is None:
                continue
            quote, mapping = _quoted(hole.node, script)
            entries = [] if SETTINGS.search(text_of(mapping)[:_SHOWN]) else mappings.entries(mapping)
            names = [name for key, _ in entries if isinstance(name := value_of(key, script.constants), str)]
            if not _is_row(names, entries, mappings):
                continue
            step = next((counter for counter in COUNTERS if counter in names), "")
            is_plain = not step or [name for name in names if name in STEP_NAMES] == [step]
            leader = None if step else _counter_before(node, shown[:at])
            if leader is not None:
                yield leader
            alone = not step and leader is None
            yield FoundSource(
                "stdout",
                _row_pattern(names, quote, step),
                step="" if is_plain else step,
                several=ALL if alone and _is_in_loop(node, script) else "",
                told=text_of(node),
            )


def _counter_before(call: ast.AST, pieces: Sequence[Piece]) -> FoundSource | None:
    """What reads the counter that a line shows before its mapping, as `epoch 3 {...}`: the step of its entries."""
    groups = groups_of(pieces)
    counter = next((group for group in groups if group.is_counter), None)
    if counter is None or not any(
        isinstance(piece, str) and re.search(r"[A-Za-z]", piece) for piece in pieces
    ):
        return None
    kept = [group if group is counter else replace(group, name="") for group in groups]
    step = counter.name if counter.name not in STEP_NAMES else ""
    return FoundSource("stdout", pattern_of(pieces, kept), step=step, told=text_of(call), leads=True)


def _quoted(node: ast.expr, script: Script) -> tuple[str, ast.expr]:
    """How the keys of a mapping are quoted where an expression is printed, and the mapping."""
    if isinstance(node, ast.Call) and node.args and script.is_named(node.func, "json.dumps", "orjson.dumps"):
        return '"', node.args[0]
    return "'", node


def _is_in_loop(call: ast.AST, script: Script) -> bool:
    """Whether a call stands in a loop, or in a function that does."""
    loops = (node for node in script.nodes if isinstance(node, ast.For | ast.While))
    return any(part is call for loop in loops for part in ast.walk(loop))


def _is_row(names: Sequence[str], entries: Sequence[Entry], mappings: Mappings) -> bool:
    """Whether a mapping surely holds metrics: its keys are plain names that are all known, and one of them is a metric's."""
    is_flat = not any(value is not None and mappings.entries(value) for _, value in entries)
    is_known = len(names) == len(entries) <= _MOST and all(map(_NAMED.fullmatch, names))
    return is_flat and is_known and any(STRONG.search(re.sub(r"\W", "_", name)) for name in names)


def _row_pattern(names: Sequence[str], quote: str, step: str) -> str:
    """What reads the entries of a row by their names; of one whose counter does not come first, the counter before each."""
    ahead = rf"(?:(?=.*{quote}{step}{quote}:\s*(?P<{step}>\d+)))?" if step and names[0] != step else ""
    choices = "|".join(map(re.escape, names))
    begin = "" if quote == '"' else r"(?:[\w.]+\()?"  # as Python shows np.float64(0.5)
    return rf"{ahead}{quote}(?P<name>{choices}){quote}:\s*{begin}(?P<value>[-+.\w]+)"


def _calls(script: Script) -> Iterator[tuple[ast.Call, str, str]]:
    """The calls in loops over the entries of a mapping, with what these loops call key and value."""
    for node in script.nodes:
        match node:
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=value)]),
                iter=ast.Call(func=ast.Attribute(value=mapping, attr="items")),
            ) if not SETTINGS.search(text_of(mapping)):
                calls = (part for statement in node.body for part in ast.walk(statement))
                yield from ((call, key, value) for call in calls if isinstance(call, ast.Call))


def _pattern(line: Sequence[Piece], key: str, value: str) -> str:
    """The pattern of a line that shows a key and its value, and nothing else that changes; empty: it is another line."""
    holes = [piece for piece in line if isinstance(piece, Hole)]
    if [_shown(hole) for hole in holes] != [key, value]:
        return ""
    first, second = (at for at, piece in enumerate(line) if isinstance(piece, Hole))
    before = "".join(literal(str(piece)) for piece in line[:first])
    between = "".join(literal(str(piece)) for piece in line[first + 1 : second])
    if not between:
        return ""
    start = r"(?:^|\s)" if not before or before == r"\s+" else before
    end = r"\s*$" if second == len(line) - 1 else ""
    padded = r"\s*" if holes[0].spec and not between.startswith(r"\s+") else ""
    return f"{start}{_NAME}{padded}{between}{_VALUE}{end}"


def _shown(hole: Hole) -> str:
    """The name whose value a hole shows."""
    match hole.node:
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=name)]):
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr="item" | "mean" | "avg" | "upper"), args=[]
        ):
            return name
        case _:
            return ""
