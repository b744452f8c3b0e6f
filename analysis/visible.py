r"""Text of users as it can be shown: what would steer a terminal, reorder a line or break a file is written out.

A reason, a log, a name or a path may hold anything. An escape sequence in it clears the screen or sets the window's title,
a carriage return overwrites the line, an override of direction shows another word than there is, and half a surrogate
pair can be written to no file. Each of these characters is shown as Python writes it: `\x1b`, `\u202e`.
"""

from __future__ import annotations

import re

_FORMATS = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_HIDDEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_FORMATS}\ud800-\udfff]")
_HIDDEN_OR_BREAK = re.compile(f"[\x00-\x1f\x7f-\x9f{_FORMATS}\ud800-\udfff]")


def visible(text: str) -> str:
    """Text of which nothing but line breaks and tabs acts on what shows it."""
    return _HIDDEN.sub(_written_out, text)


def on_one_line(text: str) -> str:
    """As `visible`, line breaks and tabs written out too."""
    return _HIDDEN_OR_BREAK.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
