"""The interface of a tracking store and the plain values it gives: runs, points, params. No pandas, no MLflow.

`sweep plan` and `sweep status` wait for what this module imports.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from analysis.read import tags
from analysis.read.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_SQLITE = "sqlite:///"
_NO_PATHS = frozenset({"databricks", "databricks-uc", "uc"})
"""What MLflow takes for a store without being an address."""


@dataclass(frozen=True)
class RunRecord:
    """One run that is not deleted, as it stands in the record.

    Attributes:
        run_id: MLflow's id, 32 hexadecimal digits.
        name: Its readable name.
        parent_run_id: The run of the sweep it belongs to, or None.
        kind: The tag `sweeps.kind` (`sweep` or `trial`); empty for a run that another tool recorded.
        status: MLflow's RUNNING, SCHEDULED, FINISHED, FAILED or KILLED.
        start_ms: Start, milliseconds since 1970 UTC.
        end_ms: End, milliseconds since 1970 UTC, or None.
        tags: All tags.
    """

    run_id: str
    name: str
    parent_run_id: str | None
    kind: str
    status: str
    start_ms: int
    end_ms: int | None
    tags: Mapping[str, str]

    @property
    def is_trial(self) -> bool:
        """Whether it is the run of a trial, not the parent run of a sweep or another tool's."""
        return self.kind == tags.KIND_TRIAL

    @property
    def is_sweep(self) -> bool:
        """Whether it is the parent run of a sweep."""
        return self.kind == tags.KIND_SWEEP

    @property
    def sweep(self) -> str:
        """The name of its sweep; empty for another tool's run."""
        return self.tags.get(tags.SWEEP, "")

    @property
    def trial(self) -> str:
        """The name of its trial; empty where it is no trial's run."""
        return self.tags.get(tags.TRIAL, "")

    @property
    def fingerprint(self) -> str | None:
        """What identifies the trial, or None where the run is not a trial's."""
        return self.tags.get(tags.FINGERPRINT)

    @property
    def outcome(self) -> Outcome | None:
        """How the last attempt ended; None while it runs, or where the tag says nothing that is known."""
        return Outcome.read(self.tags.get(tags.OUTCOME, ""))

    @property
    def has_result(self) -> bool:
        """Whether its trial is done: it finished, or a search stopped it for good."""
        return self.outcome is not None and self.outcome.is_result

    @property
    def has_ended(self) -> bool:
        """Whether its trial is done, given up, or failed; else it goes on, or may be taken up again."""
        return self.outcome is not None and self.outcome.is_end

    @property
    def is_open(self) -> bool:
        """Whether it goes on, or is to begin, as far as the record knows; its supervisor may be dead."""
        return self.status in {"RUNNING", "SCHEDULED"}

    @property
    def reason(self) -> str:
        """Why the last attempt ended as it did; empty where nothing is recorded."""
        return self.tags.get(tags.REASON, "")

    @property
    def adopted(self) -> str:
        """Where it was found, for a run that `sweep adopt` recorded; empty for any other."""
        return self.tags.get(tags.ADOPTED, "")

    @property
    def shared_files(self) -> dict[str, str]:
        """The files outside its directory that another trial wrote, too, as far as times prove it: that trial by path."""
        return tags.shared_files_of(self.tags.get(tags.SHARED_FILES, ""))

    @property
    def set_aside_ms(self) -> int:
        """When somebody asked for its trial to be trained again, milliseconds since 1970 UTC; 0: nobody has."""
        return self._number(tags.SET_ASIDE)

    @property
    def attempt(self) -> int:
        """Number of the last attempt, from 1; 0 where none is recorded."""
        return self._number(tags.ATTEMPT)

    @property
    def anew(self) -> dict[str, int] | None:
        """The last step of the earlier training for each metric whose curve is of two; None where nothing tells."""
        return tags.anew_of(self.tags.get(tags.ANEW, ""))

    @property
    def read_in_several_ways(self) -> tuple[str, ...]:
        """The metrics of which it has points of several readings, as the file was edited before it was taken up again."""
        found = tags.readings_of(self.tags.get(tags.METRICS, ""))
        return tuple(sorted(key for key, reading in found.items() if tags.THEN in reading))

    @property
    def epochs(self) -> int:
        """How many epochs its supervisor noted as recorded; 0 where it noted none."""
        return self._number(tags.EPOCHS)

    @property
    def seconds(self) -> float | None:
        """How many seconds its attempts ran in all, up to the last that has ended; None where nobody recorded it."""
        with contextlib.suppress(ValueError):
            seconds = float(self.tags.get(tags.SECONDS, ""))
            return seconds if math.isfinite(seconds) and seconds >= 0 else None
        return None

    def _number(self, tag: str) -> int:
        """A tag that counts; 0 where it is missing, or says no number."""
        value = self.tags.get(tag, "")
        return int(value) if value.isdecimal() else 0


