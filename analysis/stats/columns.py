"""The columns of a results table that hold what runs are judged by, and what else they recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.results.criterion import LAST, form_of
from analysis.results.grouping import steps_called
from analysis.results.results import MOST_METRICS
from analysis.stats.measures import NONE, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analysis.results.criterion import Criterion
    from analysis.results.results import Result, SweepResults


@dataclass(frozen=True)
class Column:
    """One column: its head, and of each result a number and its text.

    Attributes:
        head: What it is.
        unit: Of its numbers; empty where they have none.
        value: To sort by; None where there is none.
        text: As the table shows it.
    """

    head: str
    unit: str
    value: Callable[[Result], float | None]
    text: Callable[[Result], str]


def score_columns(sweep: SweepResults) -> tuple[Column, ...]:
    """Return the measures, each with its best value and how it stands to its baseline; then the other metrics, up to `MOST_METRICS`.

    Of the video's trainer, where the file names no measures, only its PSNRs are shown.
    """
    judging = [
        column
        for one in sweep.criteria
        if one.is_tabled
        for column in _of(one, steps_called(sweep.results, one.metric))
    ]
    if sweep.criteria and not sweep.expected.criteria:
        beside = [(criterion, *pair) for criterion in sweep.criteria for pair in criterion.wording.beside]
        return (*judging, *(_last(key, head, one.wording.form, one.unit) for one, key, head in beside))
    return (
        *judging,
        *(_last(key, sweep.called(key), _form(sweep, key)) for key in _others(sweep)[:MOST_METRICS]),
    )


def _form(sweep: SweepResults, key: str) -> str:
    """How the last values of a metric are written: with as many decimals in each row."""
    lasts = [result.last(key) for result in sweep.results]
    return form_of((value,) for value in lasts if value is not None and math.isfinite(value))


def not_shown(sweep: SweepResults) -> tuple[str, ...]:
    """Return the metrics that are recorded, and are in no column for want of room."""
    if sweep.criteria and not sweep.expected.criteria:
        return ()
    return _others(sweep)[MOST_METRICS:]


def _others(sweep: SweepResults) -> tuple[str, ...]:
    judging = {criterion.metric for criterion in sweep.criteria}
    return tuple(key for key in sweep.metrics if key not in judging)


def _of(criterion: Criterion, steps: str) -> Iterator[Column]:
    wording, unit = criterion.wording, criterion.unit
    head, form = criterion.head, wording.form
    shown = "" if wording.head else criterion.unit_in_head  # who knows the head knows the unit
    # What judges stands first.
    if criterion.averaged_over:
        yield _numbers(f"{criterion.column}{shown}", unit, lambda result: result.score(criterion), form)
    last = _numbers(
        f"{f'{head}, {LAST}' if criterion.needs_curve else criterion.column}{shown}",
        unit,
        lambda result: result.score(replace(criterion, value=LAST)),
        form,
    )
    if not criterion.is_best:
        yield last
    if criterion.ranks and not criterion.is_per_frame and not criterion.is_said:
        yield Column(
            f"{head}, best ({steps.partition(' (')[0]})",
            unit,
            lambda result: best[0] if (best := _best(result, criterion)) else None,
            lambda result: (
                f"{number(best[0], form)} ({best[1]})" if (best := _best(result, criterion)) else NONE
            ),
        )
    if criterion.is_best:
        yield last
    if criterion.baseline is None:
        return
    if isinstance(criterion.baseline, str):
        yield _numbers(criterion.baseline_name, unit, lambda result: result.to_beat(criterion), form)
    gap = criterion.gap_after.strip()
    gain = wording.gain or f"better than {criterion.baseline_name} by"
    yield _numbers(gain, gap, lambda result: result.gain(criterion), f"+{form}")


def _best(result: Result, criterion: Criterion) -> tuple[float, int] | None:
    curve = result.curves.get(criterion.metric)
    return curve.best_by(criterion.sign) if curve else None


def _last(key: str, head: str, form: str, unit: str = "") -> Column:
    return _numbers(head, unit, lambda result: result.last(key), form)


def _numbers(head: str, unit: str, value: Callable[[Result], float | None], form: str) -> Column:
    return Column(head, unit, value, lambda result: number(value(result), form))
