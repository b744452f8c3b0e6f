"""The door to standard output and error for lines of text; `screen` is the one for tables and colours.

Whatever a verb prints goes through one of the two, so that no text of a user steers the terminal (`analysis.visible`).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from typing import IO, Any

import click

from analysis.escapes import ESCAPES, is_color
from analysis.results.curves import LARGEST
from analysis.visible import visible


def say(text: str, *, err: bool = False) -> None:
    """Print text and a line break; what would steer a terminal is shown, not sent."""
    click.echo(visible(text), err=err)


def say_json(value: object, indent: int | None = None) -> None:
    """Print a value as JSON, which is plain ASCII."""
    click.echo(json.dumps(value, indent=indent).replace("\x7f", "\\u007f"))


def say_log(text: str) -> None:
    """Print a program's own log: its colours reach a terminal, everything else that would steer it is shown.

    Into a pipe or a file, and under NO_COLOR, colours are left out.
    """
    in_color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    parts: list[str] = []
    end = 0
    for found in ESCAPES.finditer(text):
        if not is_color(found[0]):
            continue  # written out with the text around it
        parts += [visible(text[end : found.start()]), found[0] if in_color else ""]
        end = found.end()
    parts.append(visible(text[end:]))
    reset = "\x1b[0m" if in_color and len(parts) > 1 else ""
    click.echo("".join([*parts, reset]), nl=False, color=in_color)


def short_value(value: float) -> str:
    """A value as lines and tables show it. What counts as infinite is that, as SQL stores write an infinity as the greatest number."""
    return f"{math.copysign(math.inf, value) if abs(value) >= LARGEST else value:.4g}"


def ready_streams() -> None:
    """Have standard streams that take any text: closed ones lead nowhere, and what an encoding lacks is written out.

    A closed descriptor is opened first: the next file to be opened, such as the record's, would be standard output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # trials have such streams, too
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - until the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def lead_nowhere(stream: IO[str]) -> None:
    """Have what is written to a stream from now on, and what it still holds, go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class LastingStream:
    """A stream whose reader may go away: a pipe that closes, a terminal that hangs up, a disk that fills.

    Nothing is raised then, and the rest goes nowhere: trials that run for hours do not end for want of a reader.

    Args:
        stream: Where it writes.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if there is still a reader."""
        with self._lasting():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if there is still a reader."""
        with self._lasting():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _lasting(self) -> Any:
        try:
            yield
        except OSError:
            lead_nowhere(self._stream)
