"""At which step lines without a counter stand, by the order in which a program printed them: after which lines, and how often."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.sources.changing_text import has_bar
from sweeps.spec.trainer.source_model import ALL, CARRIED, COUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.sources.printed_form import PrintedForm


@dataclass(frozen=True, slots=True)
class PlacedForm:
    """A form with the places of its lines among all lines, rising."""

    form: PrintedForm
    places: Sequence[int]


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
        found.append(replace(one.form, step=CARRIED) if is_once else replace(one.form, step="", several=ALL))
    return [*(one.form for one in headers if one.form.pattern in used), *found]


def _leader(form: PlacedForm, leaders: Sequence[PlacedForm]) -> PlacedForm | None:
    """The form whose lines a form's own always follow: of several the one that comes most often."""
    before = [one for one in leaders if one.places[0] < form.places[0]]
    return max(before, key=lambda one: len(one.places), default=None)


def _times(form: PlacedForm, leader: PlacedForm) -> Counter[int]:
    """How often a form's lines come after each of a leader's lines."""
    return Counter(bisect_right(leader.places, place) for place in form.places)
