"""Whether a model of the video's trainer beats repeating the first frame: counted, trial by trial and seed by seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting
from analysis.results.results import COPY_FIRST, FINISHED, FRAME_COPY_FIRST, FRAME_PSNR, PSNR, Result
from analysis.stats.measures import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class _Setting:
    """One setting of all axes: the skill of its runs, dB, and how many there should be."""

    label: str
    skills: tuple[float, ...]
    expected: int

    @property
    def mean(self) -> float:
        return math.fsum(self.skills) / len(self.skills)

    @property
    def beats(self) -> bool:
        """Whether every run that there should be ends above copying."""
        return len(self.skills) == self.expected and all(skill > 0 for skill in self.skills)

    @property
    def words(self) -> str:
        """Its mean skill, with the range over its seeds where there are several."""
        mean, n = number(self.mean, "+.2f"), len(self.skills)
        if n == 1:
            return f"{mean} dB"
        return f"{mean} dB, mean of {n}: {number(min(self.skills), '+.2f')} to {number(max(self.skills), '+.2f')}"


def copying_headline(sweeps: Sequence[tuple[str, Sequence[Result]]]) -> str:
    """Say of all sweeps together, each with its name, how many settings beat copying the first frame, in one line.

    Empty where no trial has both PSNRs.
    """
    found = [
        (name, one)
        for name, results in sweeps
        for one in _settings(results, _skills(results), repeated=_repeated(results))
    ]
    if not found:
        return ""
    name, best = max(found, key=lambda item: item[1].mean)
    beating, fewest = sum(one.beats for _, one in found), min(len(one.skills) for _, one in found)
    place = f" in {name}" if len({sweep for sweep, _ in found}) > 1 else ""
    n = "" if len(best.skills) > 1 else f"; n = {fewest}"
    seeds = " in all their seeds" if any(one.expected > 1 for _, one in found) else ""
    return (
        f"{beating} of {len(found)} settings end above copying the first frame{seeds}; "
        f"the best is {best.label}{place} ({best.words}{n})"
    )


def copying(results: Sequence[Result]) -> Finding:
    """Say which settings beat copying the first frame at the last epoch, in all their seeds."""
    skills, repeated = _skills(results), _repeated(results)
    basis = [
        (
            "Each number is one trained model's on the validation video, at its last epoch. No baseline is recorded for "
            "the moving pixels alone, so nothing is said of them."
        )
    ]
    if left_out := [result.trial.name for result in results if result.trial.name not in skills]:
        basis.append(f"Not judged, for lack of numbers: {', '.join(left_out)}.")
    if skills and not repeated:
        basis.append("One run a setting (n = 1) says nothing of how another seed would do.")
    settings = _settings(results, skills, repeated=repeated)
    details = [_counted(one) for one in settings] if repeated else []
    return Finding(
        "Does a model beat copying the first frame?",
        _answer(results, settings, repeated=repeated),
        _copying_numbers(results),
        (*_passing(results, skills), *details),
        tuple(basis),
        answered=bool(skills),
        keys=(FRAME_PSNR, PSNR),
    )


def _skills(results: Sequence[Result]) -> dict[str, float]:
    """The skill of each trial that has one, dB."""
    return {
        result.trial.name: skill
        for result in results
        if (skill := result.skill_db) is not None and math.isfinite(skill)
    }


def _repeated(results: Sequence[Result]) -> bool:
    return any(SEED_AXIS in result.trial.axes for result in results)


def _settings(results: Sequence[Result], skills: Mapping[str, float], *, repeated: bool) -> list[_Setting]:
    """The settings that have a run with both PSNRs; without seeds each trial is one."""
    groups = by_setting(results) if repeated else {result.trial.name: (result,) for result in results}
    found = [
        _Setting(label, tuple(skills[one.trial.name] for one in runs if one.trial.name in skills), len(runs))
        for label, runs in groups.items()
    ]
    return [one for one in found if one.skills]


def _answer(results: Sequence[Result], settings: Sequence[_Setting], *, repeated: bool) -> str:
    if not settings:
        return "The data cannot tell: no trial has both PSNRs."
    best = max(settings, key=lambda one: one.mean)
    better, of = [one for one in settings if one.beats], len(settings)
    unfinished = sum(
        result.state != FINISHED and result.skill_db is not None and math.isfinite(result.skill_db)
        for result in results
    )
    standing = f" ({unfinished} of them unfinished, judged where they stand)" if unfinished else ""
    kind = " settings" if repeated else ""
    words = (
        f"Yes: {len(better)} of {of}{kind} end above it"
        if better
        else f"No: none of {of}{kind} ends above it"
    )
    if repeated:
        words += f" in all {'their' if better else 'its'} seeds"
    return f"{words}{standing}; the best is {best.label} ({best.words})."


def _counted(one: _Setting) -> str:
    above = sum(skill > 0 for skill in one.skills)
    lacking = one.expected - len(one.skills)
    return (
        f"{one.label}: {above} of {len(one.skills)} seeds end above it, by {number(one.mean, '+.2f')} dB in the mean"
        f"{f'; {lacking} without a result' if lacking else ''}."
    )


def _passing(results: Sequence[Result], skills: Mapping[str, float]) -> list[str]:
    passing = [
        f"{result.trial.name} ({number(top[0] - copy)} dB above, epoch {top[1]})"
        for result in results
        if skills.get(result.trial.name, 1.0) <= 0
        and (top := result.curves[PSNR].best)
        and (copy := result.last(COPY_FIRST)) is not None
        and top[0] > copy
    ]
    return (
        [f"Above it at their best epoch, and no longer at the last: {', '.join(passing)}."] if passing else []
    )


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
