"""What a report says, before it is Markdown or HTML: plain values, computed once and rendered twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Kind = Literal["name", "text", "number"]
"""How a column is set: a name as code, words, or a number to the right."""


@dataclass(frozen=True)
class Source:
    """One trial that a figure shows; `run_id` is None where it has no run."""

    name: str
    fingerprint: str
    run_id: str | None
    state: str


class Figure(Protocol):
    """One picture: its place, its words, and what it is drawn from."""

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
    def sources(self) -> tuple[Source, ...]:
        """The trials that it shows."""

    @property
    def content(self) -> dict[str, Any]:
        """All that it says, words and values: equal contents, equal pictures."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table, and where it leads, if anywhere."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table: heads with the kind of each column, and as many cells in every row."""

    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Finding:
    """One question that a study was made for, and what its data say.

    Attributes:
        question: In the terms of the study.
        answer: What follows from `numbers`, or that the data cannot tell.
        details: Further sentences, each from `numbers` too.
        numbers: What the answer follows from.
        basis: The test, n, and what was left out and why.
        told: Whether the data can tell.
    """

    question: str
    answer: str
    numbers: Table
    details: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True)
class Command:
    """How one trial is repeated from a shell."""

    trial: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One study.

    Attributes:
        name: Of the study.
        summary: What varies in it, and how its trials stand.
        incomplete: Trials that are missing, running, or did not finish, each with its condition.
        warnings: What a reader must know before comparing.
        unlike: For each kind of difference between the runs, what it is and a line for each value.
        findings: What its data say.
        figures: What it is shown in.
        tables: Results, runs and settings, each under its heading, with words below it.
        commands: How each trial is repeated.
    """

    name: str
    summary: str
    incomplete: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    unlike: tuple[tuple[str, tuple[str, ...]], ...]
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
