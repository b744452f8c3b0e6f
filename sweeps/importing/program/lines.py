"""Takes command lines apart, and keeps those of one program, in one place, with the same positional arguments."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sweeps.authoring.given.option_words import Arguments, read_arguments
from sweeps.errors import SweepError
from sweeps.importing.shell.hydra_multirun import MULTIRUN, command_lines
from sweeps.importing.shell.values import Unreadable
from sweeps.program.surroundings import SCRIPTS
from sweeps.spec.model import MAX_TRIALS
from sweeps.trainer.words.program_words import scripts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sweeps.importing.shell.script import CommandLine
    from sweeps.spec.yaml_reader import Value

_WRAPPERS = frozenset({"nohup", "time", "exec", "command", "env", "setsid"})
_BUILDERS = {
    *("cc", "gcc", "g++", "c++", "clang", "clang++", "icx", "nvcc"),
    *("gfortran", "ifx", "mpicc", "mpicxx", "mpif90"),
    *("make", "cmake", "ninja", "cargo", "rustc"),
}
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


@dataclass(slots=True)
class Line:
    """A command line, taken apart.

    Attributes:
        line: Where it stands.
        head: The program, and the script that it runs.
        arguments: What follows.
        env: The variables that it is given.
        cwd: Where it runs.
        names: The variable of the script that each positional word is; empty for another word.
    """

    line: int
    head: tuple[str, ...]
    arguments: Arguments
    env: dict[str, str]
    cwd: str | None
    names: tuple[str, ...] = ()

    def said(self, without: Collection[str] = ()) -> tuple[object, ...]:
        """What tells it apart from other lines, but for its positional words, and for some options."""
        options = sorted((o.no or o.name, o.values) for o in self.arguments.options if o.name not in without)
        return tuple(options), tuple(sorted(self.env.items()))


@dataclass(slots=True)
class Found:
    """What is found on the way: lines that do not fit, sentences, parts of the trainer."""

    left_out: dict[int, str]
    notes: dict[str, None]
    command: list[str] = field(default_factory=list)
    env: dict[str, Value] = field(default_factory=dict)


def lines_of_one_program(commands: Iterable[CommandLine], found: Found) -> list[Line]:
    """The command lines of the program that most of them run; the others are left out."""
    return _of_one_program(_taken_apart(commands, found), found)


def lines_of_one_form(lines: list[Line], found: Found) -> list[Line]:
    """The command lines that run a program as most of them run it; the others are left out."""
    return _in_one_place(_of_one_form(lines, found), found) if lines else []


def _taken_apart(commands: Iterable[CommandLine], found: Found) -> list[Line]:
    lines: list[Line] = []
    heads: dict[tuple[str, ...], int] = {}
    for command in commands:
        words, env = _unwrapped(command)
        if not words:
            continue
        beginning = words[:8]
        at = heads.get(beginning)
        if at is None:
            at = heads[beginning] = _end_of_head(words)
        head, rest = words[:at], words[at:]
        try:
            runs, notes = (
                command_lines(rest) if MULTIRUN & set(rest) and _has_overrides(rest) else ([rest], [])
            )
        except Unreadable as error:
            found.left_out.setdefault(command.line, str(error))
            continue
        found.notes.update(dict.fromkeys(notes))
        if len(lines) + len(runs) > MAX_TRIALS:
            raise SweepError(
                f"line {command.line}: makes more than {MAX_TRIALS:,} commands; a file holds no more trials"
            )
        head = _from_outside(head, command.cwd)
        for run in runs:
            arguments = read_arguments(run)
            names = _names_of(arguments, run, command.names[-len(run) :] if len(run) == len(rest) else ())
            lines.append(Line(command.line, head, arguments, env, command.cwd, names))
    return lines


def _names_of(arguments: Arguments, words: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The names of the positional words among the words of a command line; none where they are not known."""
    before, after = len(arguments.before), len(arguments.after)
    end = len(words) - after
    if len(names) != len(words) or [*words[:before], *words[end:]] != arguments.positional:
        return ()
    return (*names[:before], *names[end:])


def _from_outside(head: tuple[str, ...], cwd: str | None) -> tuple[str, ...]:
    """The program as it is named where the script stands: `sweep` starts there, and `cwd` moves no script."""
    if cwd is None:
        return head
    words = [posixpath.normpath(posixpath.join(cwd, word)) if _is_path(word) else word for word in head]
    return tuple(words)


def _is_path(word: str) -> bool:
    return word.endswith(SCRIPTS) or (posixpath.sep in word and not word.startswith("-"))


def _unwrapped(command: CommandLine) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words of a command without what only starts it, and its variables."""
    words, env = list(command.words), dict(command.env)
    while words and words[0] in _WRAPPERS:
        is_env = words.pop(0) == "env"
        while is_env and words[:1] == ["-u"]:
            del words[:2]
        while is_env and words and (match := _ASSIGNMENT.fullmatch(words[0])) is not None:
            env[match[1]] = match[2]
            words.pop(0)
    return tuple(words), env


def _has_overrides(words: Sequence[str]) -> bool:
    return any("=" in word and not word.startswith("-") for word in words)


def _end_of_head(words: Sequence[str]) -> int:
    scripts = scripts_of(words)
    return scripts[-1].at + 1 if scripts else 1


def _builds(head: Sequence[str]) -> bool:
    """Whether a program makes another one, as a compiler does."""
    return head[0].rpartition("/")[2] in _BUILDERS


def _of_one_program(lines: list[Line], found: Found) -> list[Line]:
    """The lines of the program that most of them run."""
    if not lines:
        return []
    run = [line.head for line in lines if not _builds(line.head)]
    usual = Counter(run or (line.head for line in lines)).most_common(1)[0][0]
    for line in lines:
        if line.head != usual:
            other, most = " ".join(line.head), " ".join(usual)
            reason = (
                f"`{other}` builds what runs; do so before `sweep run`"
                if _builds(line.head)
                else f"runs `{other}`, and a file has one program, here `{most}`; import it into a file of its own"
            )
            found.left_out.setdefault(line.line, reason)
    return [line for line in lines if line.head == usual]


def _of_one_form(lines: list[Line], found: Found) -> list[Line]:
    """The lines with as many positional arguments as most have, and the same options of Hydra itself."""

    def form(line: Line) -> tuple[object, ...]:
        return len(line.arguments.before), len(line.arguments.after), tuple(line.arguments.fixed)

    usual = Counter(map(form, lines)).most_common(1)[0][0]
    for line in lines:
        if form(line) != usual:
            reason = "has other positional arguments than most lines; import it into a file of its own"
            found.left_out.setdefault(line.line, reason)
    return [line for line in lines if form(line) == usual]


def _in_one_place(lines: list[Line], found: Found) -> list[Line]:
    folders = [line.cwd for line in lines]
    if len(lines) > 1 and None not in folders and len(set(folders)) == len(lines):
        found.notes[
            f"cwd is {{run_dir}}, a directory of each trial's own, in place of {folders[0]} and so on"
        ] = None
        return [replace(line, cwd="{run_dir}") for line in lines]
    usual = Counter(folders).most_common(1)[0][0]
    for line in lines:
        if line.cwd != usual:
            reason = f"runs in {line.cwd or 'the folder of the script'}, the others in {usual or 'that of the script'}"
            found.left_out.setdefault(line.line, f"{reason}; import it into a file of its own")
    return [line for line in lines if line.cwd == usual]
