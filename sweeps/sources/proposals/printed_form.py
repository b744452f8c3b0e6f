"""Lines of a program that differ in their numbers alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """Lines of a program that differ in their numbers alone.

    Attributes:
        pattern: A regular expression with a group for each metric, and one for the step where there is one.
        metrics: The names of the groups that are metrics; none: the lines only say at which step those after them stand.
        step: The step as an expression of groups, or a word such as `count` where no counter tells the lines apart.
        count: How many lines have this form.
        example: The last of them.
        derived: Metrics of numbers that it reads, as (name, expression): the numbers are none.
        several: What several values at one step become; empty: the last stands.
    """

    pattern: str
    metrics: tuple[str, ...]
    step: str
    count: int
    example: str
    several: str = ""
    derived: tuple[tuple[str, str], ...] = ()
