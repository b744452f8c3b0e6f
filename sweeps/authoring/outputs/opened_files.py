"""Notes which files a Python program opens to read: a module that its interpreter imports at its start writes them down."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sweeps.program.surroundings import PYTHONPATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VARIABLE = "SWEEP_PROBE_OPENED"
_NAME = "sitecustomize.py"
_TEXT = f"""\
import os, sys

def _start():
    file = os.open(os.environ["{_VARIABLE}"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and not set(arguments[1] or "") & set("wxa"):
            os.write(file, (os.path.abspath(arguments[0]) + "\\n").encode(errors="replace"))

    sys.addaudithook(note)

try:
    _start()
except Exception:
    pass
"""
_MOST_BYTES = 8 << 20


def noting(scratch: Path, python_path: str) -> dict[str, str]:
    """The variables with which a program's files are noted.

    Args:
        scratch: A folder for what is noted, and for the module that does so.
        python_path: What the program's own `PYTHONPATH` is.
    """
    place = scratch / "noting"
    place.mkdir()
    (place / _NAME).write_text(_TEXT, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(place), python_path]))
    return {PYTHONPATH: path, _VARIABLE: str(place / "opened")}


def opened(scratch: Path) -> Iterator[str]:
    """The absolute paths that were noted, each once."""
    try:
        with (scratch / "noting" / "opened").open("rb") as file:
            text = file.read(_MOST_BYTES).decode(errors="replace")
    except OSError:
        return
    yield from dict.fromkeys(text.splitlines())
