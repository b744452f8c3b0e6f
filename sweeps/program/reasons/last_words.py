"""Why a program failed, in its own words: its traceback's last line, what its runtime says, or what it printed last. Pure but for one read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.escapes import without_escapes
from analysis.read.errors import masked
from sweeps.program.reasons.closing_lines import of_worker, without_closing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MOST_BYTES = 64 << 10
"""So much of a log's end is read."""
OOM = "oom"
"""The reason of what ran out of memory."""
SILENT = "it printed nothing"
_LONGEST = 300
"""Characters of a reason."""
_MOST_AFTER = 60
"""A traceback with more lines behind it was not the end: the program went on."""
_RANK = re.compile(r"^\[(?:rank)?\d+\]:\s?")
"""What torch writes before the lines of a worker."""
_TRACEBACK = re.compile(
    r"^(?:Traceback \(most recent call last\):|[╭┌].* Traceback \(most recent call last\) )"
)
"""Python's, and in a box rich's."""
_IN_TRACEBACK = (" ", "\t", "│", "╰", "└")
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?::\s|$|:$)")
_UNFINISHED = (
    (re.compile(r"yaml\.[\w.]+: while "), re.compile(r"(?P<told>\S.*)"), 1),
    (re.compile(r".*\b\d+ validation errors? for "), re.compile(r"\s*(?P<told>\S.*)"), 2),
    (re.compile(r".*\S: .*:$"), re.compile(r"\s+(?P<told>\S.*)"), 1),
)
"""First lines of messages that say only where something is wrong, which lines say what, and how many: of YAML, pydantic and torch."""
_MOST_MESSAGE = 8
"""So many lines of a message are looked at."""
_OF_LAUNCHERS = re.compile(r"^(?:[\w.]+\.)?(?:ChildFailedError|CalledProcessError)\b")
"""What a launcher raises because its worker failed: the worker has said why."""
_LAUNCHES = re.compile(r"ChildFailedError\b|accelerate[/\\\\]commands")
"""In the traceback of a launcher that gives its workers' output on; others raise the same of any command."""
_WHAT = re.compile(r"\s*what\(\):\s*(?P<told>.+)")
_RUNTIMES = (
    (re.compile(r"terminate called after throwing an instance of '(?P<told>.+)'"), None),
    (re.compile(r"Error(?: in .*?)?\s?:(?P<told>.*)"), re.compile(r"Execution halted")),
    (re.compile(r"ERROR: (?:LoadError: )?(?P<told>.+)"), re.compile(r"Stacktrace:")),
    (re.compile(r"thread '.*' (?:\(\d+\) )?panicked at .*:\d+:\d+:(?P<told>)$"), None),
    (re.compile(r"panic: (?P<told>.+)"), re.compile(r"goroutine \d+")),
    (re.compile(r'Exception in thread ".*?" (?P<told>.+)'), re.compile(r"\s+at ")),
)
"""How the runtimes of C++, R, Julia, Rust, Go and Java begin to say why a program ends, the reason or nothing where the next line has it;
and what must stand behind, where others print such a beginning, too. What stands last is `Aborted`, `Execution halted` or a stack."""
_MOST_STACK = 40
"""So many lines of a stack may stand behind such a beginning."""
_OOM = re.compile(
    r"OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|^MemoryError\b"
    r"|RESOURCE_EXHAUSTED: Out of memory"
)
_MOST_OOM_LINES = 20
"""Without a traceback, running out of memory is looked for in so many last lines."""


def read_tail(log: Path, start: int = 0) -> str:
    """The end of a log: `MOST_BYTES` at most, and nothing before the byte `start`; empty where there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(start, size - MOST_BYTES))
            return file.read(MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""


def reason_of(text: str, secrets: Iterable[str] = ()) -> str:
    """What the end of a program's output says of its failure, on one line; `OOM` where it ran out of memory."""
    lines = [line for line in map(_clean, text.split("\n")) if line.strip()]
    if not lines:
        return SILENT
    told, own = _exception(lines)
    told = told or _of_other_runtimes(own[-_MOST_STACK:])
    if told is None:
        lines = without_closing(own)
        told = lines[-1].strip()
        is_oom = any(_OOM.search(line) for line in lines[-_MOST_OOM_LINES:])
    else:
        is_oom = _OOM.search(told) is not None
    return OOM if is_oom else _shown(told, secrets)


def says_oom(text: str) -> bool:
    """Whether an error's text is that of running out of memory, whatever its type."""
    return _OOM.search(text) is not None


def _clean(line: str) -> str:
    """A line as a terminal leaves it: what a progress bar has overwritten is gone, and so are colours."""
    drawn = [part for part in without_escapes(line).split("\r") if part.strip()]
    return _RANK.sub("", drawn[-1]).rstrip() if drawn else ""


def _exception(lines: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The last line of the last traceback, or of the one before where a launcher raised the last.

    Returns:
        The line, or None; and where it is None the lines to look at in its place, which are a worker's where it has no traceback.
    """
    starts = [at for at, line in enumerate(lines) if _TRACEBACK.match(line)]
    passed_on, own = None, lines
    for start in reversed(starts):
        end = next(
            (at for at in range(start + 1, len(lines)) if not lines[at].startswith(_IN_TRACEBACK)), None
        )
        if end is None or not _EXCEPTION.match(lines[end]):
            continue
        told = lines[end].strip()
        if passed_on is None and len(lines) - end > _MOST_AFTER:
            return None, lines
        if not _OF_LAUNCHERS.match(told):
            return _finished(told, lines[end + 1 : end + 1 + _MOST_MESSAGE]), lines
        passed_on = passed_on or told
        if any(map(_LAUNCHES.search, lines[start : end + 1])):
            own = of_worker(lines[:start], lines[end:])
    return (None, own) if own and own is not lines else (passed_on, lines)


def _finished(told: str, behind: Sequence[str]) -> str:
    """An exception with the next lines of its message, where the first does not say what is wrong."""
    for beginning, following, count in _UNFINISHED:
        if beginning.match(told):
            found = [match["told"] for line in behind if (match := following.match(line)) is not None]
            return ": ".join([told.rstrip(":"), *found[:count]]) if found else told
    return told


def _of_other_runtimes(lines: Sequence[str]) -> str | None:
    """Why a program that is not Python's ended, as its runtime says; None: there is no such line."""
    for at in reversed(range(len(lines))):
        behind = lines[at + 1 :]
        for beginning, proof in _RUNTIMES:
            found = beginning.match(lines[at])
            if found is None or (proof is not None and not any(map(proof.match, behind))):
                continue
            following = behind[0].strip() if behind else ""
            what = _WHAT.match(following)
            told = found["told"].strip()
            return f"{told}: {what['told']}" if what is not None else told or following
    return None


def _shown(told: str, secrets: Iterable[str]) -> str:
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        told = told.replace(secret, "***")
    told = masked(told)
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"
