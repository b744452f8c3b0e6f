"""Finds what a shell that a command starts is told by its text: behind `-c`, or in a script. Its words, and the scripts among them."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.named_paths import is_file
from sweeps.program.surroundings import PYTHONPATH, SCRIPTS
from sweeps.trainer.words.program_words import is_shell, scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_BYTES = 1 << 20
"""A larger file is no script."""
_MOST_KEPT = 16
_COMMENT = re.compile(r"(?m)(^|\s)#.*$")
_VARIABLE = re.compile(r"^.*(?:\$\w+|\$\{[^}]*\}|\$\(.*\)|`)/")
"""What stands before a path's last parts where only the shell knows it: `$HERE/`, `$(dirname $0)/`."""
_WRITES = re.compile(r"[&\d]*>[>|&]*")
"""What stands before a file that is written."""
_PATH = f"{PYTHONPATH}="
_ENDS = frozenset({";", "&", "&&", "|", "||", ";;", "(", ")"})


@dataclass(frozen=True, slots=True)
class ShellText:
    """What a shell is told.

    Attributes:
        words: The words of the text but those of files that it writes to, as far as a shell is not needed to know them.
        file: The script that holds the text; None: the command has it.
    """

    words: tuple[str, ...]
    file: Path | None = None

    @property
    def folders(self) -> list[Path]:
        """Where its paths may begin: where it starts, its script's folder, and where it goes by `cd`."""
        starts = [Path.cwd(), *([self.file.parent] if self.file is not None else [])]
        inner = [word for before, word in pairwise(self.words) if before == "cd"]
        further = [Path(os.path.normpath(start / word)) for start in starts for word in inner]
        return list(dict.fromkeys([*starts, *further]))

    @property
    def module_places(self) -> list[Path]:
        """Where its Python looks for modules: where its paths may begin, and what it sets `PYTHONPATH` to."""
        folders = self.folders
        said = [word.removeprefix(_PATH) for word in self.words if word.startswith(_PATH)]
        inner = [_VARIABLE.sub("", place) for text in said for place in text.split(os.pathsep)]
        named = [
            Path(os.path.normpath(folder / place))
            for place in inner
            if place and "$" not in place
            for folder in folders
        ]
        return list(dict.fromkeys([*folders, *named]))

    def scripts(self) -> Iterator[Path]:
        """The Python files and shell scripts that it names below the working directory, absolute; each word once."""
        folders = self.folders
        for word in dict.fromkeys(self.words):
            if word.endswith(SCRIPTS):
                name = _VARIABLE.sub("", word)
                paths = (Path(os.path.normpath(folder / name)) for folder in folders)
                path = next(filter(is_file, paths), None)
                if path is not None and path.is_relative_to(Path.cwd()):
                    yield path


def shell_texts(command: Sequence[str]) -> list[ShellText]:
    """What the shells of a command are told, and the shell scripts that are named there: of these no further ones."""
    found: list[ShellText] = []
    for script in scripts_of(command) if command else ():
        if any(map(is_shell, command[: script.at])):
            if script.kind == "code":
                found.append(ShellText(_words(script.text.replace("{{", "{").replace("}}", "}"))))
            elif script.kind == "file" and (text := _of_file(Path(script.text))) is not None:
                found.append(text)
    if not found and not any(word.endswith(".py") for word in command):
        paths = [Path(word) for at, word in enumerate(command) if word.endswith(".sh") or at == 0]
        found += filter(
            None, [_of_file(path) for path in paths if path.suffix == ".sh" or _is_shell_script(path)]
        )
    inner = [path for text in found if text.file is None for path in text.scripts() if path.suffix == ".sh"]
    return [*found, *filter(None, map(_of_file, dict.fromkeys(inner)))]


def _of_file(path: Path) -> ShellText | None:
    """The text of a shell script; None where it cannot be read, or is none."""
    try:
        if path.suffix == ".py" or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return ShellText(_words(path.read_text(encoding="utf-8")), path.absolute())
    except (OSError, UnicodeDecodeError):
        return None


def _is_shell_script(path: Path) -> bool:
    """Whether a program is a script, by its first line, that a shell reads."""
    try:
        with path.open("rb") as file:
            line = file.readline(200).decode(errors="replace")
    except OSError:
        return False
    return line.startswith("#!") and any(map(is_shell, line[2:].split()))


@lru_cache(maxsize=_MOST_KEPT)
def _words(text: str) -> tuple[str, ...]:
    """The words of a shell's text, without comments and without what it writes to; several parts of a command ask for them."""
    text = _COMMENT.sub(r"\1", text.replace("\\\n", " "))
    try:
        words = _split(text)
    except ValueError:  # a quote is open, as in what a here-document holds
        words = [word for line in text.splitlines() for word in _split_line(line)]
    kept = [word for before, word in pairwise(["", *words]) if not _WRITES.fullmatch(before)]
    return tuple(word for word in kept if word not in _ENDS and not _WRITES.fullmatch(word))


def _split(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _split_line(line: str) -> list[str]:
    try:
        return _split(line)
    except ValueError:
        return line.split()
