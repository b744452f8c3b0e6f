"""Patterns that read the lines a script prints, made from the calls that print them."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.call_places import call_places
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.line_groups import STRONG, groups_of, is_number, own_name, tells
from sweeps.authoring.outputs.line_patterns import lines_of, pattern_of, rest_of, sample_of, start_of
from sweeps.authoring.outputs.print_text import draws_bars, is_logged, leaves_line_open, printed_text
from sweeps.sources.own_lines import LinePattern, kept_to_own
from sweeps.sources.printed import COUNT, COUNTERS, OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.authoring.outputs.call_places import CallPlace
    from sweeps.authoring.outputs.line_groups import Group
    from sweeps.authoring.outputs.print_text import Hole, Piece
    from sweeps.authoring.script import Script

_PHASES = ("train", "training", "val", "valid", "validation", "test", "testing", "eval", "evaluation", "dev")
_BATCHES = ("step", "iteration", "iter", "it", "batch", "update")
_UNTOLD = (COUNT, "carried", "final")
MOST = 6
"""So many patterns are written; a script that prints more has too many to guess."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line that a call prints.

    Attributes:
        line: Its pieces.
        place: Where the call stands.
        call: The call.
        source: What reads its metrics; None: it shows none.
        rest: What stands behind the last of them, as a regular expression.
    """

    line: Sequence[Piece]
    place: CallPlace
    call: ast.Call
    source: FoundSource | None
    rest: str

    @property
    def pattern(self) -> str:
        """What its metrics are read by, as it was made of the line; empty where it shows none."""
        return "" if self.source is None else self.source.text


def printed_by(script: Script) -> list[FoundSource]:
    """The patterns of the lines that it prints with metrics, each of which reads no other line: those of loops first."""
    around = call_places(script)
    calls = [
        (node, around[id(node)]) for node in script.nodes if isinstance(node, ast.Call) and id(node) in around
    ]
    texts = [(node, place, pieces) for node, place in calls if (pieces := printed_text(node, script))]
    printed = [
        _Printed(line, place, call, *_read(line, place, call))
        for call, place, pieces in texts
        for line in lines_of(pieces)
        if line
    ]
    found = [(one.source, one) for one in printed if one.source is not None]
    found.sort(key=lambda entry: not entry[1].place.in_loop)
    has_epochs = any("epoch" in source.step for source, _ in found)
    sources = [(_of_epoch(source) if has_epochs else source, one) for source, one in found]
    are_whole = not draws_bars(script) and not any(
        leaves_line_open(call, pieces) for call, _, pieces in texts
    )
    told = list(_told_apart(sources))[:MOST]
    return [_kept_to_own(source, one, printed, are_whole=are_whole) for source, one in told]


def _kept_to_own(
    source: FoundSource, first: _Printed, printed: Sequence[_Printed], *, are_whole: bool
) -> FoundSource:
    """A source whose pattern reads no line that something else prints, where its line can be told from that.

    Args:
        source: The source.
        first: The line that it was made for.
        printed: All that is printed.
        are_whole: Whether what is printed begins and ends a line.
    """
    alike = [one for one in printed if one.pattern == first.pattern]
    others = [sample_of(one.line) for one in printed if one.pattern != first.pattern]
    start = start_of(first.line) if are_whole and not is_logged(first.call) else ""
    own = [sample_of(one.line) for one in alike]
    rest = first.rest if are_whole else None
    return replace(source, text=kept_to_own(LinePattern(source.text, own, start, rest), others))


def _of_epoch(source: FoundSource) -> FoundSource:
    """A source that counts batches alone, as those of a validation, begins anew each epoch: its lines belong to the step before."""
    if source.step != "batch":
        return source
    return replace(source, text=source.text.replace("(?P<batch>", "(?:"), step="carried")


def _read(line: Sequence[Piece], place: CallPlace, call: ast.Call) -> tuple[FoundSource | None, str]:
    """What reads a line, None where it shows no metric, and what stands behind the last of them."""
    groups = groups_of(line)
    metrics = [group.name for group in groups if group.name and not group.is_counter and group.name != OF]
    if not metrics or not any(isinstance(piece, str) and piece.strip() for piece in line):
        return None, ""
    telling = [group for group in groups if group.name in metrics and tells(group)]
    named = [group for group in groups if group.name]
    if not telling or not re.search(r"[A-Za-z]", _text_before(line)):
        return None, ""
    step = _step([group for group in named if group.is_counter or group.name == OF], place)
    if not place.in_loop and not place.is_repeated and step in {COUNT, ""}:
        if not any(STRONG.search(group.name) and is_number(group.hole, "") for group in telling):
            return None, ""
        step = "final"
    elif not place.in_loop and step == COUNT:
        step = "carried"
    if OF not in step:
        groups = [replace(group, name="") if group.name == OF else group for group in groups]
    source = FoundSource(
        "stdout", pattern_of(line, groups), step if step != "step" else "", told=text_of(call)
    )
    return source, rest_of(line, groups)


def _text_before(line: Sequence[Piece]) -> str:
    """The text of a line without what a run fills in."""
    return "".join(piece for piece in line if isinstance(piece, str))


def _step(counters: Sequence[Group], place: CallPlace) -> str:
    """What counts the lines: a counter of its own, or the epoch with the batch in it."""
    names = [group.name for group in counters]
    batch = next((name for name in _BATCHES if name in names), "")
    if "epoch" in names and batch:
        if OF in names and names.index(OF) > names.index(batch):
            epoch = next(group for group in counters if group.name == "epoch")
            return f"(epoch - 1) * {OF} + {batch}" if _first(epoch.hole, place) else f"epoch * {OF} + {batch}"
        return COUNT
    return next((word for word in COUNTERS if word in names), COUNT)


def _first(hole: Hole, place: CallPlace) -> int:
    """The number that a counter begins with."""
    more = 0
    node = hole.node
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, int)
    ):
        more = node.right.value
        node = node.left
    name = text_of(node) if node is not None else ""
    return place.firsts.get(name, place.firsts.get(own_name(node), 0)) + more


def _told_apart(found: Sequence[tuple[FoundSource, _Printed]]) -> Iterator[tuple[FoundSource, _Printed]]:
    """The sources with names that are unlike: a second `loss` takes the phase of its line before it, such as `test_loss`.

    Yields:
        The source, and the line that it is made for.
    """
    taken: dict[str, FoundSource] = {}
    patterns: set[str] = set()
    for source, one in found:
        if source.text in patterns:
            continue
        patterns.add(source.text)
        text = source.text
        for name in re.findall(r"\(\?P<(\w+)>", text):
            if name in COUNTERS or name == OF:
                continue
            new = _unlike(name, source, one, taken)
            taken.setdefault(new, source)
            text = text.replace(f"(?P<{name}>", f"(?P<{new}>")
        yield replace(source, text=text), one


def _unlike(name: str, source: FoundSource, one: _Printed, taken: Mapping[str, FoundSource]) -> str:
    """A metric's name, with the phase before it, or else a number behind it, where another source has it."""
    if name not in taken:
        return name
    said = re.findall(r"[a-z]+", f"{source.told} {one.place.function}".lower())
    phase = next((word for word in said if word in _PHASES), one.place.function)
    new = f"{phase}_{name}" if phase and not name.startswith(phase) else name
    if new not in taken:
        return new
    if all(step not in _UNTOLD for step in (source.step, taken[name].step)):
        return name  # both say at which step: two ways to print the same
    return next(more for number in itertools.count(2) if (more := f"{name}_{number}") not in taken)
