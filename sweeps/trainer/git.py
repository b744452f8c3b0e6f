"""Asks git about the trainer's repository, whatever state that is in and however git is set up.

Nothing of the repository is changed. What git cannot tell becomes a sentence, never an exception.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_S = 20.0
"""How long git may take to answer a question."""
DIFF_S = 60.0
"""How long it may take to write the difference from the commit."""
MOST_DIFF_BYTES = 16 << 20
"""A larger difference is not recorded."""
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's name for a tree without files."""

_FOREIGN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIFF_OPTS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)
"""Variables that speak of another repository, as inside one of its hooks, or change what a diff looks like."""
_QUIET = {
    "GIT_ASKPASS": "true",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "SSH_ASKPASS": "true",
}
"""Git asks nobody, locks nothing, and says what is wrong in English."""
_SETTINGS = ("core.fsmonitor=false", "core.quotePath=true", "diff.relative=false", "diff.orderFile=/dev/null")
_AS_PATCH = (
    "--binary",
    "--full-index",
    "--ignore-submodules=all",
    "--inter-hunk-context=0",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--submodule=short",
    "--unified=3",
)
"""What makes the output of `git diff` a patch, however git is set up."""
_silent: set[tuple[Path, str]] = set()
"""Folders and commands that git did not answer about: it is not waited for again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git command printed.

    Attributes:
        output: What it printed, without the last newline; None where it failed.
        trouble: Why it failed, in one line.
    """

    output: bytes | None
    trouble: str = ""

    @property
    def text(self) -> str | None:
        """The output as file names are read."""
        return None if self.output is None else os.fsdecode(self.output)


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository with a work tree.

    Attributes:
        top: The folder that the work tree begins at.
        commit: The commit that is checked out; None: there is none yet.
    """

    top: Path
    commit: str | None

    def tracked(self) -> tuple[list[Path], str]:
        """The files that git tracks, those of submodules included, whether they are there or not; or why it does not tell."""
        answer = ask(self.top, "ls-files", "-z", "--recurse-submodules")
        if answer.text is None:
            answer = ask(self.top, "ls-files", "-z")
        trouble = (
            "" if answer.text is not None else f"{self.top}: git does not list its files: {answer.trouble}"
        )
        return [self.top / name for name in dict.fromkeys((answer.text or "").split("\0")) if name], trouble

    def ignores(self, path: Path) -> bool:
        """Whether git is told to ignore a file that it does not track."""
        return ask(self.top, "check-ignore", "-q", "--", str(path)).output is not None

    def is_dirty(self) -> bool | None:
        """Whether a tracked file differs from the commit; None where git cannot tell, or there is no commit."""
        if self.commit is None:
            return None
        changes = ask(self.top, "status", "--porcelain", "--untracked-files=no").output
        return None if changes is None else bool(changes)

    def changes(self) -> Answer:
        """The difference of the tracked files from the commit, as a patch that `git apply` takes; empty without a commit."""
        if self.commit is None:
            return Answer(b"")
        return _joined(self._changes("", "HEAD"))

    def _changes(self, prefix: str, base: str) -> Iterator[Answer]:
        """The patch of this repository, then those of its submodules, whose names begin with their folders."""
        sides = (f"--src-prefix=a/{prefix}", f"--dst-prefix=b/{prefix}")
        arguments = ("diff", *_AS_PATCH, *sides, base, "--")
        yield ask(self.top, *arguments, most_bytes=MOST_DIFF_BYTES, timeout_s=DIFF_S, is_patch=True)
        for name in self._submodules():
            recorded = ask(self.top, "rev-parse", "--verify", "--quiet", f"{base}:{name}").text
            inner = Repository(self.top / name, None)
            yield from inner._changes(f"{prefix}{name}/", recorded or EMPTY_TREE)

    def _submodules(self) -> list[str]:
        """The submodules that are checked out."""
        staged = (ask(self.top, "ls-files", "-z", "--stage").text or "").split("\0")
        names = [entry.partition("\t")[2] for entry in staged if entry.startswith("160000 ")]
        return [name for name in dict.fromkeys(names) if (self.top / name / ".git").exists()]


def find_repository(folder: Path) -> tuple[Repository | None, str]:
    """The repository that a folder lies in, or None; and why git does not tell, where it should."""
    found = ask(folder, "rev-parse", "--show-toplevel")
    if found.text:
        commit = ask(folder, "rev-parse", "--verify", "--quiet", "HEAD").text
        return Repository(Path(found.text).resolve(), commit), ""
    place = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
    if place is None:
        return None, ""
    why = found.trouble
    if "dubious ownership" in why or "safe.directory" in why:
        why = f"it belongs to another user; `git config --global --add safe.directory {place}` allows it"
    return None, f"{place}: git does not say which commit this is: {why}"


def ask(
    folder: Path,
    *arguments: str,
    timeout_s: float | None = None,
    most_bytes: int | None = None,
    is_patch: bool = False,
) -> Answer:
    """Run a git command in a folder.

    Args:
        folder: The folder.
        arguments: The command.
        timeout_s: How long it may take; None: `ANSWER_S`.
        most_bytes: With more output the command counts as failed.
        is_patch: Whether the output's last newline is part of it.
    """
    if (folder, arguments[0]) in _silent:
        return Answer(None, "git does not answer")
    settings = (word for setting in _SETTINGS for word in ("-c", setting))
    try:
        process = subprocess.Popen(
            ["git", *settings, "-C", str(folder), *arguments],  # noqa: S607 - git as the user's PATH has it
            env={**{key: value for key, value in os.environ.items() if key not in _FOREIGN}, **_QUIET},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # to end a hook or a filter that it waits for with it
        )
    except FileNotFoundError:
        return Answer(None, "there is no git on the PATH")
    except OSError as error:
        return Answer(None, f"git cannot be started: {error.strerror or error}")
    limit_s = ANSWER_S if timeout_s is None else timeout_s
    told = _read(process, limit_s, most_bytes)
    if told is None:
        _silent.add((folder, arguments[0]))
        return Answer(None, f"git {arguments[0]} does not answer within {limit_s:g} s")
    output, errors = told
    if most_bytes is not None and len(output) > most_bytes:
        return Answer(None, f"it is larger than {most_bytes >> 20} MiB")
    if process.returncode:
        lines = errors.decode("utf-8", "backslashreplace").strip().splitlines()
        return Answer(None, lines[0] if lines else f"git {arguments[0]} failed ({process.returncode})")
    return Answer(output if is_patch else output.removesuffix(b"\n"))


def _read(
    process: subprocess.Popen[bytes], limit_s: float, most_bytes: int | None
) -> tuple[bytes, bytes] | None:
    """What a process prints, cut after one byte too many, and its errors; None where it did not end in time."""
    late = threading.Event()

    def end() -> None:
        late.set()
        _end(process)

    errors: list[bytes] = []
    assert process.stdout is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101
    listener = threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)  # type: ignore[union-attr]
    clock = threading.Timer(limit_s, end)
    clock.daemon = True
    clock.start()
    listener.start()
    try:
        output = process.stdout.read(-1 if most_bytes is None else most_bytes + 1)
        if most_bytes is not None and len(output) > most_bytes:
            _end(process)
        process.wait()
    finally:
        _end(process)
        clock.cancel()
        listener.join()
        process.stdout.close()
        process.stderr.close()
    return None if late.is_set() else (output, b"".join(errors))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever it started and still waits for."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _joined(answers: Iterator[Answer]) -> Answer:
    """All patches as one, or the first trouble."""
    whole = b""
    for answer in answers:
        if answer.output is None:
            return answer
        whole += answer.output
        if len(whole) > MOST_DIFF_BYTES:
            return Answer(None, f"it is larger than {MOST_DIFF_BYTES >> 20} MiB")
    return Answer(whole)
