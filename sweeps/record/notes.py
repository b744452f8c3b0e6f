"""Notes on runs, for MLflow's UI: what a trial is, how it ended, and how to repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.report.markdown import words
from analysis.results.grouping import value_text
from analysis.results.results import counted
from analysis.stats.measures import number
from analysis.visible import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from analysis.results.criterion import Criterion
    from sweeps.planning.trial import Trial
    from sweeps.record.best_trial import Best

LOG_LINES = 20
OTHER_STORE = "sqlite:///again.db"
_STORE = " --tracking-uri "
PSNR, COPY_FIRST, SKILL = "val/psnr", "val/psnr_copy_first", "val/skill"
HEADLINES = (PSNR, COPY_FIRST, SKILL, "train/loss", "val/loss", "loss", "accuracy", "val/accuracy")
"""Metrics that notes show where a trainer logs them."""


def headlines(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    """The metrics that notes show of a trial that is judged by these, as far as it logs them."""
    return tuple(dict.fromkeys([*(key for one in criteria for key in one.keys), *HEADLINES]))


def trial_note(
    trial: Trial,
    repeat: str,
    outcome: Outcome,
    reason: str,
    metrics: Mapping[str, float],
    log: Path | None,
    *,
    scores: Mapping[Criterion, tuple[float | None, float | None]] | None = None,
) -> str:
    """Markdown for `mlflow.note.content`.

    Args:
        trial: The trial.
        repeat: The command that runs it where it has no result; empty: there is none.
        outcome: How its last attempt ended.
        reason: Why.
        metrics: Its last values.
        log: What it printed; None: the note does not quote it.
        scores: Of each measure of the file what counts of it, and what that has to beat.
    """
    why = f" ({words(reason)})" if reason else ""
    parts = [f"**{words(trial.name)}**, a trial of the sweep *{words(trial.sweep)}*: {outcome}{why}."]
    settings = ", ".join(
        f"{key} {value_text(trial.settings[key].value)}" for key in trial.axes if key in trial.settings
    )
    if settings:
        parts.append(f"It is the one with {words(settings)}.")
    if PSNR in metrics and COPY_FIRST in metrics:
        parts.append(_against_baseline(metrics[PSNR], metrics[COPY_FIRST]))
    parts += [text for one, found in (scores or {}).items() if (text := _judged(one, *found))]
    rows = [f"| {words(key)} | {metrics[key]:.4g} |" for key in headlines(scores or ()) if key in metrics]
    if rows:
        parts.append("\n".join(["| metric | last value |", "| --- | ---: |", *rows]))
    if repeat:
        parts.append(next_command(repeat, outcome))
    if log is not None and not outcome.is_result:
        lines = tail(log, LOG_LINES)
        if lines:
            parts.append("The end of its log:\n\n" + "\n".join(f"    {on_one_line(line)}" for line in lines))
    return "\n\n".join(parts)


def next_command(repeat: str, outcome: Outcome) -> str:
    """A command that does something for a trial that ended so, and what it does."""
    if outcome.is_result:
        command, _, _ = repeat.partition(_STORE)  # which stands last
        told = "`sweep run` leaves it as it is. This trains it once more, into a record of its own:"
        return f"{told}\n\n    {command}{_STORE}{OTHER_STORE}"
    if outcome is Outcome.ABANDONED:
        return f"`sweep run` leaves it. This trains it anew:\n\n    {repeat} --again"
    if outcome is Outcome.FAILED:
        return f"This tries it again:\n\n    {repeat} --retry-failed"
    return f"This goes on with it:\n\n    {repeat}"


def with_remarks(note: str, remarks: Path) -> str:
    """A note that also says what happened to the run's record, a paragraph for each line of the file `remarks`."""
    try:
        lines = remarks.read_text(encoding="utf-8").splitlines()
    except OSError:
        return note
    return "\n\n".join(
        [note, *(text for line in dict.fromkeys(lines) if (text := f"Note: {line}.") not in note)]
    )


def sweep_note(
    name: str,
    file: str,
    states: Sequence[str],
    best: Best | None,
    report: str,
    criteria: Sequence[Criterion] = (),
) -> str:
    """Markdown for the run of a sweep: what it is, how its trials stand, which is the best, what draws it."""
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    parts = [
        f"The sweep **{words(name)}** of `{on_one_line(file)}`: {counted(len(states), 'trial')}, {counts}."
    ]
    if best is not None:
        by = next(
            (one.judge for one in criteria if one.metric == best.metric and not one.is_last),
            f"{best.metric} at the end",
        )
        parts.append(
            f"Best by {words(by)}: **{words(best.name)}**, {words(best.words('{:.4g}'.format))}; "
            f"what {'its best run' if best.seeds else 'it'} shows lies under *Artifacts, best*."
        )
    parts.append(
        f"Its trials are the runs below it. `{report}` stores the figures under *Artifacts, report*."
    )
    return "\n\n".join(parts)


def tail(path: Path, lines: int, *, most_bytes: int = 64 * 1024) -> list[str]:
    """The last lines of a text file; empty where there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most_bytes))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return text.splitlines()[-lines:]


def _judged(criterion: Criterion, score: float | None, to_beat: float | None) -> str:
    """One sentence: how a measure stands to its baseline; empty where it has none, and for the PSNR, which has its own."""
    if score is None or to_beat is None or criterion.is_per_frame or criterion.metric == PSNR:
        return ""
    gain, unit = criterion.sign * (score - to_beat), criterion.unit_after
    name = (
        f"{criterion.baseline_name} ({number(to_beat, '.4g')}{unit})"
        if isinstance(criterion.baseline, str)
        else criterion.baseline_name
    )
    return words(
        f"{f'Its {criterion.in_words}' if criterion.needs_curve else f'At the end {criterion.metric}'} is {number(score, '.4g')}{unit}, {number(abs(gain), '.4g')}{criterion.gap_after} "
        f"{'better' if gain >= 0 else 'worse'} than {name}."
    )


def _against_baseline(psnr_db: float, copy_first_db: float) -> str:
    """One sentence: the score and what repeating the first frame scores."""
    skill_db = psnr_db - copy_first_db
    difference = f"{number(abs(skill_db))} dB {'better' if skill_db >= 0 else 'worse'} than"
    return (
        f"At the end it predicts the validation video with {number(psnr_db)} dB PSNR, {difference} repeating the first frame "
        f"({number(copy_first_db)} dB)."
    )
