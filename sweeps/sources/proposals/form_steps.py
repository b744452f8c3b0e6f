"""Forms of lines that a program prints. At which step those without a counter stand, by the order in which a program printed them: after which lines, and how often."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.sources.proposals.changing_text import has_bar
from sweeps.spec.trainer.source_model import ALL, CARRIED, COUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDS = "the end of the epoch that the lines before it tell"
"""Said of a step that numbers of lines before make up."""
_WITHIN = re.compile(r"(?:(epoch)|\(epoch - 1\)) \* (\w+) \+ \w+")


def end_of_epoch(step: str) -> str:
    """The step at which an epoch ends, given that of its batches, such as `(epoch - 1) * of + batch`; empty: nothing says it."""
    match = _WITHIN.fullmatch(step)
    if match is None:
        return ""
    return f"(epoch + 1) * {match[2]}" if match[1] else f"epoch * {match[2]}"


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """Lines of a program that differ in their numbers alone.

    Attributes:
        pattern: A regular expression with a group for each metric, and one for the step where there is one.
        metrics: The names of the groups that are metrics; none: the lines only say at which step those after them stand.
        step: The step as an expression of groups, or a word such as `count` where no counter tells the lines apart.
        count: How many lines have this form.
        example: The last of them.
        derived: Metrics of numbers that it reads, as (name, expression): the numbers are none.
        several: What several values at one step become; empty: the last stands.
    """

    pattern: str
    metrics: tuple[str, ...]
    step: str
    count: int
    example: str
    several: str = ""
    derived: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedForm:
    """A form with the places of its lines among all lines, rising, and the epoch that each of them names, empty where it names none."""

    form: PrintedForm
    places: Sequence[int]
    epochs: Sequence[str] = ()


def with_steps(forms: Sequence[PlacedForm], headers: Sequence[PlacedForm]) -> list[PrintedForm]:
    """The forms, those without a counter by the lines that lead them: at their step, or each value counted.

    Args:
        forms: Those that show metrics.
        headers: Those that show a counter alone, such as `Epoch 3`.

    Returns:
        The forms; the header that leads some of them stands first.
    """
    told = [one for one in forms if one.form.step != COUNT]
    used: dict[str, PlacedForm] = {}
    found: list[PrintedForm] = []
    for one in forms:
        leader = _leader(one, [*headers, *told]) if one.form.step == COUNT else None
        if leader is None:
            found.append(one.form)
            continue
        used[leader.form.pattern] = leader
        is_once = has_bar(one.form.pattern) or max(_times(one, leader).values()) == 1
        if is_once:
            end = end_of_epoch(leader.form.step) if _closes(one, leader) else ""
            found.append(replace(one.form, step=end or CARRIED))
        else:
            found.append(replace(one.form, step="", several=ALL))
    return [*(one.form for one in headers if one.form.pattern in used), *found]


def _leader(form: PlacedForm, leaders: Sequence[PlacedForm]) -> PlacedForm | None:
    """The form whose lines a form's own always follow: of several the one that comes most often."""
    before = [one for one in leaders if one.places[0] < form.places[0]]
    return max(before, key=lambda one: len(one.places), default=None)


def _closes(form: PlacedForm, leader: PlacedForm) -> bool:
    """Whether each of a form's lines comes when an epoch of the leader's is over."""
    epochs = [*leader.epochs, ""]
    after = [bisect_right(leader.places, place) for place in form.places]
    return len(leader.epochs) == len(leader.places) and all(epochs[at] != epochs[at - 1] for at in after)


def _times(form: PlacedForm, leader: PlacedForm) -> Counter[int]:
    """How often a form's lines come after each of a leader's lines."""
    return Counter(bisect_right(leader.places, place) for place in form.places)
