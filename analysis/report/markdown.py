"""Renders the document as `report.md`, with links to the figures beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.visible import on_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.document import (
        Cell,
        ColumnType,
        Command,
        Document,
        Figure,
        Finding,
        Headline,
        Listing,
        LocalUi,
        Pictures,
        Section,
        Table,
    )

PICTURES = "What did the best setting's run draw?"
"""The title of the pictures that it left."""
_CODE = re.compile(r"(`[^`]+`)")
_SPECIAL = re.compile(r"([\\*\[\]]|(?<!\w)_|_(?!\w))")


def report_text(document: Document) -> str:
    """Return the whole report. Figures are linked relative to it."""
    parts = [
        f"# {words(document.title)}",
        words(document.lead),
        *([f"**{words(document.in_progress)}**"] if document.in_progress else []),
    ]
    if document.headlines:
        parts.append("\n".join(f"- {_headline(document, line)}" for line in document.headlines))
    if document.hero:
        parts += _figure(document.hero)
    for section in document.sections:
        parts += _section(section, document.hero)
    parts += ["## Results", *_listings(document.results), *map(_ui, document.uis)]
    parts += ["## Settings", *_listings(document.settings)] if document.settings else []
    parts += ["## Provenance", *_listings(document.provenance), *map(words, document.reading)]
    parts.append("## Commands")
    parts.append(
        "Each runs its trial alone. One that is finished is left as it is; with `--again` it is trained anew."
    )
    for section in filter(lambda one: one.commands, document.sections):
        lines = "\n".join(line for command in section.commands for line in _command(command))
        parts += [f"### {words(section.name)}", f"```bash\n{lines}\n```"]
    return "\n\n".join(parts) + "\n"


def _headline(document: Document, line: Headline) -> str:
    place = f" _({words(document.sections[line.section].name)})_" if line.section is not None else ""
    return f"{words(line.text)}{place if len(document.sections) > 1 else ''}"


def _section(section: Section, hero: Figure | None) -> list[str]:
    parts = [f"## {words(section.name)}", words(section.summary)]
    if section.incomplete:
        parts += [
            "**Not finished**, and in the figures only as far as they are recorded:",
            "\n".join(f"- `{name}`: {words(condition)}" for name, condition in section.incomplete),
        ]
    parts += [words(warning) for warning in section.warnings]
    for what, lines in section.differences:
        parts += [
            f"**Compare with care: these runs {what}.** The marks also stand in figures and tables.",
            _list(lines),
        ]
    remarks = ["### Remarks", _list(section.remarks)] if section.remarks else []
    for place, question in enumerate(section.questions):
        parts += remarks if place == section.told else []
        parts.append(f"### {words(question.title)}")
        if question.finding:
            parts.append(words(question.finding.answer))
        drawn = [
            part
            for figure in question.figures
            for part in (
                _figure(figure) if figure is not hero else ["The figure is at the top of this page."]
            )
        ]
        if question.folded:
            parts += [words(question.folded), "<details><summary>Figures</summary>", *drawn, "</details>"]
        else:
            parts += drawn
        if question.finding:
            parts += _numbers(question.finding)
    parts += remarks if section.told == len(section.questions) else []
    return [*parts, *_pictures(section.pictures)]


def _pictures(pictures: Pictures | None) -> list[str]:
    if pictures is None:
        return []
    shown = [f"![{words(one.name)}]({one.path})" for one in pictures.shown]
    return [f"### {PICTURES}", words(pictures.whose), *shown]


def _figure(figure: Figure) -> list[str]:
    parts = [f"![{words(figure.title)}]({figure.path})"]
    parts += [f"[The film of all frames]({figure.film_path})"] if figure.film_path else []
    return [*parts, _list(figure.notes)] if figure.notes else parts


def _numbers(finding: Finding) -> list[str]:
    """What the answer follows from, to be opened where Markdown can do that."""
    basis = " ".join(f"_{words(line)}_" for line in finding.basis)
    details = [_list(finding.details)] if finding.details else []
    parts = [*details, words(finding.above), _table(finding.numbers), basis]
    return ["<details><summary>Numbers</summary>", *filter(None, parts), "</details>"]


def _listings(listings: Sequence[Listing]) -> list[str]:
    parts = []
    for listing in listings:
        parts += [f"### {words(listing.name)}"] if len(listings) > 1 else []
        parts += [_table(listing.table), *([words(listing.below)] if listing.below else [])]
    return parts


def _ui(ui: LocalUi) -> str:
    return words(f"Links to runs open while `{ui.command}` runs at port {ui.port}.")


def _command(command: Command) -> list[str]:
    # One comment before each, as the shell takes it: names may hold any characters but no line break.
    return [f"# {on_one_line(command.trial)}", *command.lines]


def _list(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {words(line)}" for line in lines)


def _table(table: Table) -> str:
    head = [words(head) for head, _ in table.columns]
    rule = ["---:" if column_type == "number" else "---" for _, column_type in table.columns]
    types = [column_type for _, column_type in table.columns]
    rows = [
        [_cell(cell, column_type) for cell, column_type in zip(row, types, strict=True)] for row in table.rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _cell(cell: Cell, column_type: ColumnType) -> str:
    text = (
        f"`{_line(cell.text)}`" if column_type == "name" and re.search(r"\w", cell.text) else words(cell.text)
    )
    return f"[{text}]({cell.link})" if cell.link else text


def words(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line; what stands between backticks stays code."""
    parts = _CODE.split(text)
    parts[::2] = [
        _SPECIAL.sub(r"\\\1", part.replace("&", "&amp;").replace("<", "&lt;")) for part in parts[::2]
    ]
    return _line("".join(parts))


def _line(text: str) -> str:
    return on_one_line(" ".join(text.split())).replace("|", r"\|")
