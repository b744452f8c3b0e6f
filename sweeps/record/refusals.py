"""What the store refuses for good, run by run: kept in the run's directory, told once, and told in the run's note."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sweeps.record.outage import causes
from sweeps.record.store.loaded import is_mlflow_error, loaded
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_TOLD = 5
"""How many names a note or message lists."""
LONGEST_TOLD = 160
"""How many characters of a name, and of the reason."""

_REFUSING_CODES = frozenset(
    {
        *("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "MALFORMED_REQUEST", "INVALID_STATE"),
        *("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND", "ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED"),
        *("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS", "RESOURCE_CONFLICT", "ABORTED"),
    }
)
"""MLflow's codes of what is wrong with a request by itself; 401 and 403 are about who asks."""
_REFUSING_STATUSES = frozenset({400, 404, 405, 409, 410, 411, 413, 414, 415, 417, 422, 431, 501})
"""The same, of HTTP."""
_STATUS = re.compile(r"failed with error code (\d{3})")
_DATABASES_TROUBLE = re.compile(
    r"\(\w+\.(errors\.)?(\w*Privilege|Undefined\w+|ReadOnly\w+|DiskFull|(Programming|Operational|Internal)Error)\)"
)
"""What a server passes on from a database that cannot be written at all."""
_HTTP, _SQL = "requests.exceptions", "sqlalchemy.exc"
_UNFIT_FILE = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that the store refused.

    Attributes:
        kind: `metric`, `param`, `tag`, `artifact`, `dataset`, `model`.
        name: Its name.
        why: What the store said, or which rule it breaks.
        step: A metric's step, or None.
        value: Its value, where that is small.
        time_ms: A metric's time, milliseconds since the epoch, or None.
    """

    kind: str
    name: str
    why: str
    step: int | None = None
    value: float | str | None = None
    time_ms: int | None = None


class Refusals:
    """Keeps what is set aside, and whose runs are gone. One thread writes; another one asks `news`.

    Args:
        state: Where runs keep their files; None: the state directory of this working directory.
    """

    def __init__(self, state: StateDir | None = None) -> None:
        self._state = state
        self._known: dict[str, set[tuple[str, str, int | None]]] = {}
        self._news: list[str] = []
        self._guard = threading.Lock()
        self.lost: set[str] = set()
        """Runs that are deleted."""

    def note(self, run_id: str, refused: Iterable[Refused]) -> None:
        """Set aside what is refused of a run; what is known already is passed over."""
        items = list(refused)
        if not items:
            return
        if run_id not in self._known:
            self._known[run_id] = _keys(read_refused(self._file(run_id)))
        known = self._known[run_id]
        fresh = [item for item in items if _key(item) not in known]
        if not fresh:
            return
        told = {(kind, name) for kind, name, _ in known}
        known.update(map(_key, fresh))
        file = self._file(run_id)
        file.parent.mkdir(parents=True, exist_ok=True)
        at_ms = time.time_ns() // 1_000_000
        lines = (json.dumps({"t": at_ms, **asdict(item)}) + "\n" for item in fresh)
        with file.open("a", encoding="utf-8") as kept:
            kept.writelines(lines)
        new = [item for item in fresh if (item.kind, item.name) not in told]
        if new:
            self.tell(f"run {run_id[:8]}: {summary(new)}; kept in {file}, all else is recorded")

    def note_lost(self, run_id: str, why: str) -> None:
        """Take note that a run is deleted."""
        if run_id not in self.lost:
            self.lost.add(run_id)
            self.tell(
                f"run {run_id[:8]} {why}: what it logs is kept in {self._file(run_id).parent}, and goes into no "
                "record; the next `sweep run` starts the trial anew"
            )

    def tell(self, sentence: str) -> None:
        """Have the user told."""
        with self._guard:
            self._news.append(sentence)

    def news(self) -> list[str]:
        """What the user is to be told since the last call."""
        if not self._news:
            return []
        with self._guard:
            news, self._news = self._news, []
        return news

    def in_note(self, run_id: str, note: str) -> str | None:
        """A run's note with what is set aside of it; None where nothing is."""
        refused = read_refused(self._file(run_id))
        if not refused:
            return None
        first, gap, rest = note.partition("\n\n")
        told = f"**Not recorded:** {summary(refused)}. It is kept in `{self._file(run_id)}`."
        return f"{first}\n\n{told}{gap}{rest}" if first else told

    def _file(self, run_id: str) -> Path:
        return (self._state or StateDir.here()).run(run_id).refused


def read_refused(file: Path) -> list[Refused]:
    """What is set aside in a file; nothing where there is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            entry = json.loads(line)
            del entry["t"]
            found.append(Refused(**entry))
        except (ValueError, KeyError, TypeError):
            continue  # a line torn by a crash
    return found


def summary(refused: Iterable[Refused]) -> str:
    """`metric 'acc@5' (3 values: why); param 'x' (why)`."""
    first: dict[tuple[str, str], Refused] = {}
    counts: dict[tuple[str, str], int] = {}
    for item in refused:
        key = (item.kind, item.name)
        first.setdefault(key, item)
        counts[key] = counts.get(key, 0) + 1
    parts = []
    for key, item in list(first.items())[:MOST_TOLD]:
        values = f"{counts[key]} values: " if counts[key] > 1 else ""
        parts.append(f"{item.kind} {item.name[:LONGEST_TOLD]!r} ({values}{item.why[:LONGEST_TOLD]})")
    more = len(first) - len(parts)
    return "the store refuses " + "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def is_refusal(error: BaseException) -> bool:
    """Whether an error says that the store can never take what was asked: no outage, no wrong password, no full disk."""
    chain = list(causes(error))
    by_database = [cause for cause in chain if isinstance(cause, loaded(_SQL, "DBAPIError"))]
    return any(map(_refuses, by_database or chain))


def _refuses(error: BaseException) -> bool:
    if isinstance(error, loaded(_HTTP, "HTTPError")):
        response = getattr(error, "response", None)
        return response is not None and response.status_code in _REFUSING_STATUSES
    if isinstance(error, loaded(_HTTP, "RequestException")):
        return False
    if is_mlflow_error(error):
        status = _STATUS.search(str(error))
        if status is not None:
            return int(status[1]) in _REFUSING_STATUSES
        code = getattr(error, "error_code", None)
        return code in _REFUSING_CODES and not _DATABASES_TROUBLE.search(str(error))
    if isinstance(error, (UnicodeError, OverflowError, *loaded(_SQL, "DataError", "IntegrityError"))):
        return True
    if isinstance(error, loaded(_SQL, "DBAPIError")):
        return "binding parameter" in str(getattr(error, "orig", ""))
    return isinstance(error, _UNFIT_FILE)


def _key(item: Refused) -> tuple[str, str, int | None]:
    return item.kind, item.name, item.step


def _keys(items: Iterable[Refused]) -> set[tuple[str, str, int | None]]:
    return set(map(_key, items))
