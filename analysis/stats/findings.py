"""The questions that a report answers for each sweep, and the answers: pure functions from results to findings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting
from analysis.results.results import (
    ANNEALING,
    COPY_FIRST,
    FINISHED,
    FRAME_COPY_FIRST,
    FRAME_PSNR,
    PSNR,
    RATIO,
    TFR,
    Result,
    SweepResults,
)
from analysis.stats.cycles import beta_cycles
from analysis.stats.effects import effect
from analysis.stats.measures import last_loss, last_psnr, loss_while_forced, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def findings(sweep: SweepResults) -> tuple[Finding, ...]:
    """Answer every question that the sweep's axes and metrics raise, in the terms of the lab report's discussion.

    Of a trainer other than the video's nobody knows which way its metrics are better: nothing is asked.
    """
    if not sweep.is_of_video:
        return ()
    expected = sweep.expected
    axes = [axis for axis in expected.settings if len(expected.values(axis)) > 1] if expected.is_whole else []
    effects = [answered for axis in axes for answered in _effects(sweep, axis)]
    cycles = beta_cycles(sweep)
    return (copying(sweep.results), *effects, *([cycles] if cycles else []))


def _effects(sweep: SweepResults, axis: str) -> list[Finding]:
    if axis == ANNEALING:
        asked = [
            ("Which annealing strategy ends with the lower training loss?", last_loss()),
            ("Which annealing strategy ends with the higher validation PSNR?", last_psnr()),
        ]
        return [effect(sweep, axis, measure, question) for question, measure in asked]
    if axis == RATIO:
        forced = loss_while_forced(sweep.results)
        while_on = [
            effect(sweep, axis, forced, "What does teacher forcing do to the training loss while it is on?")
        ]
        after = effect(
            sweep,
            axis,
            last_loss(),
            "What does teacher forcing do to the training loss at the end?",
            remarks=_ratio_at_the_end(sweep.results),
        )
        psnr = effect(sweep, axis, last_psnr(), "What does teacher forcing do to validation PSNR?")
        return [*(while_on if forced.epochs else ()), after, psnr]
    name = axis.rpartition(".")[2]
    return [
        effect(sweep, axis, last_loss(), f"Which {name} ends with the lower training loss?"),
        effect(sweep, axis, last_psnr(), f"Which {name} ends with the higher validation PSNR?"),
    ]


def _ratio_at_the_end(results: Sequence[Result]) -> tuple[str, ...]:
    last = [
        value for result in results if result.state == FINISHED and (value := result.last(TFR)) is not None
    ]
    if not last or any(value != 0 for value in last):
        return ()
    return (
        (
            "At the last epoch the ratio is 0 in every finished run: what is compared here is what teacher forcing has "
            "left behind, not what it does while it is on."
        ),
    )


def copying(results: Sequence[Result]) -> Finding:
    """Say whether a model beats copying the first frame, at the last epoch and at its best."""
    judged = [(result, result.skill_db) for result in results]
    skills = {
        result.trial.name: skill for result, skill in judged if skill is not None and math.isfinite(skill)
    }
    answer, details = _judged(results, skills)
    basis = [
        (
            "Each number is one trained model's on the validation video, at its last epoch. No baseline is recorded for "
            "the moving pixels alone, so nothing is said of them."
        )
    ]
    if left_out := [result.trial.name for result in results if result.trial.name not in skills]:
        basis.append(f"Not judged, for lack of numbers: {', '.join(left_out)}.")
    by_seed = _by_seed(results, skills)
    if skills and not by_seed:
        basis.append("One run a setting (n = 1) says nothing of how another seed would do.")
    return Finding(
        "Does a model beat copying the first frame?",
        answer,
        _copying_numbers(results),
        (*details, *by_seed),
        tuple(basis),
        answered=bool(skills),
    )


def _judged(results: Sequence[Result], skills: Mapping[str, float]) -> tuple[str, list[str]]:
    if not skills:
        return "The data cannot tell: no trial has both PSNRs.", []
    better = [name for name, skill in skills.items() if skill > 0]
    best = max(skills, key=lambda name: skills[name])
    answer = (
        f"Yes: {len(better)} of {len(skills)} end above it"
        if better
        else f"No: none of {len(skills)} ends above it"
    )
    unfinished = sum(result.trial.name in skills and result.state != FINISHED for result in results)
    if unfinished:
        answer += f" ({unfinished} of them unfinished, judged where they stand)"
    passing = [
        f"{result.trial.name} ({top[0] - copy:.2f} dB above, epoch {top[1]})"
        for result in results
        if result.trial.name in skills
        and result.trial.name not in better
        and (top := result.curves[PSNR].best)
        and (copy := result.last(COPY_FIRST)) is not None
        and top[0] > copy
    ]
    passed = f"Above it at their best epoch, and no longer at the last: {', '.join(passing)}."
    return f"{answer}; the best is {best} ({skills[best]:+.2f} dB).", [passed] if passing else []


def _by_seed(results: Sequence[Result], skills: Mapping[str, float]) -> list[str]:
    if not any(SEED_AXIS in result.trial.axes for result in results):
        return []
    sentences = []
    for label, repeats in by_setting(results).items():
        values = [skills[result.trial.name] for result in repeats if result.trial.name in skills]
        if values:
            above = sum(value > 0 for value in values)
            mean = math.fsum(values) / len(values)
            sentences.append(
                f"{label}: {above} of {len(values)} seeds end above it, by {mean:+.2f} dB in the mean."
            )
    return sentences


def _copying_numbers(results: Sequence[Result]) -> Table:
    return Table(
        (
            ("trial", "name"),
            ("PSNR, last", "number"),
            ("copy first", "number"),
            ("skill", "number"),
            ("frames above copying", "number"),
        ),
        tuple(
            tuple(
                Cell(text)
                for text in (
                    result.trial.name,
                    number(result.last(PSNR)),
                    number(result.last(COPY_FIRST)),
                    number(result.skill_db, "+.2f"),
                    _frames_above(result),
                )
            )
            for result in results
        ),
    )


def _frames_above(result: Result) -> str:
    model, copy = result.curves.get(FRAME_PSNR), result.curves.get(FRAME_COPY_FIRST)
    if model is None or copy is None:
        return number(None)
    at = dict(zip(copy.steps, copy.values, strict=True))
    pairs = [(value, at[step]) for step, value in zip(model.steps, model.values, strict=True) if step in at]
    return f"{sum(one > other for one, other in pairs)} of {len(pairs)}"
