"""Renders the document as `report.md`, with links to the figures beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.results.document import Cell, ColumnType, Document, Finding, Section, Table

_SPECIAL = re.compile(r"([\\*\[\]]|(?<!\w)_|_(?!\w))")


def report_text(document: Document) -> str:
    """Return the whole report. Figures are linked relative to it."""
    parts = [
        f"# {_words(document.title)}",
        _words(document.made_from),
        *([f"**{_words(document.in_progress)}**"] if document.in_progress else []),
        _words(document.reading),
    ]
    for section in document.sections:
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> list[str]:
    parts = [f"## {_words(section.name)}", _words(section.summary)]
    if section.incomplete:
        parts += [
            "**Not finished**, and in the figures only as far as they are recorded:",
            "\n".join(f"- `{name}`: {_words(condition)}" for name, condition in section.incomplete),
        ]
    parts += [_words(warning) for warning in section.warnings]
    for what, lines in section.differences:
        parts += [
            f"**Compare with care: these runs differ in {what}.** The marks stand in the figures too.",
            _list(lines),
        ]
    if section.findings:
        parts.append("### Findings")
    for finding in section.findings:
        parts += _finding(finding)
    if section.figures:
        parts.append("### Figures")
    for figure in section.figures:
        parts.append(f"![{_words(figure.title)}]({figure.path})")
        if figure.notes:
            parts.append(_list(figure.notes))
    for heading, table, below in section.tables:
        parts += [f"### {heading}", _table(table), *([_words(below)] if below else [])]
    commands = [
        f"`{command.trial}`\n```bash\n" + "\n".join(command.lines) + "\n```" for command in section.commands
    ]
    return [*parts, *(["### Commands", "\n\n".join(commands)] if commands else [])]


def _finding(finding: Finding) -> list[str]:
    parts = [f"**{_words(finding.question)}** {_words(finding.answer)}"]
    parts += [_list(finding.details)] if finding.details else []
    return [*parts, _table(finding.numbers), " ".join(f"_{_words(line)}_" for line in finding.basis)]


def _list(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {_words(line)}" for line in lines)


def _table(table: Table) -> str:
    head = [_words(head) for head, _ in table.columns]
    rule = ["---:" if column_type == "number" else "---" for _, column_type in table.columns]
    types = [column_type for _, column_type in table.columns]
    rows = [
        [_cell(cell, column_type) for cell, column_type in zip(row, types, strict=True)] for row in table.rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _cell(cell: Cell, column_type: ColumnType) -> str:
    text = (
        f"`{_line(cell.text)}`"
        if column_type == "name" and re.search(r"\w", cell.text)
        else _words(cell.text)
    )
    return f"[{text}]({cell.link})" if cell.link else text


def _words(text: str) -> str:
    """Return text that Markdown shows as it stands; what stands between backticks stays code."""
    return _line(_SPECIAL.sub(r"\\\1", text).replace("<", "&lt;"))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
