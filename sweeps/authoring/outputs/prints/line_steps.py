"""At which step the lines that a script prints stand: by a counter of their own, by the lines before them, or counted."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.prints.number_names import own_name
from sweeps.sources.counters import COUNTERS
from sweeps.sources.proposals.form_steps import end_of_epoch
from sweeps.sources.proposals.printed import OF
from sweeps.spec.trainer.source_model import ALL, BATCH_NAMES, CARRIED, COUNT, FINAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.authoring.outputs.prints.call_places import CallPlace
    from sweeps.authoring.outputs.prints.line_groups import Group
    from sweeps.authoring.outputs.prints.print_text import Hole

_LOOP_STEP = "step"
"""What the variable of a loop is called as a step, whatever the script calls it: `i`, `t`, `itr`."""
UNTOLD = (COUNT, CARRIED, FINAL)
"""Steps that no number of a line says."""


@dataclass(frozen=True, slots=True)
class Stepping:
    """At which step the values of a line stand.

    Attributes:
        step: The expression or word; empty: the values have counted steps each.
        several: What several values at one step become; empty: the last stands.
        is_of_others: Whether the expression asks for numbers of the lines before, and for none of its own.
    """

    step: str = ""
    several: str = ""
    is_of_others: bool = False

    @property
    def is_told(self) -> bool:
        """Whether numbers of the line say it."""
        return bool(self.step) and self.step not in UNTOLD


EACH = Stepping(several=ALL)
"""Each value has a counted step."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A line as far as its step goes.

    Attributes:
        groups: Its numbers.
        place: Where its call stands.
        told: What its counters say.
    """

    groups: Sequence[Group]
    place: CallPlace
    told: Stepping

    @classmethod
    def of(cls, groups: Sequence[Group], place: CallPlace) -> Counted:
        """A line with what its counters say: a number called so, or else the variable of its outermost loop."""
        groups = _with_loop_variable(groups, place)
        return cls(groups, place, told_step(groups, place))

    def leads(self, other: Counted) -> bool:
        """Whether it is printed before another line in the same loop or an outer one, whenever that is."""
        own, its = self.place, other.place
        return (
            self.told.is_told
            and not own.is_called_back
            and bool(own.loops)
            and own.loops == its.loops[: len(own.loops)]
            and own.order < its.order
            and own.conditions <= its.conditions
        )


def _with_loop_variable(groups: Sequence[Group], place: CallPlace) -> Sequence[Group]:
    """The numbers of a line, the one that counts the outermost loop as its step where none is called a counter."""
    if any(group.is_counter for group in groups):
        return groups
    counting = next(
        (
            group
            for group in groups
            if isinstance(group.hole.node, ast.Name)
            and group.name in {"", group.hole.node.id.lower()}
            and group.hole.node.id in place.counts_on & place.firsts.keys()
        ),
        None,
    )
    return [
        replace(group, name=_LOOP_STEP, is_counter=True) if group is counting else group for group in groups
    ]


def told_step(groups: Sequence[Group], place: CallPlace) -> Stepping:
    """What the counters of a line say: nothing where they begin anew again and again, as batches do each epoch."""
    counters = [group for group in groups if group.name and (group.is_counter or group.name == OF)]
    step = _expression(counters, place)
    counting = [group for group in counters if group.name == step]
    return EACH if any(_begins_anew(group.hole, place) for group in counting) else Stepping(step)


def leader_of(line: Counted, others: Iterable[Counted]) -> Counted | None:
    """The line whose step holds for another one that tells none: of several the nearest one; None: there is none."""
    if line.told.is_told:
        return None
    leading = (other for other in others if other.leads(line))
    return max(leading, key=lambda other: (len(other.place.loops), other.place.order), default=None)


def stepping_of(
    line: Counted, leader: Counted | None, others: Iterable[Counted], *, has_epochs: bool
) -> Stepping:
    """At which step the values of a line stand, given its leader, and the other lines with metrics, some of which may tell epochs."""
    place, told = line.place, line.told
    others = list(others)
    if has_epochs and {group.name for group in line.groups if group.is_counter} == {"batch"}:
        # as those of a validation: the last of them stands for the epoch
        return _end_of_epoch(line, leader, others, is_once=False) or Stepping(CARRIED)
    if told.step != COUNT:
        return told
    if end := _end_of_epoch(line, leader, others, is_once=True):
        return end
    if leader is not None:
        return Stepping(CARRIED) if place.loops == leader.place.loops else EACH
    if place.is_called_back:
        return EACH
    if place.in_loop:
        return told
    if place.is_repeated:
        return Stepping(CARRIED) if any(map(_has_steps, others)) else told
    return Stepping(FINAL)


def _end_of_epoch(
    line: Counted, leader: Counted | None, others: Iterable[Counted], *, is_once: bool
) -> Stepping | None:
    """The end of the epoch that the lines of its batches tell, for a line beside the loop of these; None: there are none."""
    own = line.place.loops
    for other in others:
        *around, inner = other.place.loops or (0,)
        is_beside = bool(around) and [*own[: len(around)]] == around and inner not in own
        is_led_since = leader is not None and leader.place.order > other.place.order
        step = end_of_epoch(other.told.step)
        if step and is_beside and not is_led_since and (len(own) == len(around) or not is_once):
            return Stepping(step, is_of_others=True)
    return None


def _has_steps(line: Counted) -> bool:
    """Whether a line tells its step, or is counted."""
    is_counted = line.told.step == COUNT and line.place.in_loop and not line.place.is_called_back
    return line.told.is_told or is_counted


def _expression(counters: Sequence[Group], place: CallPlace) -> str:
    """What counts the lines: a counter of its own, or the epoch with the batch in it."""
    names = [group.name for group in counters]
    batch = next((name for name in BATCH_NAMES if name in names), "")
    if "epoch" in names and batch:
        if OF in names and names.index(OF) > names.index(batch):
            epoch = next(group for group in counters if group.name == "epoch")
            return f"(epoch - 1) * {OF} + {batch}" if _first(epoch.hole, place) else f"epoch * {OF} + {batch}"
        return COUNT
    if any(map(_is_length, counters)):
        counters = [group for group in counters if not _is_length(group)]
        names = [group.name for group in counters if _is_counted_by(group.hole, place)] or names
    return next((word for word in COUNTERS if word in names), COUNT)


def _is_length(group: Group) -> bool:
    """Whether a number beside an episode's may be how long that was, and no step of all."""
    name = text_of(group.hole.node).lower() if group.hole.node is not None else ""
    return group.name in {"step", "it"} and not any(word in name for word in ("total", "global", "num"))


def _is_counted_by(hole: Hole, place: CallPlace) -> bool:
    """Whether the outermost loop counts what fills a hole in."""
    return not _variables_of(hole).isdisjoint(place.counts_on)


def _begins_anew(hole: Hole, place: CallPlace) -> bool:
    """Whether what fills a hole in is counted by an inner loop alone."""
    names = _variables_of(hole)
    return not names.isdisjoint(place.begins_anew) and names.isdisjoint(place.counts_on)


def _variables_of(hole: Hole) -> set[str]:
    parts = ast.walk(hole.node) if hole.node is not None else ()
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _first(hole: Hole, place: CallPlace) -> int:
    """The number that a counter begins with."""
    node, more = hole.node, 0
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=int(number))):
            node, more = left, number
    name = text_of(node) if node is not None else ""
    return place.firsts.get(name, place.firsts.get(own_name(node), 0)) + more
