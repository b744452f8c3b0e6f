"""Counts how the training loss moves with each cycle of beta, by the recorded schedule and not by its name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.grouping import by_setting
from analysis.results.results import BETA, FINISHED, LOSS, Result, SweepResults, step_word
from analysis.stats.measures import NONE, SAME_BETA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.curves import Curve

MOST_ROWS, MOST_SETTINGS = 60, 24
"""How many cycles the table has, and how many settings have a sentence each; the answer counts them all."""


@dataclass(frozen=True)
class Cycle:
    """One rise of beta in one run, and the training loss along it.

    Attributes:
        first: Step at which it starts, for most an epoch.
        full: First step at which beta is as high as it gets in this cycle.
        last: Its last step.
        beta: At `first` and at `full`.
        loss: At `first`, `full` and `last`.
    """

    first: int
    full: int
    last: int
    beta: tuple[float, float]
    loss: tuple[float, float, float]


def cycles_of(beta: Curve, loss: Curve) -> tuple[Cycle, ...]:
    """Split a run where its beta falls: a new cycle starts there. Steps without both numbers are left out."""
    at = dict(zip(loss.steps, loss.values, strict=True))
    points = [
        (step, weight, at[step])
        for step, weight in zip(beta.steps, beta.values, strict=True)
        if math.isfinite(weight) and math.isfinite(at.get(step, math.nan))
    ]
    parts: list[list[tuple[int, float, float]]] = []
    for point in points:
        if not parts or point[1] < parts[-1][-1][1] - SAME_BETA:
            parts.append([])
        parts[-1].append(point)
    return tuple(_cycle(part) for part in parts)


def _cycle(part: Sequence[tuple[int, float, float]]) -> Cycle:
    (first, low, start), (last, _, end) = part[0], part[-1]
    top = max(weight for _, weight, _ in part)
    full, high, middle = next(point for point in part if point[1] >= top - SAME_BETA)
    return Cycle(first, full, last, (low, high), (start, middle, end))


def beta_cycles(sweep: SweepResults) -> Finding | None:
    """Say how the training loss moves with each cycle of beta; None where no run has both, or none has a cycle."""
    runs = [
        (label, result, _whole_cycles(result))
        for label, results in by_setting(sweep.results).items()
        for result in results
    ]
    having = [(label, result, cycles) for label, result, cycles in runs if cycles]
    if not any(_rises(cycle) for _, _, cycles in having for cycle in cycles):
        return None
    restarts = [change for _, _, cycles in having for change in _restarts(cycles)]
    answer = _answer(restarts, [change for _, _, cycles in having for change in _later_ramps(cycles)])
    by_group: dict[str, list[tuple[Cycle, ...]]] = {}
    for label, _, cycles in having:
        by_group.setdefault(label, []).append(cycles)
    word = step_word(sweep.results, BETA)
    details = [f"{label}: {_sentence(runs, word)}" for label, runs in by_group.items()][:MOST_SETTINGS]
    rows = sum(len(cycles) for _, _, cycles in having)
    alone = all(len(runs) == 1 for runs in by_group.values())
    basis = [
        (
            "A cycle starts where the recorded beta falls. The first rise of beta is not counted: the untrained "
            "model's loss falls there, whatever beta does. These sentences count what the recorded curves do; they test "
            f"nothing{', and one run a setting (n = 1) says nothing of another seed' if alone else ''}."
        ),
        *([f"The table has the first {MOST_ROWS} of {rows} cycles."] if rows > MOST_ROWS else []),
        *_left_out(sweep.results),
    ]
    return Finding(
        "How does the training loss move with each cycle of beta?",
        answer,
        _numbers(having, word),
        tuple(details),
        tuple(basis),
        answered=bool(restarts),
        headline=answer.removesuffix(".") if restarts else "",
        rank=4,  # behind all that is compared
        keys=(LOSS, BETA),
    )


def _whole_cycles(result: Result) -> tuple[Cycle, ...]:
    if BETA not in result.curves or LOSS not in result.curves:
        return ()
    cycles = cycles_of(result.curves[BETA], result.curves[LOSS])
    # Where a run has stopped, the cycle that it was in is not a whole one.
    return cycles if result.state == FINISHED else cycles[:-1]


def _rises(cycle: Cycle) -> bool:
    return cycle.beta[1] > cycle.beta[0] + SAME_BETA


def _later_ramps(cycles: Sequence[Cycle]) -> list[float]:
    # Over the first rise the untrained model's loss falls, whatever beta does.
    return [cycle.loss[1] - cycle.loss[0] for cycle in cycles[1:]]


def _restarts(cycles: Sequence[Cycle]) -> list[float]:
    return [after.loss[0] - before.loss[2] for before, after in pairwise(cycles)]


def _answer(restarts: Sequence[float], ramps: Sequence[float]) -> str:
    if not restarts:
        return "In these runs beta rises and never falls again, so there is no second cycle to compare with. As recorded:"
    return (
        f"Where beta restarts, the loss {_counted(restarts, falls=True)}; "
        f"while beta rises again, it {_counted(ramps, falls=False)}."
    )


def _counted(changes: Sequence[float], *, falls: bool) -> str:
    count = sum((change < 0) if falls else (change > 0) for change in changes)
    word = "falls" if falls else "rises"
    return f"{word} {count} of {len(changes)} times (mean change {_mean(changes):+.3g})"


def _sentence(runs: Sequence[tuple[Cycle, ...]], word: str) -> str:
    restarts = [change for cycles in runs for change in _restarts(cycles)]
    n = f" (means, n = {len(runs)})" if len(runs) > 1 else ""
    first, last = (
        _mean([cycles[0].loss[0] for cycles in runs]),
        _mean([cycles[-1].loss[2] for cycles in runs]),
    )
    whole = f"goes from {first:.4g} to {last:.4g} in all{n}."
    if restarts:
        ramps = [change for cycles in runs for change in _later_ramps(cycles)]
        return (
            f"the loss {_counted(restarts, falls=True)} at a restart and {_counted(ramps, falls=False)} on the way up again; "
            f"it {whole}"
        )
    if not _rises(runs[0][0]):
        return f"beta stays at {runs[0][0].beta[0]:.3g}; the loss {whole}"
    middle = _mean([cycles[0].loss[1] for cycles in runs])
    return f"beta rises once, until {word} {runs[0][0].full}, where the loss is {middle:.4g}; it {whole}"


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _left_out(results: Sequence[Result]) -> list[str]:
    lacking = [result.trial.name for result in results if not _whole_cycles(result)]
    return (
        [f"Left out, for lack of a whole cycle with both metrics: {', '.join(lacking)}."] if lacking else []
    )


def _numbers(having: Sequence[tuple[str, Result, tuple[Cycle, ...]]], word: str) -> Table:
    rows = []
    for _, result, cycles in having:
        changes = [*(f"{change:+.3g}" for change in _restarts(cycles)), NONE]
        for number, (cycle, change) in enumerate(zip(cycles, changes, strict=True), start=1):
            start, middle, end = (f"{value:.4g}" for value in cycle.loss)
            rows.append(
                (
                    result.trial.name,
                    str(number),
                    f"{cycle.first} to {cycle.last}",
                    f"{cycle.beta[0]:.2g} to {cycle.beta[1]:.2g}",
                    start,
                    f"{middle} ({cycle.full})",
                    end,
                    change,
                )
            )
    return Table(
        (
            ("trial", "name"),
            ("cycle", "number"),
            (f"{word}s", "number"),
            ("beta", "number"),
            ("loss at its start", "number"),
            (f"at full beta ({word})", "number"),
            ("at its end", "number"),
            ("change at the restart", "number"),
        ),
        tuple(tuple(Cell(text) for text in row) for row in rows[:MOST_ROWS]),
    )
