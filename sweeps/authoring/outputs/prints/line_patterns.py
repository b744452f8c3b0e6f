"""The lines of a text that a call prints, the regular expressions that read them, and how they look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.escapes import without_escapes
from sweeps.authoring.outputs.prints.print_text import Hole
from sweeps.sources.formats.output import cleaned
from sweeps.sources.proposals.own_lines import ANY_NUMBER
from sweeps.sources.proposals.printed import OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.authoring.outputs.prints.line_groups import Group
    from sweeps.authoring.outputs.prints.print_text import Piece

NUMBER = r"[-+.\w]+"
"""What reads a number, with whatever is written right behind it."""
_DECIMAL = r"[-+.\de]+"


def lines_of(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The pieces of each line of a text."""
    line: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Hole):
            line.append(piece)
            continue
        parts = re.split(r"[\n\r]", piece)
        for at, part in enumerate(parts):
            if at:
                yield line
                line = []
            if part:
                line.append(part)
    yield line


def pattern_of(line: Sequence[Piece], groups: Sequence[Group]) -> str:
    """The line as a regular expression, up to the last of its numbers."""
    last = max(at for at, group in enumerate(groups) if group.name)
    waiting = iter(groups)
    parts: list[str] = []
    seen = -1
    for at, piece in enumerate(line):
        if isinstance(piece, str):
            parts.append(literal(piece))
            continue
        seen += 1
        group = next(waiting)
        after = line[at + 1] if at + 1 < len(line) else ""
        padded = (
            r"\s*" if re.match(r"[ <>^=]?\d|[<>^]", piece.spec) or re.match(r"[-+ #]*\d", piece.spec) else ""
        )
        number = _number(group, after)
        unread = r"\d+" if group.is_counter else ".*?"
        parts.append(f"{padded}(?P<{group.name}>{number})" if group.name else f"{padded}{unread}")
        if seen == last:
            break
        parts.append(_unit(piece))
    pattern = re.sub(r"(?:\\s\+){2,}", r"\\s+", "".join(parts))
    return re.sub(r"^(?:\\s\+|\.\*\?)+", "", pattern)


def _number(group: Group, after: Piece) -> str:
    """What reads a number, given what stands behind it."""
    if group.share is not None:
        is_whole = group.name == group.share.whole or group.hole.spec
        return r"[\d,]+" if "," in group.hole.spec else r"\d+" if is_whole else r"[\d.]+"
    if group.is_counter or group.name == OF:
        return r"\d+"
    return _DECIMAL if isinstance(after, str) and after[:1].isalnum() else NUMBER


def _unit(hole: Hole) -> str:
    """What the format itself writes behind a number."""
    return "%" if hole.spec.endswith("%") else ""


def literal(text: str) -> str:
    """A text as a regular expression that any blanks fit where it has some."""
    pieces = re.split(r"(\s+)", without_escapes(text))
    return "".join(r"\s+" if piece.isspace() else re.escape(piece) if piece else "" for piece in pieces)


def rest_of(line: Sequence[Piece], groups: Sequence[Group]) -> str:
    """All that stands behind the last number that is read, a unit of it included, as a regular expression."""
    last = max(at for at, group in enumerate(groups) if group.name)
    holes = [at for at, piece in enumerate(line) if isinstance(piece, Hole)]
    rest = "".join(literal(piece) if isinstance(piece, str) else r".*?" for piece in line[holes[last] + 1 :])
    return r"\S*" + re.sub(r"(?:\\s\+)+$", "", rest)


def start_of(line: Sequence[Piece]) -> str:
    """What fits only where a line begins with this text; empty where its beginning is not known."""
    first = line[0]
    if isinstance(first, Hole):
        return ""
    return r"^\s*" if first[:1].isspace() else "^"


def sample_of(line: Sequence[Piece]) -> str:
    """A line as it may be printed."""
    return cleaned("".join(piece if isinstance(piece, str) else ANY_NUMBER + _unit(piece) for piece in line))
