"""Says which settings change along with an axis, as by a `when`: what they do cannot be told from what the axis does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import WHOLE, short_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.results.results import Result


def changed_along(axis: str, blocks: Iterable[Sequence[Result]], names: Mapping[str, str]) -> str:
    """Return the words that stand behind a line of the head: `with optimizer, lr and depth change, too`; empty where nothing does.

    Args:
        axis: The axis.
        blocks: The runs that are compared with each other.
        names: What the file calls settings, by their keys.
    """
    if axis == WHOLE:
        return ""
    found = dict.fromkeys(key for runs in blocks for key in _along(axis, runs))
    if not found:
        return ""
    keys = [short_name(key, names) for key in found]
    listed = " and ".join(keys) if len(keys) == 2 else shortened(keys)  # noqa: PLR2004 - two
    return f"with {short_name(axis, names)}, {listed} change{'s' if len(keys) == 1 else ''}, too"


def _along(axis: str, runs: Sequence[Result]) -> list[str]:
    """The settings that have one value for each value of the axis, and not the same for all."""
    by_value: dict[str, list[Result]] = {}
    for run in runs:
        by_value.setdefault(repr(run.trial.axes[axis]), []).append(run)
    keys = dict.fromkeys(key for run in runs for key in run.trial.config)
    varied = {axis, SEED_AXIS, *(key for run in runs for key in run.trial.axes)}
    values = {
        key: [{repr(run.trial.config.get(key)) for run in having} for having in by_value.values()]
        for key in keys
        if key not in varied
    }
    return [
        key
        for key, sets in values.items()
        if all(len(one) == 1 for one in sets) and len(set().union(*sets)) > 1
    ]
