"""Reads a shell script as the command lines that it would run: loops over values, variables, arrays. Nothing is run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.importing.shell.values import HOME, Unreadable, Variables, expand_all, single, with_value
from sweeps.importing.shell.words import Part, read_commands
from sweeps.runner.inheritance import THREAD_VARIABLES
from sweeps.spec.model import MAX_TRIALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.importing.shell.words import ShellCommand, Word

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=", re.DOTALL)
_ENDS = {
    "if": "fi",
    "while": "done",
    "until": "done",
    "case": "esac",
    "select": "done",
    "for": "done",
    "{": "}",
}
_CLOSING = frozenset({"done", "fi", "esac", "}"})
_DEEPEST = 30
_LEADS = frozenset({"do", "then", "else", "!", "time", "{"})
_SET = frozenset({"export", "declare", "local", "readonly", "typeset"})
_QUIET = frozenset(
    {
        "wait",
        "set",
        "echo",
        "printf",
        "mkdir",
        "sleep",
        "date",
        ":",
        "true",
        "exit",
        "trap",
        "ln",
        "shopt",
        "shift",
    }
)
_QUIET |= {*_CLOSING, "unset", "ulimit", "pwd", "hostname", "clear", "break", "continue", "return"}
"""What prepares or frames commands, and is needed for none of them."""
_PREPARING = frozenset({"source", ".", "conda", "module", "pip", "eval", "alias"})
_KEPT = "What goes to files by > or | is kept by sweep: `sweep logs FILE TRIAL` prints it."

_OWN_FOLDER = "each trial has a folder of its own, {run_dir}; make one that trials share before `sweep run`"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command line that the script would run.

    Attributes:
        line: The line where it stands.
        words: Its words.
        env: The variables that it is given.
        cwd: Where it runs; None: where the script does.
        names: The variable that each word is, alone and as a whole; empty for another word.
    """

    line: int
    words: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Script:
    """What a script would run.

    Attributes:
        commands: Its command lines, each as often as its loops run it.
        left_out: Lines that could not be read, each with the reason.
        notes: What else was not taken over, in sentences.
    """

    commands: list[CommandLine] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)


def read_script(text: str, home: str | None = None) -> Script:
    """The command lines of a script.

    Args:
        text: The script.
        home: What `~` and `$HOME` stand for; None: nobody knows.

    Raises:
        Unreadable: Its loops make more commands than a file may hold.
    """
    found, problems = read_commands(text)
    reader = _Reader(_blocks(found), home)
    reader.script.left_out.update(problems)
    reader.run(found, 0, len(found))
    return reader.script


