"""How runs that repeat a setting are drawn: as their mean as far as all of them come, and each alone beyond. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band
from analysis.figures.averages.bins import NOISY, alone, shared, together
from analysis.read.outcomes import Outcome
from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting, end_apart
from analysis.results.metric_names import PER_FRAME
from analysis.results.results import RUNNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.averages.bins import Binned
    from analysis.results.curves import Curve
    from analysis.results.results import Result

MOST_NAMED = 4
"""How many settings or steps a caption names, and of how many kinds of runs it tells the steps."""


@dataclass(frozen=True)
class Tail:
    """A run beyond where the mean of its setting's runs ends, from there on.

    Attributes:
        label: Which run it is: `seed 3`.
        x: Its steps.
        y: Its values.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Averaged:
    """Repeats as one line.

    Attributes:
        steps: Those that all of them have, or the middles of bins in which all of them have a point.
        mean: At each of them.
        low: The lower edge of their band at each.
        high: Its upper edge.
        tails: The runs that go on beyond the last of these steps; empty where all are of the same length.
        ends: Step and value at which each run that does not go on any more has ended; empty in the same case.
    """

    steps: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    tails: tuple[Tail, ...]
    ends: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Averaging:
    """How the runs of one figure become lines by a metric: where some need bins, all that can be are averaged within the same.

    Attributes:
        key: The metric. Frames of a video have no noise, and each is kept.
        width: The least width of bins, in steps; 0: of each setting as its own runs need.
        band: What is drawn around a mean.
    """

    key: str
    width: int = 0
    band: Band = Band.MINMAX

    @classmethod
    def of(cls, results: Sequence[Result], key: str, band: Band = Band.MINMAX) -> Averaging:
        """That of the trials that are drawn together: settings whose bins differ could not be compared by eye."""
        own = cls(key)
        forms = [found for runs in having(results, key).values() for found in own.forms(runs)]
        return cls(key, max((found.width for found in forms if found.reason != NOISY), default=0), band)

    def forms(self, runs: Sequence[Result]) -> list[Binned]:
        """The curves of the runs of a setting as they are drawn: together, or each run alone."""
        found = self.together(runs) if len(runs) > 1 else None
        return [found] if found else [self.alone(run) for run in runs]

    def together(self, runs: Sequence[Result]) -> Binned | None:
        """The curves of runs in the form in which they have steps in common; None where there is none."""
        return together([run.curves[self.key] for run in runs], self.width, may_be_noisy=self._may_be_noisy)

    def alone(self, run: Result) -> Binned:
        """The curve of a run that is drawn alone."""
        return alone(run.curves[self.key], self.width, may_be_noisy=self._may_be_noisy)

    def averaged(self, runs: Sequence[Result]) -> Averaged | None:
        """Average runs that have the metric; None where these have too few steps in common, and bins will not do.

        The mean over whichever runs got that far would jump where one ends: it stops with the first that does.
        """
        found = self.together(runs)
        if found is None:
            return None
        curves = found.curves
        steps = tuple(sorted(shared(curves)))
        at = [dict(zip(curve.steps, curve.values, strict=True)) for curve in curves]
        columns = [[values[step] for values in at] for step in steps]
        edges = [self.band.of(column) for column in columns]
        apart = self.end_apart(runs)
        return Averaged(
            steps,
            tuple(math.fsum(column) / len(column) for column in columns),
            tuple(low for low, _ in edges),
            tuple(high for _, high in edges),
            tuple(
                _tail(run, curve, steps[-1])
                for run, curve in zip(runs, curves, strict=True)
                if apart and curve.steps[-1] > steps[-1]
            ),
            tuple(
                (run.curves[self.key].steps[-1], curve.last)
                for run, curve in zip(runs, curves, strict=True)
                if apart and run.state != RUNNING
            ),
        )

    def end_apart(self, runs: Sequence[Result]) -> bool:
        """Whether runs that are averaged end at steps so different that the figure shows it: in bins, by a bin or more."""
        found, lasts = self.together(runs), [run.curves[self.key].steps[-1] for run in runs]
        return found is not None and end_apart(lasts) and max(lasts) - min(lasts) >= found.width

    def scaling(self, runs: Sequence[Result]) -> tuple[tuple[float, ...], ...] | None:
        """The values that set the scale of a line, a part each run: of those that did not fail; None where none failed."""
        if all(run.state != Outcome.FAILED for run in runs):
            return None
        found = self.alone(runs[0]) if len(runs) == 1 else self.together(runs)
        if found is None:
            return None
        drawn = zip(runs, found.curves, strict=True)
        return tuple(curve.values for run, curve in drawn if run.state != Outcome.FAILED)

    @property
    def _may_be_noisy(self) -> bool:
        return not self.key.startswith(PER_FRAME)


def having(results: Sequence[Result], key: str) -> dict[str, list[Result]]:
    """The runs of each setting that have recorded a metric, where there are any."""
    found = {label: [run for run in runs if key in run.curves] for label, runs in by_setting(results).items()}
    return {label: runs for label, runs in found.items() if runs}


def named(things: Sequence[object]) -> str:
    """Name the first of some steps or runs, and count the others."""
    return shortened(things, MOST_NAMED)


def gaps_in(curve: Curve) -> list[int]:
    """The steps at which a curve has no number."""
    return [step for step, value in zip(curve.steps, curve.values, strict=True) if math.isnan(value)]


def _tail(run: Result, curve: Curve, start: int) -> Tail:
    points = [(x, y) for x, y in zip(curve.steps, curve.values, strict=True) if x >= start]
    return Tail(_run_name(run), tuple(x for x, _ in points), tuple(y for _, y in points))


def _run_name(run: Result) -> str:
    return f"seed {run.trial.axes[SEED_AXIS]}" if SEED_AXIS in run.trial.axes else run.trial.name
