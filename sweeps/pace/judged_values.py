"""By which values trials are judged so far, where these are not their last ones."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from analysis.results.criterion import LAST
from analysis.results.curves import Curve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analysis.results.criterion import Criterion
    from sweeps.rundir.journal import Metrics


class JudgedValues:
    """What counts of each measure of which that is not the last value, as far as a trial has logged it.

    Args:
        criteria: By what the trial is judged.
    """

    def __init__(self, criteria: Iterable[Criterion] = ()) -> None:
        self._wanted = {
            (key, which): one.is_high for one in criteria for key, which in _counted(one) if which != LAST
        }
        self._points = {key: _Points() for key, _ in self._wanted}
        self._known: dict[tuple[str, str], float] = {}

    @property
    def is_needed(self) -> bool:
        """Whether there is any such measure."""
        return bool(self._wanted)

    def note(self, row: Metrics) -> None:
        """Note what the trial logged; of a step that it logs again the later value counts."""
        for key in self._points.keys() & row.values.keys():
            self._points[key].put(row.step, row.values[key])
            self._known.clear()

    def of(self, key: str, which: str) -> float | None:
        """What counts of a metric, by `best`, `tail` or `mean`; None where nothing of it is logged."""
        if (key, which) not in self._known:
            points = self._points.get(key)
            if points is None or not points.steps or (key, which) not in self._wanted:
                return None
            self._known[key, which] = points.curve.counted(which, is_high=self._wanted[key, which])
        return self._known[key, which]

    def close(self) -> None:
        """Keep what counts, and let go of the curves: no more of them comes."""
        for key, which in self._wanted:
            self.of(key, which)
        self._points.clear()


def _counted(one: Criterion) -> Iterator[tuple[str, str]]:
    """The metrics that a measure needs, each with what counts of it."""
    if one.needs_curve:
        yield from zip(one.keys, (one.of_curve, one.of_baseline), strict=False)


class _Points:
    """A curve that grows, 16 bytes a point."""

    def __init__(self) -> None:
        self.steps, self._values = array("q"), array("d")

    def put(self, step: int, value: float) -> None:
        """Put a value at a step, in the place of an earlier one."""
        at = len(self.steps) if not self.steps or step > self.steps[-1] else bisect_left(self.steps, step)
        if at < len(self.steps) and self.steps[at] == step:
            self._values[at] = value
        else:
            self.steps.insert(at, step)
            self._values.insert(at, value)

    @property
    def curve(self) -> Curve:
        """As it is now."""
        return Curve(tuple(self.steps), tuple(self._values))
