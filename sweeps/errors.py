"""The errors that a user can fix, as one small tree; only the command line prints and exits."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from analysis.read.errors import masked, rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class SweepError(Exception):
    """Anything that a user can mend; the message says where, what and what to do instead.

    Attributes:
        exit_code: What the command line exits with.
    """

    exit_code = 2

    def __init__(self, message: str) -> None:
        """Keep `message`, without the credentials of any URI in it."""
        super().__init__(masked(message))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the message says all."""
        return rendered(self)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file or on the command line; line and column count from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with what the user wrote, and where."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class SpecError(SweepError):
    """All that is wrong with a spec, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = sorted(dict.fromkeys(problems))
        super().__init__("\n".join(map(str, self.problems)))


class ScriptError(SweepError):
    """A script that cannot be read, so that no file can be written for it."""


class SelectionError(SweepError):
    """A trial, sweep or profile that the command line names does not exist."""


class HeldError(SweepError):
    """Another `sweep run` holds this sweep, or some of its trials."""

    exit_code = 3


class StateError(SweepError):
    """The state directory cannot be written, or others may write it."""


class RecordError(SweepError):
    """The MLflow record cannot be read or written."""


class RefusedError(RecordError):
    """The store can never take what it was asked to; anything else it may take."""


class RunGoneError(RefusedError):
    """A run is deleted; the others are there."""


class StudyError(SweepError):
    """The storage of a search's study cannot be read or written."""


class LaunchError(SweepError):
    """A trial's process cannot be started."""


class PortError(SweepError):
    """A port of this machine cannot be listened on."""


_LONGEST_WORD, _MOST_KNOWN = 200, 2000
"""Longer words, and more names, are not looked through for what somebody may have meant."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint to append to a message about an unknown word; empty where nothing is close.

    The only name with the same last part is the nearest: of `training.lr` that is `training.optimizer.lr`.
    """
    if len(word) > _LONGEST_WORD:
        return ""  # to compare long texts takes minutes
    lowered = {name.lower(): name for name in islice(known, _MOST_KNOWN) if len(name) <= _LONGEST_WORD}
    last = word.lower().rpartition(".")[2]
    same = [name for name in lowered if "." in word and name.rpartition(".")[2] == last]
    close = same if len(same) == 1 else get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean '{lowered[close[0]]}'?" if close else ""
