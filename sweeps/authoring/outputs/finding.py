"""A metric source that a script's source shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundSource:
    """Something that the script writes or prints, and what reads it.

    Attributes:
        kind: The kind of metric source: `tensorboard`, `csv`, `jsonl`, `json`, `wandb`, `mlflow` or `stdout`.
        text: The path with placeholders, or the pattern; empty for `mlflow`.
        step: What counts its steps; empty: as is usual for the kind.
        derived: Metrics of the numbers that a pattern reads, as (name, expression): the numbers are none.
        step_told: Why that counts its steps; empty: it needs no word.
        several: What several values at one step become; empty: the last stands.
        several_of: The metrics of which the mean of several values at one step is taken.
        at: Of a JSON document the keys that lead to its list.
        told: The line of the source that shows it.
        leads: Whether it only tells the step of the lines after it.
        question: What the source does not tell, so that it is a comment of the file; empty: it is sure.
    """

    kind: str
    text: str = ""
    step: str = ""
    several: str = ""
    at: str = ""
    told: str = ""
    question: str = ""
    leads: bool = False
    step_told: str = ""
    derived: tuple[tuple[str, str], ...] = ()
    several_of: tuple[str, ...] = ()
