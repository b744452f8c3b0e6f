"""The rows of `benchmarks/gpu.py`, the bars that they are judged by, and how both are printed."""

from __future__ import annotations

from dataclasses import dataclass

CLIPS, EPOCHS, VALIDATION_FRAMES = 1463, 1500, 629
"""Clips of an epoch at the report's size, epochs of its twelve runs, nearly all free-running, and frames of a rollout after each."""
TESTS = "tests on the GPU that fail"
RATE = "{}, ms a step of a trial, together"
BARS = {
    "teacher forcing, ms a step": 8.0,
    RATE.format("teacher forcing"): 5.0,
    "free-running, ms a step": 40.0,
    RATE.format("free-running"): 12.0,
    "rollout, ms a frame": 0.5,
    "graph against eager, 20 steps of fp32 without TF32, relative": 1e-5,
    "the same with deterministic, bits that differ": 0.0,
    "the report's twelve runs, hours": 8.0,
    "the quick study, s": 75.0,
    TESTS: 0.0,
}


@dataclass(frozen=True)
class Row:
    """A measurement: what was measured how, and the value; None: it failed, or there was no time."""

    what: str
    way: str
    value: float | None
    note: str = ""


def best(rows: list[Row], what: str) -> float | None:
    """The smallest value of some rows."""
    return min((row.value for row in rows if row.what == what and row.value is not None), default=None)


def hours(step_ms: float | None, frame_ms: float | None) -> float | None:
    """The hours that the report's twelve runs take, of the time of a free-running step and of a frame of a rollout."""
    if step_ms is None or frame_ms is None:
        return None
    return EPOCHS * (CLIPS * step_ms + VALIDATION_FRAMES * frame_ms) / 3.6e6


def judged(rows: list[Row]) -> list[tuple[str, float | None, float, bool]]:
    """Each bar with the best value that was measured, and whether it holds."""
    found = []
    for what, bar in BARS.items():
        value = best(rows, what)
        found.append((what, value, bar, value is not None and value <= bar))
    return found


def line(row: Row) -> str:
    """A row of the table."""
    return f"| {row.what} | {row.way} | {_number(row.value)}{f' ({row.note})' if row.note else ''} |"


def table(rows: list[Row], card: str) -> str:
    """All rows, then the bars."""
    shown = ["", card, "", "| what | way | value |", "| --- | --- | ---: |", *map(line, rows)]
    shown += ["", "| bar | measured | at most | |", "| --- | ---: | ---: | --- |"]
    shown += [
        f"| {what} | {_number(value)} | {bar:g} | {'holds' if holds else 'MISSED'} |"
        for what, value, bar, holds in judged(rows)
    ]
    return "\n".join(shown)


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4g}"
