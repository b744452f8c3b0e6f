"""The parts of a report as plain values: computed once, then rendered as Markdown and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

ColumnType = Literal["name", "text", "number"]
"""How a column is set: a name as code, words, or a number to the right."""


@dataclass(frozen=True)
class ShownTrial:
    """One trial that a figure shows; `run_id` is None where it has no run."""

    name: str
    fingerprint: str
    run_id: str | None
    state: str


class Figure(Protocol):
    """What a report needs of a figure, be it of a grid (`FigureData`) or of a search (`SearchFigure`)."""

    @property
    def path(self) -> str:
        """Of the PNG, relative to the report."""

    @property
    def svg_path(self) -> str:
        """Of the SVG, beside it."""

    @property
    def title(self) -> str:
        """What it is."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader would not see in it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The metrics that it is drawn from."""

    @property
    def trials(self) -> tuple[ShownTrial, ...]:
        """The trials that it shows."""

    @property
    def content(self) -> dict[str, Any]:
        """All that it says, words and values: equal contents, equal images."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table, and where it leads, if anywhere."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table: the head and type of each column, and as many cells in every row."""

    columns: tuple[tuple[str, ColumnType], ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Finding:
    """One question that a sweep was made for, and what its data say.

    Attributes:
        question: In the terms of the sweep.
        answer: What follows from `numbers`, or that the data cannot tell.
        details: Further sentences, each from `numbers` too.
        numbers: What the answer follows from.
        basis: The test, n, and what was left out and why.
        answered: Whether the data give an answer.
    """

    question: str
    answer: str
    numbers: Table
    details: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    answered: bool = False


@dataclass(frozen=True)
class Command:
    """How one trial is repeated from a shell."""

    trial: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The part of the report on one sweep.

    Attributes:
        name: Of the sweep.
        summary: What varies in it, and how its trials stand.
        incomplete: Trials that are missing, running, did not finish or recorded nothing, each with its condition.
        warnings: What a reader must know before comparing.
        differences: In what its runs differ (`differ in code`, `may differ in data`), each with a line for each value.
        findings: What its data say.
        figures: What it is shown in.
        tables: Results, runs and settings, each under its heading, with words below it.
        commands: How each trial is repeated.
    """

    name: str
    summary: str
    incomplete: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    differences: tuple[tuple[str, tuple[str, ...]], ...]
    findings: tuple[Finding, ...]
    figures: tuple[Figure, ...]
    tables: tuple[tuple[str, Table, str], ...]
    commands: tuple[Command, ...]


@dataclass(frozen=True)
class Document:
    """The whole report."""

    title: str
    made_from: str
    reading: str
    in_progress: str
    sections: tuple[Section, ...]
