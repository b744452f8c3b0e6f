"""Outages of the tracking store: which errors mean that it is away for now, and how long it is waited for."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, cast

from analysis.read.errors import masked
from sweeps.record.store.loaded import is_mlflow_error, loaded
from sweeps.record.store.sqlite_file import is_busy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.exc import DBAPIError

    from sweeps.errors import RecordError

PATIENCE_S = 600.0
"""How long a store that is away is waited for while no trial runs, unless `--patience` says otherwise."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 5.0
"""The waits between two tries: each is twice the one before, up to the longest."""

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses of a server that cannot answer now; any other refuses for good."""
_PASSING_STATES = frozenset({"40001", "40P01", "53300", "57P01", "57P02", "57P03"})
"""PostgreSQL's SQLSTATEs of what passes: lost a race, too many clients, shutting down, starting up; and class 08."""
_PASSING_WORDS = (
    "starting up",
    "not yet accepting connections",
    "not accepting connections",
    "shutting down",
    "recovery mode",
    "too many clients",
    "remaining connection slots",
    "terminating connection",
)
"""How PostgreSQL refuses a connection for now; any other FATAL, such as a wrong password, is for good."""


_HTTP = "requests.exceptions"
_NO_ANSWER = "response body was not in a valid JSON format"
"""How MLflow's client says that an answer is cut off, or is a proxy's page."""


class LostAnswerError(OSError):
    """The store did what it was asked, or not: its answer says nothing."""


class Outage:
    """An outage of the store: since when it lasts, and when to give up. One writer waits here; others only ask.

    Args:
        patience_s: How long to wait in all, in seconds.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._since_s: float | None = None
        self._excused_s = 0.0
        self._wait_s = FIRST_WAIT_S
        self._abandoned = threading.Event()
        self.why = ""
        self.count = 0
        """How often the store was away until now."""

    @property
    def lasts_s(self) -> float:
        """Seconds since the store was first missed; 0 while it answers."""
        since_s = self._since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def wait(self, error: RecordError) -> None:
        """Wait before the next try.

        Raises:
            RecordError: The given one, when patience is over or the outage is abandoned.
        """
        now_s = time.monotonic()
        if self._since_s is None:
            self.why, self._since_s = str(error), now_s
            self.count += 1
        if now_s - max(self._since_s, self._excused_s) > self._patience_s:
            raise error
        if self._abandoned.wait(self._wait_s):
            raise error
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def over(self) -> None:
        """Take note that the store answers."""
        self._since_s, self._wait_s = None, FIRST_WAIT_S

    def excuse(self) -> None:
        """Count patience from now on: until now there was other work to do."""
        self._excused_s = time.monotonic()

    def abandon(self) -> None:
        """Wait no longer, now and in future."""
        self._abandoned.set()


def first_line(error: BaseException) -> str:
    """The first line of an error's message, else the name of its class, with passwords masked."""
    return masked((str(error).strip().splitlines() or [type(error).__name__])[0])


def is_away(error: BaseException) -> bool:
    """Whether an error, or what caused it, says that the store is away for now; else it refuses for good."""
    return any(_says_away(cause) for cause in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _says_away(error: BaseException) -> bool:
    lost = (LostAnswerError, json.JSONDecodeError, *loaded("google.protobuf.json_format", "ParseError"))
    if isinstance(error, loaded(_HTTP, "SSLError")):
        return False
    if isinstance(error, loaded(_HTTP, "ConnectionError", "Timeout", "RetryError", "ChunkedEncodingError")):
        return True
    if isinstance(error, lost):
        return True  # an answer that is cut off, or a proxy's page
    if is_mlflow_error(error):
        return _NO_ANSWER in str(error)
    if isinstance(error, loaded(_HTTP, "HTTPError")):
        response = getattr(error, "response", None)
        return response is not None and response.status_code in _TRANSIENT
    if isinstance(error, loaded("sqlalchemy.exc", "DBAPIError")):
        return _database_is_away(cast("DBAPIError", error))
    return is_busy(error)


def _database_is_away(error: DBAPIError) -> bool:
    message = str(error.orig)
    if error.connection_invalidated or "database is locked" in message:
        return True
    if not type(error.orig).__module__.startswith("psycopg"):
        return False
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if state is not None:
        return state.startswith("08") or state in _PASSING_STATES
    if type(error.orig).__name__ != "OperationalError":
        return False
    return "FATAL" not in message or any(words in message for words in _PASSING_WORDS)
