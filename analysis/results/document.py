"""The parts of a report as plain values: computed once, then rendered as Markdown and as HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from analysis.results.results import Result

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
    def pdf_path(self) -> str:
        """Of the PDF, beside it, if there is one."""

    @property
    def film_path(self) -> str:
        """Of its film; empty where it has none."""

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
    def about(self) -> str:
        """The metric, of those in `keys`, whose question it helps to answer; empty for the first of them."""

    @property
    def axis(self) -> str:
        """The setting that tells its lines apart; empty where there is no single one."""

    @property
    def band(self) -> str:
        """What the bands or bars of its repeats are, as `--band` calls it; empty where it has none."""

    @property
    def trials(self) -> tuple[ShownTrial, ...]:
        """The trials that it shows."""

    @property
    def content(self) -> dict[str, Any]:
        """All that it says, words and values: equal contents, equal images."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: What it shows.
        link: Where it leads, if anywhere.
        value: The number behind the text, by which the page sorts and which its CSV holds; None where there is none.
    """

    text: str
    link: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Table:
    """A table: the head and type of each column, and as many cells in every row.

    Attributes:
        columns: Head and type of each.
        rows: The cells.
        units: Of the numbers behind the cells, by the head of their column.
    """

    columns: tuple[tuple[str, ColumnType], ...]
    rows: tuple[tuple[Cell, ...], ...]
    units: Mapping[str, str] = field(default_factory=dict)


def told_apart(head: str, taken: Collection[str], kind: str) -> str:
    """The head of a column of users' own name, with what it is of where another column is called so: `time (metric)`."""
    return f"{head} ({kind})" if head in taken else head


@dataclass(frozen=True)
class Listing:
    """A table under its name, with words below it."""

    name: str
    table: Table
    below: str = ""


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
        headline: The answer in one line, with effect, interval and n; empty where there is nothing to tell.
        rank: Which of several headlines come first; the lower. Below 0: before those of any other sweep, too.
        pooled: Says in one line what several sweeps, each with its name and results, have to say to the question; None where
            each has a line of its own.
        keys: The metrics that it judges, the main one first: figures of them stand beside it.
        axis: The setting that it compares; empty where there is no single one.
        repeats: How often the settings that it tests were repeated, the most of them; 0: nothing is tested.
        above: What the numbers are, where a reader has to be told; it stands above them.
    """

    question: str
    answer: str
    numbers: Table
    details: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    answered: bool = False
    headline: str = ""
    rank: int = 0
    pooled: Callable[[Sequence[tuple[str, Sequence[Result]]]], str] | None = field(
        default=None, compare=False
    )
    keys: tuple[str, ...] = ()
    axis: str = ""
    repeats: int = 0
    above: str = ""


@dataclass(frozen=True)
class Command:
    """How one trial is repeated from a shell."""

    trial: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question of a sweep: what its data say, and the figures that show it.

    Attributes:
        title: The question.
        finding: What the data say; None where the figures stand for themselves.
        figures: Those that belong here.
        elsewhere: Figures of the same metric that stand with another question of the sweep.
        folded: Why its figures open on a click only; empty where they are seen.
    """

    title: str
    finding: Finding | None
    figures: tuple[Figure, ...]
    elsewhere: tuple[Figure, ...] = ()
    folded: str = ""


@dataclass(frozen=True)
class ShownPicture:
    """A picture that a run left.

    Attributes:
        path: Of the PNG, relative to the report.
        name: What the run called it.
        png: Its content.
    """

    path: str
    name: str
    png: bytes = field(repr=False)


@dataclass(frozen=True)
class Pictures:
    """The pictures that the run of the best setting left: which run that is, in a sentence, and the pictures."""

    whose: str
    shown: tuple[ShownPicture, ...]


@dataclass(frozen=True)
class Section:
    """The part of the report on one sweep, or on searches side by side.

    Attributes:
        name: Of the sweep.
        summary: What varies in it, and how its trials stand.
        incomplete: Trials that are missing, running, did not finish or recorded nothing, each with its condition.
        warnings: What may make a conclusion wrong; it stands before the answers.
        differences: In what its runs differ (`differ in code`, `may differ in data`), each with a line for each value.
        questions: What it was made to tell, in order.
        results: A row a trial, and what is to be said below them; None where its trials stand in other sections.
        commands: How each trial is repeated.
        remarks: What else a reader should know, and advice; it stands behind the answers.
        pictures: What the run of its best setting drew; None where it left no picture, or there is no best setting.
    """

    name: str
    summary: str
    incomplete: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    differences: tuple[tuple[str, tuple[str, ...]], ...]
    questions: tuple[Question, ...]
    results: Listing | None
    commands: tuple[Command, ...]
    remarks: tuple[str, ...] = ()
    pictures: Pictures | None = None

    @property
    def told(self) -> int:
        """How many questions there are up to the last one with an answer: behind these the remarks stand."""
        return max((at for at, question in enumerate(self.questions, 1) if question.finding), default=0)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What its data say."""
        return tuple(question.finding for question in self.questions if question.finding)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What it is shown in."""
        return tuple(figure for question in self.questions for figure in question.figures)


@dataclass(frozen=True)
class Headline:
    """One line at the head of the report.

    Attributes:
        text: What was found.
        section: The place of the sweep that it is about, from 0; None: all of them.
        question: The place of its question there.
    """

    text: str
    section: int | None = None
    question: int = 0


@dataclass(frozen=True)
class LocalUi:
    """What has to run for links to runs of a store on this machine to open, and the port that they lead to."""

    command: str
    port: int


@dataclass(frozen=True)
class Document:
    """The whole report.

    Attributes:
        title: The experiment.
        lead: What was run, in one paragraph.
        in_progress: Which trials still run; empty where none does.
        headlines: What was found, in three to five lines.
        hero: The figure that shows the most; it stands at the head, and not with its question again.
        sections: A sweep each.
        results: Every trial; sweeps whose tables have the same columns share one.
        settings: Of every trial of a grid.
        provenance: What the runs were made from, and how to read and make the report.
        reading: How to make and read the report, a paragraph each.
        uis: What has to run for the links to runs to open, of each store that is no server.
    """

    title: str
    lead: str
    in_progress: str
    headlines: tuple[Headline, ...]
    hero: Figure | None
    sections: tuple[Section, ...]
    results: tuple[Listing, ...]
    settings: tuple[Listing, ...]
    provenance: tuple[Listing, ...]
    reading: tuple[str, ...]
    uis: tuple[LocalUi, ...] = ()
