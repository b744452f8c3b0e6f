"""Renders the document as `report.md`, with links to the figures beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.visible import on_one_line

if TYPE_CHECKING:
    from analysis.results.document import Cell, ColumnType, Document, Finding, Section, Table

_CODE = re.compile(r"(`[^`]+`)")
_SPECIAL = re.compile(r"([\\*\[\]]|(?<!\w)_|_(?!\w))")


def report_text(document: Document) -> str:
    """Return the whole report. Figures are linked relative to it."""
    parts = [
        f"# {words(document.title)}",
        words(document.made_from),
        *([f"**{words(document.in_progress)}**"] if document.in_progress else []),
        words(document.reading),
    ]
    for section in document.sections:
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> list[str]:
    parts = [f"## {words(section.name)}", words(section.summary)]
    if section.incomplete:
        parts += [
            "**Not finished**, and in the figures only as far as they are recorded:",
            "\n".join(f"- `{name}`: {words(condition)}" for name, condition in section.incomplete),
        ]
    parts += [words(warning) for warning in section.warnings]
    for what, lines in section.differences:
        parts += [
            f"**Compare with care: these runs {what}.** The marks stand in the figures too.",
            _list(lines),
        ]
    if section.findings:
        parts.append("### Findings")
    for finding in section.findings:
        parts += _finding(finding)
    if section.figures:
        parts.append("### Figures")
    for figure in section.figures:
        parts.append(f"![{words(figure.title)}]({figure.path})")
        if figure.notes:
            parts.append(_list(figure.notes))
    for heading, table, below in section.tables:
        parts += [f"### {heading}", _table(table), *([words(below)] if below else [])]
    commands = [
        f"`{command.trial}`\n```bash\n" + "\n".join(command.lines) + "\n```" for command in section.commands
    ]
    return [*parts, *(["### Commands", "\n\n".join(commands)] if commands else [])]


def _finding(finding: Finding) -> list[str]:
    parts = [f"**{words(finding.question)}** {words(finding.answer)}"]
    parts += [_list(finding.details)] if finding.details else []
    return [*parts, _table(finding.numbers), " ".join(f"_{words(line)}_" for line in finding.basis)]


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
