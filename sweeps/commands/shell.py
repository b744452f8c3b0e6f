"""Makes the commands that are printed: pasted into a shell, each does what is said of it."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from analysis.read.errors import masked
from analysis.visible import on_one_line
from sweeps.record.store_uri import DEFAULT_TRACKING_URI, tracking_uri

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PASSWORD = re.compile(r"://[^/\s@]*:[^/\s]*@|(?i:(password|passwd|pwd|secret|token)=)")


def shell_command(verb: str, file: Path, words: Sequence[str], uri: str) -> str:
    """The shell command `sweep VERB FILE WORDS`, on the same store.

    Args:
        verb: The verb.
        file: The spec.
        words: What follows it.
        uri: The store. It is named unless it is the default; a password in it never stands in a command.
    """
    path = str(file)
    if path.startswith("-"):
        path = f"./{path}"
    return " ".join(map(quoted, ["sweep", verb, path, *words, *_store(uri)]))


def quoted(word: str) -> str:
    """A word as a shell reads it: on one line, printable, and without a backtick, which ends a command in Markdown."""
    if word == on_one_line(word) and "`" not in word:
        return shlex.quote(word)
    raw = os.fsencode(word) if _is_of_the_system(word) else word.encode(errors="backslashreplace")
    return "$'" + "".join(map(_written_out, raw)) + "'"


def _store(uri: str) -> list[str]:
    if uri == DEFAULT_TRACKING_URI == tracking_uri():
        return []
    if not _PASSWORD.search(uri):
        return ["--tracking-uri", uri]
    return [] if uri == tracking_uri() else ["--tracking-uri", masked(uri)]


def _is_of_the_system(word: str) -> bool:
    """Whether a word came from the command line or the file system, whatever bytes it has."""
    try:
        os.fsencode(word)
    except UnicodeEncodeError:
        return False
    return True


def _written_out(byte: int) -> str:
    character = chr(byte)
    is_plain = character.isascii() and character.isprintable() and character not in "'\\`"
    return character if is_plain else f"\\x{byte:02x}"
