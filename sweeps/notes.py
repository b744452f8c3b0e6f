"""The notes that stand on runs in MLflow's UI: what a trial is, how it ended, how to repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sweeps.expand import Trial

LOG_LINES = 20
HEADLINES = ("val/psnr", "val/psnr_copy_first", "val/skill", "train/loss", "val/loss", "loss", "accuracy")
"""Metrics that are told in words where a trainer logs them."""


def trial_note(
    trial: Trial, repeat: str, outcome: str, reason: str, metrics: Mapping[str, float], log: Path
) -> str:
    """Markdown for `mlflow.note.content`."""
    parts = [
        f"**{trial.name}**, a trial of the sweep *{trial.sweep}*: {outcome}{f' ({reason})' if reason else ''}."
    ]
    settings = ", ".join(f"{key} {trial.settings[key].value}" for key in trial.axes if key in trial.settings)
    if settings:
        parts.append(f"It is the one with {settings}.")
    told = [f"{key} {metrics[key]:.4g}" for key in HEADLINES if key in metrics]
    if told:
        parts.append("Last values: " + ", ".join(told) + ".")
    parts.append(f"Repeat it with\n\n    {repeat}")
    if outcome not in {"finished", "pruned"}:
        lines = tail(log, LOG_LINES)
        if lines:
            parts.append("The end of its log:\n\n" + "\n".join(f"    {line}" for line in lines))
    return "\n\n".join(parts)


def sweep_note(name: str, file: str, states: Sequence[str]) -> str:
    """Markdown for the run of a sweep: what it is and how its trials stand."""
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    parts = [
        f"The sweep **{name}** of `{file}`: {len(states)} trials, {told}.",
        "Its trials are the runs below it. `sweep report` stores the figures under *Artifacts, report*.",
    ]
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
