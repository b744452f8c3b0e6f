"""Keeps what is known of a source and of its files while they are read: what waits, what is counted, how far it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from sweeps.rundir.source_journal import Mark
from sweeps.sources.following.naming import Several
from sweeps.sources.following.steps import StepRule
from sweeps.sources.following.visits import Rounds, Turns, Visits
from sweeps.spec.trainer.source_model import ALL, MEAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sweeps.rundir.source_journal import SourceJournal
    from sweeps.sources.reader import Row
    from sweeps.spec.trainer.source_model import Source


LAST_STANDS = "of several values at one step the last stands"
"""What is said where values gave way to later ones."""
MIXED = "was written anew with other values"
"""What is said where a curve is of both."""
NO_STEP = "the row tells no step"
"""What is said of a row without a step in a table that has steps."""
REFUSED = "left out, as the step is none:"
"""What is said of rows that tell what is no step."""
GAVE_NONE = "gave no metric"
"""What is said of a source that gave none."""
NO_LINE = "no line fits"
"""Why, of a pattern."""
_MOST_NAMED = 5
"""How many metrics a note names."""


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
        tells: Whether a row has told a step: those without one are not counted then.
        refused: How many rows were left out, as what they tell is no step.
        beside: How many values of each metric were left out, as their rows tell no step, and the last step has one.
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
        self.tells = source.identity in journal.gave and not self.count
        self.beside: Counter[str] = Counter()
        self.refused = 0
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

    def counts_row(self, told: int | None) -> bool:
        """Whether a row is counted, by the step that it tells; the rows of a source that tells steps are not."""
        self.tells = self.tells or told is not None
        return told is None and self.rule.counts_untold and (self.rule.counts or not self.tells)

    def is_beside(self, told: int | None) -> bool:
        """Whether a row of a table tells no step, and others do."""
        return told is None and self.tells and self.rule.counts_untold and not self.rule.counts

    def has(self, key: str, step: int, visits: Visits) -> bool:
        """Whether a metric has a value at a step, recorded or about to be."""
        return visits.has(key, step) or self._journal.has(key, step)

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
        visits: Which visit of their file to the step gave values, where it is not the first one.
    """

    before: Mark
    counts: Counts
    step: int | None
    is_again: bool
    values: dict[str, list[float]] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)


class Placed:
    """The values of a row, each where it goes.

    Attributes:
        values: Its metrics, by their names in the record.
        groups: Those that wait until their step is over, by step.
        counted: Those that have a step of their own, by that.
    """

    def __init__(
        self, stream: Stream, before: Mark, at: Counts, row: Row, turn: int, *, is_beside: bool = False
    ) -> None:
        self._state = stream.state
        self._is_beside = is_beside
        self._visits = stream.visits
        self._turn = turn
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
        value = float(value)  # of a step that is also a metric it may be a whole number
        if self._leaves_out(key, step):
            self._state.beside[key] += 1
            return
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
        if fate != MEAN and step is not None:
            self._visit(group, key, step, value)

    def _leaves_out(self, key: str, step: int | None) -> bool:
        """Whether a value is that of a row without a step, such as a table's last row of means, and the metric has one where it would stand."""
        return self._is_beside and step is not None and self._state.has(key, step, self._visits)

    def _visit(self, group: Waiting, key: str, step: int, value: float) -> None:
        visit = self._visits.note(key, step, value, self._turn)
        if visit > 1:
            group.visits[key] = visit


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
        visits: How often it came back to its steps.
        rounds: What tells its rounds apart.
        turns: How often the steps changed that it tells.
        by: What makes up its steps.
        shared_turns: How often those changed that a log tells, all of whose lines without one have the last one; of another file its own.
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
    visits: Visits = field(default_factory=Visits)
    rounds: Rounds = field(default_factory=Rounds)
    turns: Turns = field(default_factory=Turns)
    shared_turns: Turns = field(default_factory=Turns)
    by: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: State, file: str, mark: Mark | None, *, anew: bool) -> Stream:
        """A file that is read up to a mark; None: nothing of it is."""
        start = mark or Mark()
        return cls(state, file, start, start, state.all_counts(), counts_anew=anew and mark is None)

    @property
    def start_byte(self) -> int:
        """The byte of a log where its reading began."""
        return int(self.start.position.get("bytes", 0))

    def turn(self, told: int | None, values: Mapping[str, float]) -> int:
        """How often the step of its rows has changed, with a row that tells this one; None: it tells none."""
        if told is None:
            return self.shared_turns.count
        self.shared_turns.move(told)
        self.rounds.note(told, values)
        return self.turns.move(told)

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
        self.visits.restart()
        self.rounds = Rounds()
        if self.is_from_before:
            self.is_from_before, self.first = False, self.state.all_counts()
        else:
            self.state.count_from(*self.first)


def told_of(state: State, streams: Sequence[Stream]) -> Iterator[str]:
    """What the user should know of the values of a source's files that are not recorded: they gave way, or a file was written anew with others."""
    label = state.source.label
    if state.refused:
        rows = "row is" if state.refused == 1 else "rows are"
        yield f"{label}: {state.refused} {rows} {REFUSED} {state.rule.refused}"
    if state.beside:
        values = "value is" if state.beside.total() == 1 else "values are"
        yield (
            f"{label}: {state.beside.total()} {values} left out, of {_named(state.beside)}: {NO_STEP}, "
            "and the last step has one; `step: count` counts all rows"
        )
    replaced: Counter[str] = Counter()
    for stream in streams:
        counters = stream.rounds.counters
        replaced += Counter({key: n for key, n in stream.visits.replaced.items() if key not in counters})
    if replaced:
        names = [key for key, _ in replaced.most_common()]
        remedy = state.rule.finer() or _remedy(names[0], streams)
        yield f"{label}: {LAST_STANDS}: {replaced.total()} gave way, of {_named(names)}; {remedy}"
    rewritten: Counter[str] = Counter()
    for stream in streams:
        rewritten.update(stream.visits.rewritten())
    if rewritten:
        names = [key for key, _ in rewritten.most_common()]
        yield (
            f"{label}: {MIXED} at {rewritten.total()} points, of {_named(names)}; what was recorded first stands, "
            "so that curves are of both: have the program append, or write the step of each value beside it"
        )


def _remedy(name: str, streams: Sequence[Stream]) -> str:
    """What keeps all values of a metric."""
    apart = next((step for stream in streams if (step := stream.rounds.step(stream.by))), "")
    rounds = f"`step: {apart}` gives each its own step; " if apart else ""
    return f"{rounds}`several: {{{name}: all}}` records each, `mean` their mean"


def _named(names: Iterable[str]) -> str:
    return shortened([repr(name) for name in names], _MOST_NAMED)
