"""The trials that one line or row of a figure stands for, with their name and their look. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.figures.palette import Style, is_number, styles
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting, names_of, value_label
from analysis.results.provenance_marks import have_several_marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.results.results import Result


@dataclass(frozen=True)
class Group:
    """The trials that one line stands for: one, or the repeats of one setting by seed.

    Attributes:
        label: What the setting is called.
        style: The look of its line.
        results: The trials.
        marked: Whether the figure has runs of other code, files, data or environment, or read otherwise, too, so that each carries its mark.
    """

    label: str
    style: Style
    results: tuple[Result, ...]
    marked: bool = False


def grouped(results: Sequence[Result], axis: str, values: Sequence[Any]) -> tuple[Group, ...]:
    """One group for each value of `axis` that a result has; `values` are all of the sweep, which settle the looks."""
    looks = styles(axis, values)
    found = {
        value: tuple(result for result in results if result.trial.axes[axis] == value) for value in values
    }
    marked, names = have_several_marks(results), names_of(results)
    return tuple(
        Group(value_label(axis, value, names), looks[value], having, marked)
        for value, having in found.items()
        if having
    )


def grouped_by_settings(results: Sequence[Result]) -> tuple[Group, ...]:
    """One group for each setting of all axes together, whatever they are; seeds are repeats."""
    found = by_setting(results)
    looks, marked = _looks(found), have_several_marks(results)
    return tuple(Group(label, looks[label], members, marked) for label, members in found.items())


def _looks(settings: Mapping[str, Sequence[Result]]) -> dict[str, Style]:
    """The look of each setting: that of its value where they differ in one number alone."""
    axes = [
        {axis: value for axis, value in members[0].trial.axes.items() if axis != SEED_AXIS}
        for members in settings.values()
    ]
    varying = (
        [axis for axis in axes[0] if any(one.get(axis) != axes[0][axis] for one in axes)] if axes else []
    )
    if len(varying) == 1 and all(one.keys() == axes[0].keys() for one in axes):
        values = [one[varying[0]] for one in axes]
        if all(map(is_number, values)):
            own = styles(varying[0], values)
            return {label: own[value] for label, value in zip(settings, values, strict=True)}
    return styles("", tuple(settings))
