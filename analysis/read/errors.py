"""The errors of reading the record, as one small tree; their messages never hold a password."""

from __future__ import annotations

import os
import re
import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/\s]\S*@")
"""Up to the last @ of the word: in a password, / and @ should be percent-encoded, and often are not."""
_STORE = "MLFLOW_TRACKING_URI"
_MLFLOWS_OWN, _MOST_NAMED = "Default", 20
_SECRET_OPTION = re.compile(r"(?i)((?:password|passwd|pwd|secret|token)=)[^&\s]*")


def masked(text: object) -> str:
    """Return `text` with the `user:password@` of every URI in it and its password options masked."""
    return _SECRET_OPTION.sub(r"\1***", _USER_AND_PASSWORD.sub("***@", str(text)))


def instead_of(name: str, known: Sequence[str]) -> tuple[str, str]:
    """Of a name that is not known: which of the known ones is meant, to append to a message, empty where none is close; and the first of them."""
    close = get_close_matches(name, known, n=1)
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"; did you mean {close[0]!r}?" if close else "", f"{', '.join(known[:_MOST_NAMED])}{more}"


def rendered(error: Exception) -> list[str]:
    """An error as the last lines of its traceback say it."""
    return [f"{type(error).__name__}: {error}"]


class AnalysisError(Exception):
    """Base of all errors of this package; its message says where, what, and what to do about it."""

    def __init__(self, message: str) -> None:
        """Keep `message`, without the credentials of any URI in it."""
        super().__init__(masked(message))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the message says all."""
        return rendered(self)


class UnreachableStoreError(AnalysisError):
    """The tracking store does not answer, refuses, or is not one that MLflow wrote."""


class UnknownExperimentError(AnalysisError):
    """The store answers, and holds no such experiment: nothing has been recorded yet, or the name is wrong."""

    @classmethod
    def among(cls, tracking_uri: str, name: str, others: Iterable[str]) -> UnknownExperimentError:
        """The error that names the experiments that the store does hold."""
        known = sorted(other for other in others if other != _MLFLOWS_OWN)
        meant, named = instead_of(name, known)
        there = f" Recorded there: {named}" if known else ""
        return cls(
            f"{tracking_uri}: no experiment {name!r} is recorded there{meant or ';'} "
            f"check `experiment:` and the tracking URI, or start the sweep{'.' if there else ''}{there}"
        )


class DeletedExperimentError(UnknownExperimentError):
    """The experiment was deleted, in MLflow's UI for example, and can be restored."""

    def __init__(self, tracking_uri: str, name: str, experiment_id: str) -> None:
        """Say how it is restored, with a command that finds this store."""
        store = (
            "" if os.environ.get(_STORE) == tracking_uri else f"{_STORE}={shlex.quote(masked(tracking_uri))} "
        )
        super().__init__(
            f"{tracking_uri}: experiment {name!r} is deleted; restore it with "
            f"`{store}mlflow experiments restore -x {experiment_id}`, or name another one with `experiment:`"
        )


class IncompleteReadError(AnalysisError):
    """The store gave back fewer points than it says it holds."""
