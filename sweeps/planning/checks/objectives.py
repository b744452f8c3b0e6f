"""Objectives of searches that judge trials otherwise than the file's measures do, of the same metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.spec.model import Spec


def objective_warnings(spec: Spec) -> Iterator[Problem]:
    """Objectives that seek another value of a metric than a measure of it counts, or the other way: `objective` does not follow `measures`."""
    for sweep in spec.sweeps:
        measures = {one.metric: one for one in spec.measures_of(sweep.name)}
        for objective in sweep.search.objectives if sweep.search is not None else ():
            own, measure = objective.criterion, measures.get(objective.metric)
            if measure is None or not measure.ranks or measure.is_per_frame:
                continue
            where = f"sweeps.{sweep.name}.search.objective.{objective.metric}"
            if own.better != measure.better:
                message = f"seeks {objective.direction}, and `measures:` says that {measure.better} is better"
                yield Problem(objective.place, f"{where}: {message}")
            elif own.value != measure.value:
                wanted = f"{objective.metric}: {{direction: {objective.direction}, value: {measure.value}}}"
                message = f"the search judges trials by the {own.value} value, and `measures:` by the {measure.value}; write `{wanted}` to seek what counts"
                yield Problem(objective.place, f"{where}: {message}")
