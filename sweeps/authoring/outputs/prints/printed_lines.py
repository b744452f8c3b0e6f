"""Patterns that read the lines a script prints, made from the calls that print them."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.results.metric_names import is_speed
from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.prints.bound_texts import with_texts
from sweeps.authoring.outputs.prints.call_places import call_places
from sweeps.authoring.outputs.prints.library_lines import boosting_lines, keras_lines, speechbrain_lines
from sweeps.authoring.outputs.prints.line_groups import groups_of, is_number, tells
from sweeps.authoring.outputs.prints.line_patterns import (
    NUMBER,
    lines_of,
    pattern_of,
    rest_of,
    sample_of,
    start_of,
)
from sweeps.authoring.outputs.prints.line_steps import UNTOLD, Counted, Stepping, leader_of, stepping_of
from sweeps.authoring.outputs.prints.number_names import STRONG
from sweeps.authoring.outputs.prints.print_text import draws_bars, is_logged, leaves_line_open, printed_text
from sweeps.authoring.outputs.prints.printers import printers_of
from sweeps.authoring.outputs.prints.progress_meters import meter_text
from sweeps.sources.counters import COUNTERS
from sweeps.sources.proposals.form_steps import ENDS
from sweeps.sources.proposals.own_lines import LinePattern, kept_to_own
from sweeps.sources.proposals.printed import CELL, OF
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import COUNT, STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sweeps.authoring.outputs.prints.line_groups import Group
    from sweeps.authoring.outputs.prints.print_text import Piece
    from sweeps.authoring.script import Script

_PHASES = (
    "train",
    "training",
    "val",
    "valid",
    "validation",
    "validate",
    "test",
    "testing",
    "eval",
    "evaluation",
    "dev",
)
FOLD = "fold"
"""What the number behind this word is called, where the loop counts it: it is the step."""
_FOLD = re.compile(r"((?i:\bfold)(?:\\s\+|\W){0,3})\(\?P<step>")
MOST = 6
"""So many patterns are written; a script that prints more has too many to guess."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line that a call prints.

    Attributes:
        line: Its pieces.
        call: The call.
        counted: Its numbers, where it stands and what counts it.
        shows_metrics: Whether some of them are metrics.
    """

    line: Sequence[Piece]
    call: ast.Call
    counted: Counted
    shows_metrics: bool

    @property
    def told(self) -> Stepping:
        """What its counters say."""
        return self.counted.told


@dataclass(frozen=True, slots=True)
class _Read:
    """A line with the source that reads it.

    Attributes:
        source: The source, as it was made of the line.
        form: The pattern with all numbers of the line: that of another line that looks the same.
        rest: What stands behind the last number that it reads, as a regular expression.
        printed: The line.
    """

    source: FoundSource
    form: str
    rest: str
    printed: _Printed


def printed_by(script: Script) -> list[FoundSource]:
    """The patterns of the lines that it prints with metrics, each of which reads no other line.

    Those come first that only tell the step of others, then those of loops.
    """
    around = script.once(call_places)
    calls = [(call, around[id(call)]) for call in script.each(ast.Call) if id(call) in around]
    spelled, printers = with_texts(script), script.once(printers_of)
    texts = [
        (call, place, pieces)
        for node, place in calls
        for call in spelled.get(id(node), [node])
        if (pieces := meter_text(call, script) or printed_text(call, script, printers))
    ]
    printed = [
        _Printed(
            line, call, counted := Counted.of(groups_of(line, before), place), _shows_metrics(line, counted)
        )
        for call, place, pieces in texts
        for before, line in _with_texts_before(lines_of(pieces))
        if line
    ]
    read = sorted(
        _read(printed), key=lambda one: (not one.source.leads, not one.printed.counted.place.in_loop)
    )
    told = list(_told_apart(read))[:MOST]
    are_whole = not draws_bars(script) and not any(
        leaves_line_open(call, pieces) for call, _, pieces in texts
    )
    own = [_with_folds(_kept_to_own(source, one, read, printed, are_whole=are_whole)) for source, one in told]
    return [*keras_lines(script), *boosting_lines(script), *speechbrain_lines(script), *own]


def _with_folds(source: FoundSource) -> FoundSource:
    """A source whose steps are the folds of a cross-validation, if the word before the number says so."""
    text = _FOLD.sub(rf"\1(?P<{FOLD}>", source.text)
    return source if text == source.text or source.step else replace(source, text=text, step=FOLD)


def _with_texts_before(lines: Iterable[list[Piece]]) -> Iterator[tuple[str, list[Piece]]]:
    """The lines of a text, each with the words that stand before it."""
    before = ""
    for line in lines:
        yield before, line
        before += " ".join(piece for piece in line if isinstance(piece, str)) + "\n"


def _shows_metrics(line: Sequence[Piece], counted: Counted) -> bool:
    """Whether a line shows a metric: of what is printed once only what is surely one counts."""
    telling = [
        group
        for group in counted.groups
        if group.name
        and not group.is_counter
        and group.name != OF
        and tells(group)
        and not is_speed(group.name)
    ]
    has_share = any(group.share for group in counted.groups)
    if not has_share and not _has_words(
        line
    ):  # as `12: 0.5`, where the loop's variable and a loss say what it is
        has_step = any(group.is_counter for group in counted.groups)
        return has_step and any(STRONG.search(group.name) for group in telling)
    if counted.place.in_loop or counted.place.is_repeated or counted.told.is_told:
        return bool(telling)
    return any(group.share or (STRONG.search(group.name) and is_number(group.hole, "")) for group in telling)


def _has_words(line: Sequence[Piece]) -> bool:
    return any(isinstance(piece, str) and re.search(r"[A-Za-z]", piece) for piece in line)


def _read(printed: Sequence[_Printed]) -> Iterator[_Read]:
    """What reads the lines that show metrics, and those that lead them: `Epoch 3` before all that is printed of it."""
    showing = [one for one in printed if one.shows_metrics]
    leading = [
        one for one in printed if not one.shows_metrics and one.told.step in COUNTERS and _has_words(one.line)
    ]
    has_epochs = any("epoch" in one.told.step for one in showing)
    used: list[_Printed] = []
    found: list[_Read] = []
    for at, one in enumerate(showing):
        leader = leader_of(one.counted, [other.counted for other in (*leading, *showing)])
        others = [other.counted for other in (*showing[:at], *showing[at + 1 :])]
        stepping = stepping_of(one.counted, leader, others, has_epochs=has_epochs)
        used += [other for other in leading if other.counted is leader]
        found.append(_read_as(one, stepping, one.counted.groups))
    for one in {id(one): one for one in used}.values():
        counters = [
            group if group.name == one.told.step else replace(group, name="") for group in one.counted.groups
        ]
        yield _read_as(one, one.told, counters)
    yield from found


def _read_as(one: _Printed, stepping: Stepping, groups: Sequence[Group]) -> _Read:
    """What reads a line at a step; of its counters only what makes that up has a name."""
    kept = (
        set()
        if stepping.is_of_others
        else {*re.findall(r"\w+", stepping.step), *(STEP_NAMES if stepping.step == COUNT else ())}
    )
    groups = [
        replace(group, name="")
        if (group.is_counter or group.name == OF) and group.name not in kept
        else group
        for group in groups
    ]
    source = FoundSource(
        "stdout",
        pattern_of(one.line, groups),
        stepping.step if stepping.step != "step" else "",
        stepping.several,
        told=text_of(one.call),
        step_told=ENDS if stepping.is_of_others else "",
        leads=not one.shows_metrics,
        derived=_derived(groups),
    )
    return _Read(source, pattern_of(one.line, one.counted.groups), rest_of(one.line, groups), one)


def _derived(groups: Sequence[Group]) -> tuple[tuple[str, str], ...]:
    """The shares that numbers of a line make up, each once."""
    shares = (group.share for group in groups if group.share is not None and group.name == group.share.part)
    return tuple(dict.fromkeys(share.derived for share in shares))


def _kept_to_own(
    source: FoundSource, first: _Read, read: Sequence[_Read], printed: Sequence[_Printed], *, are_whole: bool
) -> FoundSource:
    """A source whose pattern reads no line that something else prints, where its line can be told from that."""
    own = [one.printed for one in read if one.form == first.form]
    others = [sample_of(one.line) for one in printed if not any(one is mine for mine in own)]
    start = start_of(first.printed.line) if are_whole and not is_logged(first.printed.call) else ""
    lines = [sample_of(one.line) for one in own]
    rest = first.rest if are_whole else None
    text = source.text
    if not _has_words(first.printed.line):
        end = f"{first.rest}$" if are_whole and source.derived else ""
        text = ("^" * are_whole) + text.replace(NUMBER, CELL) + end
    return replace(source, text=kept_to_own(LinePattern(text, lines, start, rest), others))


def _told_apart(found: Sequence[_Read]) -> Iterator[tuple[FoundSource, _Read]]:
    """The sources with names that are unlike: a second `loss` takes the phase of its line before it, such as `test_loss`.

    Yields:
        The source, and the line that it is made for.
    """
    taken: dict[str, FoundSource] = {}
    forms: set[str] = set()
    for one in found:
        source = one.source
        if one.form in forms:
            continue
        forms.add(one.form)
        text, derived = source.text, dict(source.derived)
        parts = {part for expression in derived.values() for part in Expression.parse(expression).names}
        for name in (*re.findall(r"\(\?P<(\w+)>", text), *derived):
            if name in COUNTERS or name == OF or name in parts:
                continue
            new = _unlike(name, source, one, taken)
            taken.setdefault(new, source)
            text = text.replace(f"(?P<{name}>", f"(?P<{new}>")
            derived = {new if key == name else key: expression for key, expression in derived.items()}
        yield replace(source, text=text, derived=tuple(derived.items())), one


def _unlike(name: str, source: FoundSource, one: _Read, taken: Mapping[str, FoundSource]) -> str:
    """A metric's name, with the phase before it, or else a number behind it, where another source has it."""
    if name not in taken:
        return name
    said = re.findall(r"[a-z]+", f"{source.told} {one.printed.counted.place.function}".lower())
    phase = next((word for word in said if word in _PHASES), one.printed.counted.place.function)
    new = f"{phase}_{name}" if phase and not name.startswith(phase) else name
    if new not in taken:
        return new
    if all(one.step not in UNTOLD and not one.step_told for one in (source, taken[name])):
        return name  # both say at which step: two ways to print the same
    return next(more for number in itertools.count(2) if (more := f"{name}_{number}") not in taken)
