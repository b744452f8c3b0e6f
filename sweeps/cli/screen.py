"""Makes the console on which tables and colours are printed: what users wrote is no markup there, and steers nothing."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

from rich.console import Console

from analysis.visible import visible
from sweeps.cli.output import LastingStream

if TYPE_CHECKING:
    from rich.text import Text

PIPED_WIDTH = 1000
"""The width of the output into a pipe or a file, so that nothing is wrapped."""


class Screen(Console):
    """Rich's console, on which every string is text: brackets and colons are themselves, control characters are shown.

    Args:
        file: Where it prints.
        options: Rich's own.
    """

    def __init__(self, file: IO[str], **options: Any) -> None:
        # In a notebook rich would show everything under the cell, whatever the file is, and an empty box for what it captures.
        super().__init__(
            file=file, markup=False, emoji=False, highlight=False, force_jupyter=False, **options
        )
        if not self.is_terminal:
            self.width = PIPED_WIDTH

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a string printable; rich passes every one through here, those in tables too."""
        return super().render_str(visible(text), **options)

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the command line what a reader that is gone means."""
        raise  # noqa: PLE0704 - rich calls this while it handles the error


def screen(*, stderr: bool = False, lasting: bool = False) -> Screen:
    """The console of a verb.

    Args:
        stderr: Whether it prints to standard error.
        lasting: Whether what it shows outlasts its reader, as a `sweep run` does.
    """
    stream = sys.stderr if stderr else sys.stdout
    return Screen(cast("IO[str]", LastingStream(stream)) if lasting else stream)
