"""The commands of a document, run one after another as a reader would, and what they print compared with what it shows.

Of fenced blocks, ```` ```console ```` has commands behind `$ ` and what they print, ```` ```sh ```` commands alone. A block with
`title="NAME"` is a file that the reader saves; a console's `title="exit code 2"` says how its commands end. All others are shown.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLLOWED = ("README.md", "docs/quick-start.md", "docs/tutorial.md")
"""The documents whose commands a test runs: tests/scenarios/test_documents.py."""
LIMIT_S = 300
"""The longest that a command may take, in seconds: a hang is a failure."""
_FENCE = re.compile(
    r'^(?P<marks>`{3,})(?P<language>\w*)(?: title="(?P<title>[^"]*)")?.*\n(?P<text>(?s:.*?))^(?P=marks)$',
    re.MULTILINE,
)
_EXIT_CODE = re.compile(r"exit code (\d+)")
_INSTALLS = ("pip", "make")
"""Programs that are not run: the package is there already, and `make` belongs to a checkout."""
_CHANGING = (
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r", about [\w ]+(?: left in all| at the recorded pace)"), ""),
    (re.compile(r"\b\d+(\.\d+)?s\b"), "SECONDS"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "RUN"),
    (re.compile(r"https?://[\w.]+:\d+\S*"), "ADDRESS"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language and title, what it holds, and the line of the document that it begins at."""

    language: str
    title: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A line for a shell, with the exit code it has, and what of its output is shown."""

    words: str
    exit_code: int
    shown: tuple[str, ...]
    line: int

    @property
    def program(self) -> str:
        """The first word."""
        return shlex.split(self.words, comments=True)[0]


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a document."""
    return [
        Block(found["language"], found["title"] or "", found["text"], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    ]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block; none, if it has other things."""
    code = _EXIT_CODE.fullmatch(block.title)
    ends = int(code[1]) if code else 0
    if block.language == "sh":
        yield from (Command(line, ends, (), block.line) for line in block.text.splitlines() if line.strip())
    elif block.language == "console":
        for number, part in enumerate(re.split(r"^\$ ", block.text, flags=re.MULTILINE)):
            words, _, shown = part.partition("\n")
            if number:
                lines = tuple(line for line in shown.splitlines() if line.strip() not in ("", "..."))
                yield Command(words, ends, lines, block.line)


def files(text: str) -> dict[str, str]:
    """The files that a document has its reader save: the last state of each."""
    return {block.title: block.text for block in blocks(text) if _is_file(block)}


def _is_file(block: Block) -> bool:
    return bool(block.title) and not _EXIT_CODE.fullmatch(block.title)


@dataclass(slots=True)
class Session:
    """A folder and an environment in which documents are followed.

    Attributes:
        folder: Where files are saved and commands run.
        environment: The variables of the commands; their `PATH` leads to the `sweep` that is tried.
        differences: What was not as a document says.
    """

    folder: Path
    environment: dict[str, str]
    differences: list[str] = field(default_factory=list)

    def follow(self, text: str) -> None:
        """Save the files of a document and run its commands, in its order."""
        for block in blocks(text):
            if _is_file(block):
                (self.folder / block.title).write_text(block.text, encoding="utf-8")
            for command in commands(block):
                if command.program not in _INSTALLS:
                    self._compare(command, *self._ran(command.words))

    def _ran(self, words: str) -> tuple[int, str]:
        serves = words.startswith("sweep ui ")
        if serves:  # in the background of a shell, Ctrl-C would be ignored by all that is started
            signal.signal(signal.SIGINT, signal.default_int_handler)
        words = f"{words} --port {_free_port()}" if serves else words
        process = subprocess.Popen(
            ["/bin/sh", "-c", words],
            cwd=self.folder,
            env=self.environment | {"COLUMNS": "150"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        told = self._until_it_serves(process) if serves else ""
        output, _ = process.communicate(timeout=LIMIT_S)
        return (0 if told else process.returncode), told + output

    @staticmethod
    def _until_it_serves(process: subprocess.Popen[str]) -> str:
        """What MLflow's UI prints as far as its last address; then it is ended as by Ctrl-C."""
        told = ""
        for line in process.stdout or ():
            told += line
            if line.startswith("sweeps: "):
                os.killpg(process.pid, signal.SIGINT)
                break
        return told

    def _compare(self, command: Command, code: int, output: str) -> None:
        place = f"line {command.line}: {command.words}"
        if code != command.exit_code:
            self.differences.append(f"{place}: exit code {code}, not {command.exit_code}:\n{output}")
        there = {_lasting(line) for line in output.splitlines()}
        lacking = [line for line in command.shown if _lasting(line) not in there]
        if lacking:
            told = "\n".join(lacking)
            self.differences.append(f"{place}: does not print\n{told}\nbut\n{output}")


def _lasting(line: str) -> str:
    """A line without what is another one each time."""
    for pattern, word in _CHANGING:
        line = pattern.sub(word, line)
    return line.strip()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def folder_environment(bin_folder: Path, home: Path) -> dict[str, str]:
    """The environment of a newcomer: the programs of a virtual environment first, and nothing of ours."""
    return {
        "PATH": f"{bin_folder}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
    }
