"""The second file of a script whose settings are constants: it runs the script with other values for them."""

from __future__ import annotations

from pathlib import Path

NAME = "with_constants.py"
"""What the file is called."""
TEXT = Path(__file__).with_name("with_constants.txt").read_text(encoding="utf-8")
"""What stands in it: the example's file, to which a link leads here, and of which a wheel has a copy."""


def is_runner(text: str) -> bool:
    """Whether a file is one of these, whatever was changed in it below its first line."""
    return text.partition("\n")[0] == TEXT.partition("\n")[0]
