"""What of a search works, and is not as its author will have meant it: its objective, its space, its sampler, its pruner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean
from sweeps.spec.search_space import NO_PRUNER, ValueType
from sweeps.spec.settings import Setting
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.spec.model import Spec
    from sweeps.spec.search_space import SearchSpec

GOLDEN = 0.382
"""Where in a range an example is taken that is hardly a whole number."""


def search_warnings(spec: Spec) -> Iterator[Problem]:
    """What `sweep check` warns of in the searches of a file, each with its place."""
    for sweep in spec.sweeps:
        if sweep.search is not None:
            where = f"sweeps.{sweep.name}.search"
            yield from _of_objectives(spec, sweep.search, where)
            yield from _of_space(sweep.search, where)


def drawn_examples(spec: Spec) -> Iterator[tuple[str, Setting]]:
    """A value of each float that searches draw, hardly a whole number where the space has others, as a setting with its key."""
    for sweep in spec.sweeps:
        for dimension in sweep.search.dimensions if sweep.search is not None else ():
            if dimension.value_type is ValueType.FLOAT:
                low, high = dimension.bounds
                value = dimension.nearest(low + GOLDEN * (high - low))
                yield dimension.key, Setting(value, f"sweeps.{sweep.name}.search.space", dimension.place)


def _of_objectives(spec: Spec, search: SearchSpec, where: str) -> Iterator[Problem]:
    for objective in search.objectives:
        at = f"{where}.objective.{objective.metric}"
        if objective.at_end and search.pruner.name != NO_PRUNER:
            message = f"it comes when a trial ends, so {search.pruner.name} can never prune by it; seek a metric of each epoch, or leave `pruner` out"
            yield Problem(objective.place, f"{at}: {message}")
        named = spec.trainer.sources.all_metrics if spec.trainer.command is not None else None
        if named and not objective.is_time and objective.metric not in named:
            hint = did_you_mean(objective.metric, named) or f"; they give {', '.join(sorted(named))}"
            message = f"no pattern of `metrics` gives it, unless the program logs it to MLflow{hint}"
            yield Problem(objective.place, f"{at}: {message}")


def _of_space(search: SearchSpec, where: str) -> Iterator[Problem]:
    for dimension in search.dimensions:
        at = f"{where}.space.{dimension.key}"
        if dimension.key == SEED:
            message = "the search would choose the luckiest seed; leave it out, and train the best setting with several seeds afterwards (`sweep best`)"
            yield Problem(dimension.place, f"{at}: {message}")
        if search.sampler.name == "cmaes" and dimension.value_type is ValueType.CHOICE:
            message = "cmaes learns nothing of choices, and draws them at random; use tpe"
            yield Problem(dimension.place, f"{at}: {message}")
