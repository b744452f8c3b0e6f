"""Makes a run's journal and the store agree, where one of the two was lost or put back to an older state.

What the store has is asked of the store. What it lacks is sent again from the journal; what it has and the journal
lacks is put into the journal, so that no further attempt logs it again. What neither has any more is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.results import counted
from sweeps.record.batching import batches
from sweeps.record.store.base import Metric
from sweeps.rundir.delivered import Delivered
from sweeps.rundir.journal import Artifact, Metrics, journal_size, read_entries, restore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.record.artifacts import ArtifactLog
    from sweeps.record.mlflow_client import PatientClient
    from sweeps.rundir.journal import Entry
    from sweeps.rundir.paths import RunPaths

SENT_AGAIN = (
    "the record had lost {points} of it (an older copy of the store?); they were sent again from its journal"
)
TAKEN_OVER = (
    "its files on this machine were lost; what the record has of it stands ({points} up to step {last}), "
    "and a further attempt begins anew and does not log these steps again"
)
LOST = "the record lacks points of it that it once had ({keys}), and its journal does not have them either"
LOST_FILES = (
    "the record lacks files of it that it once had ({names}), and they are not on this machine either"
)
OTHERS_FILES = "the files in {place} belong to run {run_id}; they were moved to {moved}"


class Agreement:
    """Compares runs with their journals.

    Args:
        client: The store's client.
        artifacts: Stores artifacts.
    """

    def __init__(self, client: PatientClient, artifacts: ArtifactLog) -> None:
        self._client = client
        self._artifacts = artifacts

    def reach(
        self,
        run_id: str,
        paths: RunPaths,
        last_steps: Mapping[str, int],
        *,
        takes_over: bool,
        doubt: bool = False,
    ) -> Sequence[str]:
        """Make a run and its journal agree before the run goes on or is ended.

        Args:
            run_id: The run.
            paths: Its files.
            last_steps: The last step of each of its metrics, as the store has them now.
            takes_over: Whether the journal gets what it lacks; nobody may be writing it then.
            doubt: Whether to compare every point also where the last steps are as they should be.

        Returns:
            What was found and done, in words: it is among the run's remarks, too.

        Raises:
            RecordError: The store cannot be read or written.
        """
        told = list(_set_aside_anothers(paths))
        claim = Delivered.read(paths)
        size = journal_size(paths)
        known = (
            last_steps if takes_over else {key: last_steps[key] for key in claim.tallies if key in last_steps}
        )
        if doubt or claim.size > size or claim.last_steps != known:
            told += self._compare(run_id, paths, claim, last_steps, takes_over=takes_over)
        for text in told:
            paths.remark(text)
        return told

    def _compare(
        self,
        run_id: str,
        paths: RunPaths,
        claim: Delivered,
        last_steps: Mapping[str, int],
        *,
        takes_over: bool,
    ) -> Iterable[str]:
        """Compare point by point; see `reach`."""
        stored = {point: metric for key in last_steps for point, metric in self._history(run_id, key)}
        entries, end = read_entries(paths.journal, 0)
        journal, unsent = _points(entries), _points(read_entries(paths.journal, claim.size)[0])
        missing = journal.keys() - stored.keys()
        newer = {p for p in unsent.keys() & stored.keys() if unsent[p].timestamp > stored[p].timestamp}
        self._send(run_id, [journal[point] for point in missing | newer])
        lost = missing - unsent.keys()
        if lost:
            yield SENT_AGAIN.format(points=counted(len(lost), "point"))
        if gone := self._send_files(run_id, paths, entries, whole=bool(lost)):
            yield LOST_FILES.format(names=", ".join(gone))
        own = sorted(stored.keys() - journal.keys(), key=lambda point: (stored[point].timestamp, point[1]))
        if own and takes_over:
            restore(paths, (Metrics(stored[p].timestamp, p[1], {p[0]: stored[p].value}) for p in own))
            end = journal_size(paths)
            if not entries:
                last = max(step for _, step in own)
                yield TAKEN_OVER.format(points=counted(len(own), "point"), last=last)
        now = Delivered(paths.run_id).plus(stored.keys() | journal.keys(), end)
        now.write(paths)
        short = [
            key
            for key, tally in claim.tallies.items()
            if key not in now.tallies or now.tallies[key].last < tally.last
        ]
        if short:
            yield LOST.format(keys=", ".join(f"{key} up to step {claim.tallies[key].last}" for key in short))

    def _history(self, run_id: str, key: str) -> Iterable[tuple[tuple[str, int], Metric]]:
        history = self._client.call(lambda: self._client.mlflow.get_metric_history(run_id, key))
        for found in sorted(history, key=lambda metric: metric.timestamp):
            yield (key, found.step), Metric(key, found.value, found.timestamp, found.step)

    def _send(self, run_id: str, points: Iterable[Metric]) -> None:
        in_order = sorted(points, key=lambda metric: (metric.timestamp, metric.step))
        self._client.send(run_id, batches(in_order, [], []))

    def _send_files(
        self, run_id: str, paths: RunPaths, entries: Iterable[Entry], *, whole: bool
    ) -> Sequence[str]:
        """Send what waits in the outbox; with `whole`, also what the store has lost; returns what is lost for good."""
        handed = [entry for entry in entries if isinstance(entry, Artifact)]
        for entry in handed:
            self._artifacts.from_outbox(run_id, paths, entry)
        return self._artifacts.mend(run_id, paths, handed) if whole else ()


def _points(entries: Iterable[Entry]) -> dict[tuple[str, int], Metric]:
    """The points of a journal; of a metric that was logged twice at a step the last one."""
    return {
        (key, row.step): Metric(key, value, row.time_of(key), row.step)
        for row in entries
        if isinstance(row, Metrics)
        for key, value in row.values.items()
    }


def _set_aside_anothers(paths: RunPaths) -> Iterable[str]:
    """Move a run's directory out of the way that is a copy of another run's: its checkpoints are not this run's."""
    claim = Delivered.read(paths)
    if claim.run_id in {"", paths.run_id}:
        return
    moved = paths.root.with_name(f"{paths.run_id}.of-{claim.run_id}")
    paths.root.replace(moved)
    yield OTHERS_FILES.format(place=paths.root.name, run_id=claim.run_id, moved=moved.name)
