"""Says what keeps a regular expression from ever fitting a line that a program prints, as far as its text shows that."""

from __future__ import annotations

import re

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
"""A set of characters: one of them that no line holds does no harm."""
_NEVER = re.compile(
    r"(?<!\\)(?:\\\\)*(?P<found>\\[nrafv]|\\0\d*|\\x(?:0[0-8a-fA-F]|1[0-9a-fA-F]|7[fF])|[\x00-\x08\x0a-\x1f\x7f])"
    r"(?![?*]|\{0)"
)
"""A character that no line holds, and that has to be there."""
_BLANK_END = re.compile(
    r"(?<!\\)(?:\\\\)*(?P<found>(?:\\?[ ]|\\s|\\t)(?:\+|\{[1-9][\d,]*\})?\)*(?:\$|\\Z))\)*$"
)
_OWN = re.compile(r"\^sweep: ")
_UNTOLD = ("|", "(?x", "(?!", "(?<!")
"""Where one of these stands, what has to be there is not plain."""


def never_fits(pattern: str) -> str:
    """Why a pattern fits no line, and what to do; empty where it may fit one, or its text does not tell.

    Args:
        pattern: A regular expression that compiles.
    """
    plain = _CLASS.sub("x", pattern)
    if any(word in plain for word in _UNTOLD):
        return ""
    if never := _NEVER.search(plain):
        found = never["found"]
        if found in ("\\n", "\n"):
            return "text is matched line by line, so that a line break never matches; leave it out"
        if found in ("\\r", "\r"):
            return "what stands between carriage returns is a line of its own, so that \\r never matches; leave it out"
        shown = found.encode("unicode_escape").decode() if len(found) == 1 else found
        return f"colours and control characters are taken out before text is matched, so that {shown} never matches; leave it out"
    if end := _BLANK_END.search(plain):
        return f"blanks at the end of a line are taken off before it is matched, so that {end['found']!r} never matches; leave the blanks out"
    if _OWN.match(plain):
        return "lines that begin with `sweep: ` are the log's own, and never matched; read another line"
    return ""
