"""Texts of help as one line of a comment."""

from __future__ import annotations

import re

_LONGEST = 100


def one_line(value: object) -> str:
    """A help text in one line, without what argparse and click fill in; empty where it is no text."""
    if not isinstance(value, str):
        return ""
    text = re.sub(r"\s*[\[(]?default(?: is|s to)?:?\s*%\(default\)\w[\])]?", "", value)
    text = re.sub(r"\s*[\[(]default(?: is|s to)?\s*[:=]?\s*[^()\[\]]*[\])]", "", text)
    text = re.sub(r"%\((\w+)\)\w", r"\1", text).replace("%%", "%")
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3].rstrip()}..."