class _Reader:
    """Goes through the commands of a script."""

    def __init__(self, ends: Mapping[int, int], home: str | None) -> None:
        self.script = Script()
        self._known = Variables({HOME: home} if home is not None else {})
        self._exported: dict[str, str] = {}
        self._cwd: str | None = None
        self._outer: list[str | None] = []
        self._ends = ends
        self._depth = 0
        self._turns = 0

    def run(self, commands: Sequence[ShellCommand], begin: int, end: int) -> None:
        """Take note of what the commands from `begin` to `end` would run."""
        at = begin
        while at < end:
            command = commands[at]
            words = _without_leads(command.words)
            head = _plain(words[0]) if words else None
            if head in _ENDS or _is_function(commands, at, words):
                at = self._block(commands, at, words, head or "")
                continue
            if command.end == "(":
                self._outer.append(self._cwd)
            for name, values in command.arrays.items():
                self._set_list(name, values)
            if words:
                is_piped = at > begin and commands[at - 1].end in {"|", "|&"}
                is_other = at > begin and commands[at - 1].end == "||"
                self._simple(command, words, head, is_piped=is_piped, is_other=is_other)
            if command.end == ")" and self._outer:
                self._cwd = self._outer.pop()
            at += 1

    def _block(self, commands: Sequence[ShellCommand], at: int, words: Sequence[Word], head: str) -> int:
        """Read a loop, or pass over what only a shell can decide; returns where the script goes on."""
        stop = self._ends.get(at)
        line = commands[at].line
        if stop is None:
            self._leave_out(line, "what begins here is not closed; close it with `done`, `fi` or `}`")
            return at + 1
        if head == "for" and self._depth < _DEEPEST:
            self._depth += 1
            self._loop(commands, at, stop, words)
            self._depth -= 1
        else:
            kind = f"`{head}`" if head in _ENDS else "a function"
            reason = (
                f"{kind} is decided when the script runs, and nothing is run here; write out its commands"
            )
            for command in commands[at:stop]:
                self._leave_out(
                    command.line, reason if command.line == line else f"stands in {kind} of line {line}"
                )
        return stop + 1

    def _loop(self, commands: Sequence[ShellCommand], at: int, stop: int, words: Sequence[Word]) -> None:
        line = commands[at].line
        name = _plain(words[1]) if len(words) > 1 else None
        is_list = len(words) > 2 and _plain(words[2]) == "in"  # noqa: PLR2004 - for NAME in
        if name is None or not is_list:
            message = "a `for` is read as `for NAME in VALUES`; write out its values"
            self._leave_out_all(commands[at:stop], message)
            return
        try:
            values = expand_all(words[3:], self._known)
        except Unreadable as error:
            self._leave_out_all(commands[at:stop], f"of the loop in line {line}: {error}")
            return
        for value in values:
            with_value(self._known, name, value)
            self.run(commands, at + 1, stop)
            self._turns += 1
            if max(len(self.script.commands), self._turns // 2) > MAX_TRIALS:
                raise Unreadable(
                    f"line {line}: the loops make more than {MAX_TRIALS:,} commands; a file holds no more trials"
                )

    def _simple(
        self,
        command: ShellCommand,
        words: Sequence[Word],
        head: str | None,
        *,
        is_piped: bool,
        is_other: bool,
    ) -> None:
        line = command.line
        if is_piped or head in _QUIET:
            self._note_folder(words, head)
            return
        if is_other:
            self._leave_out(line, "stands behind ||, and so runs only where the command before it fails")
        elif head == "cd":
            self._change_directory(words, line)
        elif head == "export" and _sets_threads(words):
            return  # `sweep run` sets these itself
        elif head in _SET:
            for word in words[1:]:
                self._assign(word, line, is_exported=head == "export")
        elif head in _PREPARING:
            what = " ".join(_shown(word) for word in words[:3])
            remedy = "start `sweep` in a shell prepared so, or say `python:`"
            self._leave_out(line, f"`{what}` prepares the shell; {remedy}")
        elif (assigned := _count_assigned(words)) == len(words):
            for word in words:
                self._assign(word, line, is_exported=False)
        else:
            self._program(command, words, assigned)

    def _note_folder(self, words: Sequence[Word], head: str | None) -> None:
        if head == "mkdir":
            made = " ".join(_shown(word) for word in words)
            self.script.notes[f"`{made}` is left out: {_OWN_FOLDER}"] = None

    def _program(self, command: ShellCommand, words: Sequence[Word], assigned: int) -> None:
        """Take note of a command that starts a program, behind so many variables."""
        line = command.line
        try:
            env = {**self._exported, **self._variables(words[:assigned])}
            expanded = expand_all(words[assigned:], self._known)
        except Unreadable as error:
            self._leave_out(line, str(error))
            return
        if command.reads:
            self._leave_out(line, "reads its input from a file or the script; give the file as an argument")
            return
        if command.writes or command.end in {"|", "|&"}:
            self.script.notes[_KEPT] = None
        if expanded:
            self.script.commands.append(
                CommandLine(line, tuple(expanded), env, self._cwd, self._names(words[assigned:], expanded))
            )

    def _names(self, words: Sequence[Word], expanded: Sequence[str]) -> tuple[str, ...]:
        """The variable that each word is; none where words became several, or nothing."""
        if len(words) != len(expanded):
            return ()
        alone = [word[0].text if len(word) == 1 and word[0].kind == "variable" else "" for word in words]
        texts = self._known.texts
        return tuple(
            name if texts.get(name) == text else "" for name, text in zip(alone, expanded, strict=True)
        )

    def _variables(self, words: Sequence[Word]) -> dict[str, str]:
        found = {}
        for word in words:
            match = _ASSIGNMENT.match(word[0].text)
            assert match is not None  # noqa: S101 - counted as an assignment
            try:
                found[match[1]] = single(_behind(word, match.end()), self._known)
            except Unreadable:
                told = f"{match[1]} is left out: {_shown(word)} comes from your shell; say it under `env:`"
                self.script.notes[told] = None
        return found

    def _assign(self, word: Word, line: int, *, is_exported: bool) -> None:
        match = _ASSIGNMENT.match(word[0].text) if word and word[0].kind == "text" else None
        if match is None:
            name = _plain(word)
            if is_exported and name is not None and name in self._known.texts:
                self._exported[name] = self._known.texts[name]
            return
        name = match[1]
        try:
            value = single(_behind(word, match.end()), self._known)
        except Unreadable:
            self._known.texts.pop(name, None)
            self._known.unknown[name] = _shown(word).partition("=")[2]
            if is_exported:
                self._leave_out(
                    line, f"only a shell knows the value of {name}; set it where you start `sweep`"
                )
            return
        if match[2]:
            value = self._known.texts.get(name, "") + value
        with_value(self._known, name, value)
        if is_exported or name in self._exported:
            self._exported[name] = value

    def _set_list(self, name: str, words: Sequence[Word]) -> None:
        self._known.texts.pop(name, None)
        try:
            self._known.lists[name] = expand_all(words, self._known)
        except Unreadable as error:
            self._known.lists.pop(name, None)
            self._known.unknown[name] = str(error)

    def _change_directory(self, words: Sequence[Word], line: int) -> None:
        try:
            (path,) = expand_all(words[1:2], self._known)
        except (Unreadable, ValueError):
            self._leave_out(line, "where it leads is not known; write the path")
            return
        if path == "-" or path.startswith("~"):
            self._leave_out(line, "where it leads is not known; write the path")
        else:
            self._cwd = path if path.startswith("/") or self._cwd is None else f"{self._cwd}/{path}"

    def _leave_out(self, line: int, reason: str) -> None:
        self.script.left_out.setdefault(line, reason)

    def _leave_out_all(self, commands: Sequence[ShellCommand], reason: str) -> None:
        for command in commands:
            words = _without_leads(command.words)
            if words and _plain(words[0]) not in _QUIET:
                self._leave_out(command.line, reason)


def _without_leads(words: Sequence[Word]) -> Sequence[Word]:
    """A command without the words before it that belong to the shell."""
    at = 0
    while at < len(words) and _plain(words[at]) in _LEADS and not (at == 0 and _plain(words[at]) == "{"):
        at += 1
    return words[at:]


def _blocks(commands: Sequence[ShellCommand]) -> dict[int, int]:
    """Where each block begins, and where it ends; those that are not closed are left out."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for position, command in enumerate(commands):
        words = _without_leads(command.words)
        head = _plain(words[0]) if words else None
        if head in _ENDS:
            opened.append(position)
        elif head in _CLOSING and opened:
            ends[opened.pop()] = position
    for position in range(len(commands) - 2):
        if position + 2 in ends and _is_function(commands, position, commands[position].words):
            ends[position] = ends[position + 2]
    return ends


def _is_function(commands: Sequence[ShellCommand], at: int, words: Sequence[Word]) -> bool:
    """Whether `name() {` or `function name {` begins here."""
    if words and _plain(words[0]) == "function":
        return True
    following = commands[at + 1] if at + 1 < len(commands) else None
    is_opened = len(words) == 1 and commands[at].end == "("
    return is_opened and following is not None and following.end == ")" and not following.words


def _count_assigned(words: Sequence[Word]) -> int:
    count = 0
    for word in words:
        if not word or word[0].kind != "text" or _ASSIGNMENT.match(word[0].text) is None:
            break
        count += 1
    return count


def _behind(word: Word, at: int) -> Word:
    """A word without its first characters."""
    first = Part("text", word[0].text[at:])
    return (first, *word[1:])


def _sets_threads(words: Sequence[Word]) -> bool:
    """Whether it sets all that says how many threads programs may start, as `sweep commands` writes it."""
    texts = (word[0].text for word in words[1:] if word and word[0].kind == "text")
    names = {match[1] for text in texts if (match := _ASSIGNMENT.match(text)) is not None}
    return names.issuperset(THREAD_VARIABLES)


def _plain(word: Word) -> str | None:
    """The text of a word without quotes and variables; None for another."""
    return word[0].text if len(word) == 1 and word[0].kind == "text" else None


def _shown(word: Word) -> str:
    marks = {"variable": "$", "list": "$", "command": "$("}
    return "".join(
        f"{marks.get(part.kind, '')}{part.text}{')' if part.kind == 'command' else ''}" for part in word
    )
