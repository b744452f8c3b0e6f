"""Finds in the words of a command what an interpreter or launcher is to run: a file, a module, or code."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from sweeps.program.modules import MAIN, file_of_module
from sweeps.program.named_paths import is_file, is_folder
from sweeps.program.surroundings import module_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.spec.trainer.surroundings import Surroundings

_PYTHON = re.compile(r"(python|pypy)(\d+(\.\d+)*)?t?(\.exe)?")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_PYTHON_MODES, _PYTHON_VALUES = frozenset("cm"), frozenset("WX")
_STARTERS = frozenset(
    {
        "env",
        "nice",
        "ionice",
        "nohup",
        "time",
        "timeout",
        "stdbuf",
        "setsid",
        "taskset",
        "numactl",
        "xvfb-run",
        "srun",
        "mpirun",
        "mpiexec",
        "horovodrun",
        "uv",
        "poetry",
        "pipenv",
        "pdm",
        "hatch",
        "conda",
        "mamba",
        "micromamba",
        "accelerate",
        "torchrun",
        "deepspeed",
        "nsys",
    }
)
"""Programs that start the program, or the Python script, that their arguments name."""
_STARTING_MODULES = frozenset(
    {
        "torch.distributed.run",
        "torch.distributed.launch",
        "accelerate.commands.launch",
        "cProfile",
        "profile",
        "pdb",
        "trace",
    }
)
"""The same of modules that `python -m` runs."""


@dataclass(frozen=True, slots=True)
class Script:
    """What an interpreter is to run.

    Attributes:
        kind: `file`, `module`, or `code` that is a word itself.
        text: The path, the module's name, or the code.
        at: The position of the word.
        is_direct: Whether the command's first word is the interpreter.
    """

    kind: Literal["file", "module", "code"]
    text: str
    at: int
    is_direct: bool


def scripts_of(command: Sequence[str]) -> list[Script]:
    """What a command has interpreters and launchers run, as far as its words say."""
    start = 0
    if PurePath(command[0]).name in _STARTERS:
        named = (at for at, word in enumerate(command) if at and (is_shell(word) or _is_python(word)))
        start = next(named, 0)
        if not start:
            return _first_file(command, 1)
    if is_shell(command[start]):
        return _of_shell(command, start)
    return _of_python(command, start) if _is_python(command[start]) else []


def is_shell(word: str) -> bool:
    """Whether a word names a shell, by its path or name."""
    return PurePath(word).name in _SHELLS


def _is_python(word: str) -> bool:
    return _PYTHON.fullmatch(PurePath(word).name) is not None


def _of_python(command: Sequence[str], start: int) -> list[Script]:
    at = start + 1
    while at < len(command):
        word = command[at]
        if word == "-" or word == "--":  # noqa: PLR1714 - from the standard input; or the end of the options
            at += 1
            return [Script("file", command[at], at, start == 0)] if word == "--" and at < len(command) else []
        if not word.startswith("-"):
            return [Script("file", word, at, start == 0)]
        letters = "" if word.startswith("--") else word[1:]
        mode = next((letter for letter in letters if letter in _PYTHON_MODES | _PYTHON_VALUES), "")
        rest = letters.partition(mode)[2] if mode else ""
        if mode in _PYTHON_VALUES or word == "--check-hash-based-pycs":
            at += 1 if rest else 2
        elif mode:
            at += 0 if rest else 1
            return _of_mode(command, mode, rest, at, is_direct=start == 0)
        else:
            at += 1
    return []


def _of_mode(command: Sequence[str], mode: str, rest: str, at: int, *, is_direct: bool) -> list[Script]:
    """What stands behind Python's `-c` or `-m`."""
    if at >= len(command):
        return []
    text = rest or command[at]
    if mode == "c":
        return [Script("code", text, at, is_direct)]
    inner = _first_file(command, at + 1) if text in _STARTING_MODULES else []
    return [Script("module", text, at, is_direct), *inner]


def _of_shell(command: Sequence[str], start: int) -> list[Script]:
    at = start + 1
    while at < len(command):
        word = command[at]
        if not word.startswith(("-", "+")):
            return [Script("file", word, at, start == 0)]
        if not word.startswith("--") and "c" in word:
            return [Script("code", command[at + 1], at + 1, start == 0)] if at + 1 < len(command) else []
        at += 2 if word.endswith("o") else 1  # `-eo pipefail`
    return []


def _first_file(command: Sequence[str], start: int) -> list[Script]:
    """The first Python file that a launcher's arguments name."""
    for at in range(start, len(command)):
        if command[at].endswith(".py") and not command[at].startswith("-"):
            return [Script("file", command[at], at, is_direct=False)]
    return []


def file_of(script: Script, said: Surroundings) -> Path | None:
    """The file that is to run, absolute, as far as that is known: of a module where the program looks for its own."""
    if script.kind == "module":
        found = file_of_module(script.text, module_places(said, os.environ))
        return found[0].absolute() if found is not None else None
    path = Path(script.text)
    path = path / f"{MAIN}.py" if is_folder(path) else path
    return path.absolute() if script.kind == "file" and is_file(path) else None
