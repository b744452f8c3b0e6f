"""Keeps what a search's trials logged of its objectives, and notices an objective that no trial will ever log."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from analysis.results.metric_names import EPOCH
from sweeps.errors import Problem, SpecError, did_you_mean
from sweeps.spec.search_space import EPOCH_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sweeps.planning.search_history import Curves
    from sweeps.rundir.journal import Metrics
    from sweeps.spec.search_space import Objective, SearchSpec


class TrialObjectives:
    """The objectives of one trial, as far as it has logged them.

    Args:
        sweep: The sweep's name, for messages.
        objectives: What the search asks for; the first is the one that its pruner sees.

    Attributes:
        curves: Each objective by epoch.
    """

    def __init__(self, sweep: str, objectives: Sequence[Objective]) -> None:
        self.curves: Curves = {}
        self._sweep = sweep
        self._objectives = objectives
        self._keys: set[str] = set()
        self._epochs: set[int] = set()
        self._epochs_over: set[int] = set()
        self._steps = EPOCH

    def note(self, row: Metrics, steps: str = EPOCH) -> None:
        """Note what was logged in an epoch, or at another kind of step, as `steps` calls it.

        An epoch is over when its time is logged, or something of a later one.

        Raises:
            SpecError: By this epoch an objective should have been logged, and was not.
        """
        self._steps = steps
        self._keys.update(row.values)
        self._epochs.add(row.step)
        self._epochs_over.update(
            step
            for step in self._epochs
            if step < row.step or (step == row.step and EPOCH_TIME in row.values)
        )
        for objective in self._objectives:
            if objective.key in row.values:
                self.curves.setdefault(objective.key, {})[row.step] = row.values[objective.key]
        self._require(lambda objective: not objective.at_end and len(self._epochs_over) >= objective.by)

    def require_all(self) -> None:
        """See that a trial that finished has logged every objective.

        Raises:
            SpecError: It has not.
        """
        self._require(lambda _: True)

    def _require(self, is_due: Callable[[Objective], bool]) -> None:
        for objective in self._objectives:
            if objective.key not in self.curves and is_due(objective):
                raise SpecError([self._never_logged(objective)])

    def _never_logged(self, objective: Objective) -> Problem:
        epochs = len(self._epochs_over)
        many = f"in {epochs} {self._steps}s" if epochs > 1 else f"in its first {self._steps}"
        when = many if epochs else "by its end"
        names = sorted(self._keys)
        hint = did_you_mean(objective.key, names) or f"; it logged {', '.join(names) or 'nothing'}"
        message = (
            f"sweeps.{self._sweep}.search.objective: the trainer logged no '{objective.key}' {when}{hint}"
        )
        return Problem(objective.place, message)


def compared(search: SearchSpec, curves: Curves) -> Mapping[int, float]:
    """What a pruner compares of a trial, by step: the first objective as it stood then.

    The time of epochs adds up. Of a `mean` it is the mean so far: one fold may be harder than another. Wilcoxon's test goes by
    the folds one by one.
    """
    objective = search.objectives[0]
    curve = curves.get(objective.key, {})
    is_mean = search.prunes_by_mean
    if objective.key != EPOCH_TIME and not is_mean:
        return curve
    steps = sorted(curve)
    sums = itertools.accumulate(curve[step] for step in steps)
    return {
        step: total / (count if is_mean else 1)
        for count, (step, total) in enumerate(zip(steps, sums, strict=True), 1)
    }
