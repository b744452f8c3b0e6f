"""Follows the metric sources of a run: while its program runs, or after an attempt that could not do so to its end."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.rundir.source_journal import SourceJournal
from sweeps.sources.following.collector import Collector
from sweeps.sources.following.order import ReadOrder
from sweeps.sources.following.readings import note_readings
from sweeps.sources.following.streams import GAVE_NONE, NO_LINE
from sweeps.sources.following.watches import FileWatch, LogWatch
from sweeps.spec.trainer.source_model import MLFLOW, OWN_MLFLOW

if TYPE_CHECKING:
    from collections.abc import Collection

    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.trainer.source_model import Source

POLL_S = 0.25
"""How often files are looked at; less often where that costs more than `SHARE` of the time."""
LOOK_S = 1.0
"""How often new files are looked for."""
POSITIONS_S = 5.0
"""How often it is written down how far files are read that give nothing."""
LONGEST_S = 10.0
"""The longest time between two looks."""
SHARE = 0.04
"""How much of one core following may cost."""


class Follower:
    """Reads the sources of a run into its journal, which nobody else is writing."""

    def __init__(self, order: ReadOrder, paths: RunPaths, journal: SourceJournal) -> None:
        self._journal = journal
        self._order = order
        self._paths = paths
        self._collector = Collector(order, journal)
        directory = Path(order.directory)
        self._sources = sources = [source for source in order.sources.sources if source.kind != MLFLOW]
        self._files = [
            FileWatch(source, directory, paths, self._collector, journal, order.since_ms)
            for source in (*sources, OWN_MLFLOW)
            if source.kind != "stdout"
        ]
        patterns = [source for source in sources if source.kind == "stdout"]
        self._logs = LogWatch(patterns, paths, self._collector, journal) if patterns else None
        self._watches: list[FileWatch | LogWatch] = [*self._files, *([self._logs] if self._logs else [])]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="metric sources", daemon=True)
        self._reading = threading.Lock()
        self._failure: Exception | None = None

    def catch_up(self, *, finished: bool = False) -> None:
        """Read what is there, as of attempts that are over; the last of them has `finished`, or not."""
        self._poll(look=True, whole=finished)
        self._end(finished=finished)

    def start(self, attempt: int, *, resumed: bool) -> None:
        """Catch up with earlier attempts, and follow this one from now on; `resumed`: it goes on where the last one left off."""
        if self._logs is not None and self._journal.attempt != attempt:  # not one that was queued again
            self._logs.most = attempt - 1
        self.catch_up()
        if self._logs is not None:
            self._logs.most = attempt
        self._journal.begin(attempt, resumed=resumed)
        self._collector.begin(resumed=resumed)
        self._thread.start()

    def finish(self, *, finished: bool) -> None:
        """Read the rest, once the program has ended, and tell in the attempt's log what could not be read.

        Raises:
            OSError: The journal cannot be written.
        """
        self.abandon()
        if self._failure is not None:
            raise self._failure
        self._poll(look=True, whole=finished)
        self._end(finished=finished)
        for note in self.notes(finished=finished):
            print(f"sweep: {note}", file=sys.stderr, flush=True)  # noqa: T201 - the attempt's log

    def notes(self, *, finished: bool = False) -> list[str]:
        """What the user should know of what was read, and what could not be read, once each.

        Args:
            finished: Whether the program has finished, so that a source that gave no metric gives none.
        """
        notes = [*self._collector.notes(), *(note for watch in self._watches for note in watch.notes())]
        return [*notes, *self._silent()] if finished else notes

    def _silent(self) -> list[str]:
        """Which sources gave no metric, and why, as far as that is known."""
        return [
            f"{source.label}: {GAVE_NONE}: {self._why_none(source)}"
            for source in self._sources
            if not source.tells_steps_only and source.identity not in self._journal.gave
        ]

    def _why_none(self, source: Source) -> str:
        if source.kind == "stdout":
            return self._collector.odd_of(source) or NO_LINE
        if not any(watch.source is source and watch.has_files for watch in self._files):
            return "there is no such file"
        return self._collector.odd_of(source) or "it has no numbers"

    def abandon(self) -> None:
        """Stop following, without reading the rest."""
        self._ended.set()
        self._thread.join()

    def read_now(self) -> None:
        """Read what is there by now, and record what is complete; waits for the follower's own reading."""
        with self._reading:
            self._poll(look=True)
            self._collector.settle(positions=True)

    def _follow(self) -> None:
        looked_s = told_s = time.monotonic()
        wait_s = 0.0
        while not self._ended.wait(max(POLL_S, wait_s)):
            began_s = time.monotonic()
            look, positions = began_s - looked_s >= LOOK_S, began_s - told_s >= POSITIONS_S
            try:
                with self._reading:
                    self._poll(look=look)
                    self._collector.settle(positions=positions)
            except Exception as error:  # noqa: BLE001 - told where the program's end is waited for
                self._failure = error
                return
            looked_s = began_s if look else looked_s
            told_s = began_s if positions else told_s
            wait_s = min((time.monotonic() - began_s) / SHARE, LONGEST_S)

    def _end(self, *, finished: bool) -> None:
        self._collector.end(finished=finished)
        note_readings(self._paths, self._journal.read_by, self._journal.recorded_by, self._order.sources)

    def _poll(self, *, look: bool, whole: bool = False) -> None:
        for watch in self._watches:
            if look:
                watch.look()
            watch.read(whole=whole)


def record_open(paths: RunPaths) -> bool:
    """Record the steps that attempts left in the middle: the trial failed or was pruned, and nothing of it follows.

    Returns:
        Whether there were any.
    """
    if ReadOrder.read(paths) is None:
        return False
    with closing(SourceJournal(paths)) as journal:
        return journal.close_open()


def catch_up(paths: RunPaths, *, finished: bool = False) -> bool:
    """Record what the attempts of a run left unread: they are over, the last one `finished` or not, and nobody writes the journal.

    Returns:
        Whether the run has metric sources.
    """
    return read_rest(paths, finished=finished) is not None


def read_rest(paths: RunPaths, *, finished: bool, held_back: Collection[str] = ()) -> list[str] | None:
    """Do as `catch_up`, but record nothing of metrics that are held back; returns its notes, None where the run has no metric sources."""
    order = ReadOrder.read(paths)
    if order is None:
        return None
    with closing(SourceJournal(paths)) as journal:
        journal.held_back = held_back
        follower = Follower(order, paths, journal)
        follower.catch_up(finished=finished)
        return follower.notes(finished=finished)
