"""How far searches came: the best value after each trial, and which searches of one task can be compared. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.searches.search import is_drawable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from analysis.results.searches.search import SearchedTrial, SearchObjective, SearchResults

SAMPLER, PRUNER, BOTH = "sampler", "pruner", "sampler and pruner"
"""What tells searches of one task apart."""


@dataclass(frozen=True)
class Course:
    """What a search of one objective had found after each of its trials that ended.

    Attributes:
        search: The search.
        trials: Its trials that ended, in the order in which they were suggested.
        best: The best value so far after each of them; NaN until one has finished with a value.
    """

    search: SearchResults
    trials: tuple[SearchedTrial, ...]
    best: tuple[float, ...]

    def found_by(self, count: int) -> str | None:
        """The run that was the best of the first `count` trials; None where none has finished with a value."""
        best = self.best[count - 1]
        return next((one.run_id for one in self.trials[:count] if _value(one) == best), None)

    @property
    def spent_s(self) -> tuple[float, ...]:
        """Seconds of training so far, after each trial; empty where the time of one is not known."""
        times = [trial.spent_s for trial in self.trials if trial.spent_s is not None]
        return tuple(accumulate(times)) if len(times) == len(self.trials) else ()

    def trials_until(self, level: float, count: int) -> int | None:
        """Return after how many of the first `count` trials the best is `level` or better; None: after none of them."""
        sign = 1 if self.search.objectives[0].maximize else -1
        reached = (n for n, value in enumerate(self.best[:count], start=1) if sign * value >= sign * level)
        return next(reached, None)  # a NaN reaches nothing


@dataclass(frozen=True)
class Comparison:
    """Searches of one task that differ in what suggests or stops their trials.

    Attributes:
        objective: What they seek.
        axis: What tells them apart: `SAMPLER`, `PRUNER` or `BOTH`.
        courses: Of each sampler, by its name: one for each search, which repeat it with other seeds.
        waiting: The searches of the task of which no trial has ended, by name.
    """

    objective: SearchObjective
    axis: str
    courses: Mapping[str, tuple[Course, ...]]
    waiting: tuple[str, ...] = ()

    @cached_property
    def every(self) -> tuple[Course, ...]:
        """All courses."""
        return tuple(course for having in self.courses.values() for course in having)

    @property
    def count(self) -> int:
        """How many trials of each search are compared: as many as have ended in all of them."""
        return min(len(course.trials) for course in self.every)

    @property
    def best(self) -> float | None:
        """The best value that any of them found in so many trials; None where none has finished with a value."""
        found = [value for course in self.every if not math.isnan(value := course.best[self.count - 1])]
        pick = max if self.objective.maximize else min
        return pick(found) if found else None

    @property
    def shared(self) -> int:
        """How many of the compared runs are trials of several of these searches."""
        runs = Counter(trial.run_id for course in self.every for trial in course.trials[: self.count])
        return sum(times > 1 for times in runs.values())

    @property
    def found_the_same(self) -> bool:
        """Whether the best trials of the searches on all sides are the same runs."""
        first, *others = [Counter(runs) for runs in self._found]
        return bool(first) and bool(others) and all(other == first for other in others)

    @property
    def found_by_several(self) -> int:
        """How many runs are the best of searches on several sides."""
        return sum(times > 1 for times in Counter(chain.from_iterable(map(set, self._found))).values())

    @property
    def _found(self) -> list[list[str]]:
        """On each side the best run of each search that has one."""
        return [
            [run for course in having if (run := course.found_by(self.count)) is not None]
            for having in self.courses.values()
        ]


def course_of(search: SearchResults) -> Course:
    """Follow a search of one objective; failed and pruned trials count, and leave the best as it is."""
    ended = tuple(trial for trial in search.trials if _has_ended(trial))
    sign = 1 if search.objectives[0].maximize else -1
    heights = accumulate((sign * value for value in map(_value, ended)), _higher)
    return Course(search, ended, tuple(sign * height for height in heights))


def comparisons(searches: Iterable[SearchResults]) -> tuple[Comparison, ...]:
    """Return what can be compared: searches of one objective, of one task, by sampler, by pruner or by both."""
    tasks: defaultdict[str, list[SearchResults]] = defaultdict(list)
    for search in searches:
        if search.task and len(search.objectives) == 1:
            tasks[search.task].append(search)
    return tuple(chain.from_iterable(map(_compared, tasks.values())))


def _compared(members: Sequence[SearchResults]) -> Iterator[Comparison]:
    courses = [course for search in members if (course := course_of(search)).trials]
    begun = [course.search for course in courses]
    differ = {
        SAMPLER: len({search.sampler for search in begun}) > 1,
        PRUNER: len({search.pruner for search in begun}) > 1,
    }
    if not any(differ.values()):
        return
    axis = BOTH if all(differ.values()) else next(axis for axis, differs in differ.items() if differs)
    held: defaultdict[str, list[Course]] = defaultdict(list)
    for course in courses:
        held[_label(course.search, axis)].append(course)
    waiting = tuple(search.name for search in members if search not in begun)
    yield Comparison(
        begun[0].objectives[0], axis, {label: tuple(having) for label, having in held.items()}, waiting
    )


def _label(search: SearchResults, axis: str) -> str:
    if axis == BOTH:
        return f"{search.sampler}, pruner {search.pruner}"
    return search.sampler if axis == SAMPLER else search.pruner


def _has_ended(trial: SearchedTrial) -> bool:
    outcome = Outcome.read(trial.outcome)
    return outcome is not None and outcome.is_end


def _value(trial: SearchedTrial) -> float:
    return trial.values[0] if trial.values and is_drawable(trial.values[0]) else math.nan


def _higher(one: float, other: float) -> float:
    return other if math.isnan(one) or other > one else one
