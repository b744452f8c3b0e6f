"""Escape sequences of terminals: where they stand in a text, which are colours, and the text without them."""

from __future__ import annotations

import re

ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # colours, and where the cursor stands
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles and links
    r"|[PX^_][^\x1b]*(?:\x1b\\)?"
    r"|[ -/]*[0-~])?"
)
"""A sequence, whole or cut off, down to a lone escape."""
_COLOR = re.compile(r"\x1b\[([0-9;:]*)m")
_CONCEALED = "8"
"""The one colour code that hides text."""
_OTHERS_FOLLOW = frozenset({"38", "48"})
"""Codes of a chosen colour: the numbers behind them are no codes."""


def without_escapes(text: str) -> str:
    """A text without its escape sequences."""
    return ESCAPES.sub("", text) if "\x1b" in text else text


def is_color(sequence: str) -> bool:
    """Whether a sequence sets colours, and hides nothing."""
    match = _COLOR.fullmatch(sequence)
    if match is None:
        return False
    codes = re.split("[;:]", match[1])
    return _CONCEALED not in codes or codes[0] in _OTHERS_FOLLOW