class RunPlace(NamedTuple):
    """Where a run's artifacts are, whether it is deleted or not: MLflow keeps deleted runs until its own `gc`."""

    run_id: str
    is_deleted: bool
    artifacts: str


class Point(NamedTuple):
    """One value of one metric. `time_ms` is when it was logged, milliseconds since 1970 UTC."""

    run_id: str
    key: str
    step: int
    time_ms: int
    value: float


class PointColumns(NamedTuple):
    """Many points as columns of one length: a million objects would take longer than the database does."""

    run_ids: Sequence[str]
    keys: Sequence[str]
    steps: Sequence[int]
    times_ms: Sequence[int]
    values: Sequence[float]


class Store(Protocol):
    """A tracking store, read only: what every kind of store must answer, and in the same way."""

    def runs(self, experiment: str) -> list[RunRecord]:
        """Return the runs that are not deleted, by start, then id.

        Raises:
            UnknownExperimentError: There is no experiment of that name (any more).
            UnreachableStoreError: The store cannot be read.
        """

    def runs_tagged(self, experiment: str, tag: str, value: str) -> list[RunRecord]:
        """Return those of `runs` that have a tag of this value, asked for anew each time."""

    def places(self, experiment: str) -> list[RunPlace]:
        """Return where all runs keep their artifacts, deleted ones among them; raises as `runs`."""

    def experiment_id(self, experiment: str) -> str:
        """Return MLflow's id of an experiment.

        Raises:
            UnknownExperimentError: As `runs`.
            UnreachableStoreError: As `runs`.
        """

    def params(self, experiment: str) -> Iterator[tuple[str, str, str]]:
        """Yield (run_id, key, value) of every param."""

    def finals(self, experiment: str, keys: Collection[str] | None = None) -> Iterator[Point]:
        """Yield the last point of every metric, or of some: greatest step, then latest time, then greatest value."""

    def counts(self, experiment: str, run_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        """Return how many points runs have of each metric, by (run_id, key).

        Empty where the store cannot count: it would have to give every point.
        """

    def points(
        self, experiment: str, keys: Collection[str] | None, run_ids: Collection[str] | None
    ) -> Iterator[PointColumns]:
        """Yield every point as it was logged, in no particular order, repeated steps included.

        Args:
            experiment: The experiment's name.
            keys: Which metrics; None means all.
            run_ids: Which runs; None means all.

        Raises:
            IncompleteReadError: The store gave back less than it holds.
        """


def is_server(tracking_uri: str) -> bool:
    """Whether the store is a tracking server, which has a UI of its own."""
    return tracking_uri.lower().startswith(("http://", "https://"))


def absolute_uri(uri: str) -> str:
    """The same store, named so that it is found from any directory: MLflow keeps what it opened by its name."""
    parts = urlsplit(uri)
    if uri.startswith(_SQLITE) and not uri.startswith(f"{_SQLITE}/"):
        path, mark, options = uri.removeprefix(_SQLITE).partition("?")
        return f"{_SQLITE}{Path(path).absolute()}{mark}{options}" if path else uri
    if not parts.scheme and uri not in _NO_PATHS:
        return str(Path(uri).absolute())
    if parts.scheme == "file" and not uri.startswith("file:/"):
        return f"file://{Path(uri.removeprefix('file:')).absolute()}"
    return uri
