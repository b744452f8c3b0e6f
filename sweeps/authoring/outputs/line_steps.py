"""At which step the lines that a script prints stand: by a counter of their own, by the lines before them, or counted."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.line_groups import own_name
from sweeps.sources.printed import COUNT, COUNTERS, OF
from sweeps.spec.trainer.source_model import ALL, CARRIED, FINAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.authoring.outputs.call_places import CallPlace
    from sweeps.authoring.outputs.line_groups import Group
    from sweeps.authoring.outputs.print_text import Hole

_BATCHES = ("step", "iteration", "iter", "it", "batch", "update")
UNTOLD = (COUNT, CARRIED, FINAL)
"""Steps that no number of a line says."""


@dataclass(frozen=True, slots=True)
class Stepping:
    """At which step the values of a line stand.

    Attributes:
        step: The expression or word; empty: the values have counted steps each.
        several: What several values at one step become; empty: the last stands.
    """

    step: str = ""
    several: str = ""

    @property
    def is_told(self) -> bool:
        """Whether numbers of the line say it."""
        return bool(self.step) and self.step not in UNTOLD


EACH = Stepping(several=ALL)
"""Each value has a counted step."""


def told_step(groups: Sequence[Group], place: CallPlace) -> Stepping:
    """What the counters of a line say: nothing where they begin anew again and again, as batches do each epoch."""
    counters = [group for group in groups if group.name and (group.is_counter or group.name == OF)]
    step = _expression(counters, place)
    counting = [group for group in counters if group.name == step]
    return EACH if any(_begins_anew(group.hole, place) for group in counting) else Stepping(step)


def stepping_of(
    groups: Sequence[Group], place: CallPlace, others: Iterable[Stepping], *, has_epochs: bool
) -> Stepping:
    """At which step the values of a line stand.

    Args:
        groups: Its numbers.
        place: Where its call stands.
        others: What the counters of the other lines say.
        has_epochs: Whether lines of the script tell the epoch.
    """
    told = told_step(groups, place)
    if has_epochs and {group.name for group in groups if group.is_counter} == {"batch"}:
        return Stepping(CARRIED)  # as those of a validation: the last of them stands for the epoch
    if told.step != COUNT:
        return told
    if place.is_called_back:
        return EACH
    if place.in_loop:
        return told
    if place.is_repeated:
        is_led = any(other.is_told or other.step == COUNT for other in others)
        return Stepping(CARRIED) if is_led else told
    return Stepping(FINAL)


def _expression(counters: Sequence[Group], place: CallPlace) -> str:
    """What counts the lines: a counter of its own, or the epoch with the batch in it."""
    names = [group.name for group in counters]
    batch = next((name for name in _BATCHES if name in names), "")
    if "epoch" in names and batch:
        if OF in names and names.index(OF) > names.index(batch):
            epoch = next(group for group in counters if group.name == "epoch")
            return f"(epoch - 1) * {OF} + {batch}" if _first(epoch.hole, place) else f"epoch * {OF} + {batch}"
        return COUNT
    return next((word for word in COUNTERS if word in names), COUNT)


def _begins_anew(hole: Hole, place: CallPlace) -> bool:
    """Whether what fills a hole in is counted by an inner loop alone."""
    names = {part.id for part in ast.walk(hole.node) if isinstance(part, ast.Name)} if hole.node else set()
    return not names.isdisjoint(place.begins_anew) and names.isdisjoint(place.counts_on)


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
