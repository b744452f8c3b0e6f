"""Keeps what is known of a source and of its files while they are read: what waits, what is counted, how far it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.rundir.source_journal import Mark
from sweeps.sources.following.naming import Several
from sweeps.sources.following.steps import StepRule
from sweeps.spec.trainer.source_model import ALL, MEAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.rundir.source_journal import SourceJournal
    from sweeps.sources.reader import Row
    from sweeps.spec.trainer.source_model import Source


LAST_STANDS = "of several values at one step the last stands"
"""What is said where values gave way to later ones."""
GAVE_NONE = "gave no metric"
"""What is said of a source that gave none."""
NO_LINE = "no line fits"
"""Why, of a pattern."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted steps at a place of a file.

    Attributes:
        rows: The step of the next row that is counted.
        of_metrics: The next step of each metric whose values are all recorded, as far as the journal does not have it.
        carried: The last step that any source showed.
    """

    rows: int
    of_metrics: Mapping[str, int]
    carried: int | None


class State:
    """What is known of a source, whatever file it is read from.

    Attributes:
        source: The source.
        rule: Where its rows stand.
        several: What several values of a metric at one step become.
        leads: Whether it only says at which step the lines after it stand.
        count: The step of the next row that is counted.
        has_several: Whether it was seen to give several values at a step.
        has_one: Whether it was seen to give one value at a step, and then the next step.
        means: The metrics of which the mean is recorded, by their names in the record.
        replaced: How many values of each metric gave way to a later one at their step.
    """

    def __init__(self, source: Source, journal: SourceJournal) -> None:
        self.source = source
        self.rule = StepRule(source)
        self.several = Several(source)
        self.leads = source.tells_steps_only
        self.count = journal.counts.get(source.identity, 0)
        self.has_several = source.identity in journal.several
        self.has_one = source.kind != "stdout" or self.rule.counts
        self.means: set[str] = set()
        self.replaced: Counter[str] = Counter()
        self._journal = journal
        self._first = self.count  # of a journal of before metrics were counted each for itself
        self._of_metrics = dict(journal.metric_counts.get(source.identity, {}))
        self._unsaved: dict[str, int] = {}

    @property
    def waits(self) -> bool:
        """Whether the values of a step are recorded when it is over: so are the first of what a program prints."""
        return self.stays_open or not self.has_one

    @property
    def stays_open(self) -> bool:
        """Whether more of a step that an attempt left in the middle may follow in the next one."""
        return self.has_several or self.several.has_means

    def next_of(self, key: str) -> int:
        """The step of the next value of a metric whose values are counted."""
        step = self._of_metrics.get(key, self._first)
        self._of_metrics[key] = self._unsaved[key] = step + 1
        return step

    def counts(self, carried: int | None) -> Counts:
        """Its counts as they are now."""
        return Counts(self.count, dict(self._unsaved) if self._unsaved else {}, carried)

    def all_counts(self) -> tuple[int, Mapping[str, int]]:
        """Its counts, to go back to."""
        return self.count, dict(self._of_metrics)

    def count_from(self, rows: int = 0, of_metrics: Mapping[str, int] | None = None) -> None:
        """Count on from here; from the beginning where nothing is said."""
        self.count = rows
        if of_metrics is None:
            self._first = 0
        found = of_metrics or {}
        self._unsaved |= {key: found.get(key, self._first) for key in self._of_metrics}
        self._of_metrics = dict(found)

    def saved(self) -> None:
        """Forget of which counts the journal has to be told, where it has them."""
        if self._unsaved:
            known = self._journal.metric_counts.get(self.source.identity, {})
            self._unsaved = {key: count for key, count in self._unsaved.items() if known.get(key) != count}


@dataclass
class Waiting:
    """The values of a step that are not recorded yet.

    Attributes:
        before: How far the file is read without them.
        counts: The counts there.
        step: Their step; None: they are final.
        is_again: Whether they may have been read before.
        values: What is given of each metric: of a mean every value, of others the last.
        held: Values of series of which the last one is recorded, by their own names.
        times: When values were written, as far as it is known.
    """

    before: Mark
    counts: Counts
    step: int | None
    is_again: bool
    values: dict[str, list[float]] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)


class Placed:
    """The values of a row, each where it goes.

    Attributes:
        values: Its metrics, by their names in the record.
        groups: Those that wait until their step is over, by step.
        counted: Those that have a step of their own, by that.
    """

    def __init__(self, state: State, before: Mark, at: Counts, row: Row) -> None:
        self._state = state
        self._before = before
        self._at = at
        self._row = row
        self.values: dict[str, float] = {}
        self.groups: dict[int | None, Waiting] = {}
        self.counted: dict[int, dict[str, float]] = {}

    def group(self, step: int | None) -> Waiting:
        """The values of a step."""
        if step not in self.groups:
            self.groups[step] = Waiting(self._before, self._at, step, self._row.is_again)
        return self.groups[step]

    def put(self, name: str, key: str, step: int | None, value: float) -> None:
        """Place a value that the source calls `name`, and the record `key`."""
        self.values[key] = value
        fate = self._state.several.of(name, key)
        if fate == ALL:
            self.counted.setdefault(self._state.next_of(key), {})[key] = value
            return
        if fate == MEAN:
            self._state.means.add(key)
        group = self.group(step)
        group.values[key] = [value]
        if self._row.time_ms:
            group.times[key] = self._row.time_ms


@dataclass
class Stream:
    """A file of a source on its way into the journal.

    Attributes:
        state: What is known of its source.
        file: The file as the journal names it.
        start: Where its reading began.
        done: How far it is read.
        first: The counts with which it begins.
        is_from_before: Whether an earlier attempt wrote it, and this one has not written it anew.
        counts_anew: Whether counted steps begin anew with its first row.
        waiting: What waits.
        last: The step that was recorded last, and its metrics.
    """

    state: State
    file: str
    start: Mark
    done: Mark
    first: tuple[int, Mapping[str, int]]
    is_from_before: bool = False
    counts_anew: bool = False
    waiting: Waiting | None = None
    last: tuple[int | None, frozenset[str]] = (None, frozenset())

    @classmethod
    def of(cls, state: State, file: str, mark: Mark | None, *, anew: bool) -> Stream:
        """A file that is read up to a mark; None: nothing of it is."""
        start = mark or Mark()
        return cls(state, file, start, start, state.all_counts(), counts_anew=anew and mark is None)

    @property
    def start_byte(self) -> int:
        """The byte of a log where its reading began."""
        return int(self.start.position.get("bytes", 0))

    def begins(self) -> None:
        """Note that a row of it is read."""
        if self.counts_anew:
            self.counts_anew = False
            self.state.count_from()
            self.first = self.state.all_counts()

    def restart(self) -> None:
        """Note that the file was written anew, so that what waits of it is read again.

        An attempt that finds a file of an earlier one and writes it anew goes on counting; one that writes its own file
        anew writes again what it has counted.
        """
        self.waiting = None
        if self.is_from_before:
            self.is_from_before, self.first = False, self.state.all_counts()
        else:
            self.state.count_from(*self.first)
